/** The first letters of a name on a calm ground. */
export function Avatar({ name, size = 40 }: { name: string; size?: number }) {
  const words = name.trim().split(/\s+/)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => Array.from(word ?? '')[0] ?? '')
    .join('')
    .toUpperCase()
  return (
    <span
      aria-hidden="true"
      style={{
        display: 'grid',
        placeItems: 'center',
        flex: 'none',
        width: size,
        height: size,
        borderRadius: '50%',
        background: 'var(--dw-chosen)',
        color: 'var(--dw-accent-ink)',
        fontSize: size * 0.4,
        fontWeight: 600,
      }}
    >
      {letters}
    </span>
  )
}
