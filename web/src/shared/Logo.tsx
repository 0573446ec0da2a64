/** The mark: a driveway that runs into a rounded square. */
export function Logo({ size = 32 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="#1c6b57" />
      <path d="M13.2 7h5.6L26 32H6z" fill="#0f4739" />
      <path d="M15.4 9.5h1.2l.3 3.5h-1.8zM14.9 15.5h2.2l.4 4.5h-3zM14.2 23h3.6l.5 6h-4.6z" fill="#f3c969" />
    </svg>
  )
}
