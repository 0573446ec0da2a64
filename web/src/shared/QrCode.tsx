import qrcode from 'qrcode/lib/core/qrcode.js'

/** A QR code, black on white in either scheme so that every camera reads it. */
export function QrCode({ text, label, size = 184 }: { text: string; label: string; size?: number }) {
  return <img src={`data:image/svg+xml,${encodeURIComponent(drawQr(text))}`} alt={label} width={size} height={size} />
}

function drawQr(text: string): string {
  const { modules } = qrcode.create(text, { errorCorrectionLevel: 'M' })
  const quiet = 3
  const cells = Array.from({ length: modules.size }, (_, index) => index)
  const path = cells
    .flatMap((y) => cells.filter((x) => modules.get(y, x)).map((x) => `M${x + quiet} ${y + quiet}h1v1h-1z`))
    .join('')
  const side = modules.size + quiet * 2
  const picture = `<rect width="${side}" height="${side}" fill="#fff"/><path d="${path}"/>`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">${picture}</svg>`
}
