import qrcode from 'qrcode/lib/core/qrcode.js'

/** A QR code as one SVG path, black on white in either scheme so that every camera reads it. */
export function QrCode({ text, label, size = 184 }: { text: string; label: string; size?: number }) {
  const { modules } = qrcode.create(text, { errorCorrectionLevel: 'M' })
  const quiet = 3
  const cells = Array.from({ length: modules.size }, (_, index) => index)
  const path = cells
    .flatMap((y) => cells.filter((x) => modules.get(y, x)).map((x) => `M${x + quiet} ${y + quiet}h1v1h-1z`))
    .join('')
  const side = modules.size + quiet * 2
  return (
    <svg
      role="img"
      aria-label={label}
      width={size}
      height={size}
      viewBox={`0 0 ${side} ${side}`}
      shapeRendering="crispEdges"
    >
      <rect width={side} height={side} rx="1.5" fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}
