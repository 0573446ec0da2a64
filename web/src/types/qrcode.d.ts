declare module 'qrcode/lib/core/qrcode.js' {
  interface QrSymbol {
    modules: { size: number; get: (row: number, column: number) => number }
  }
  const qrcode: { create: (text: string, options?: { errorCorrectionLevel?: 'L' | 'M' | 'Q' | 'H' }) => QrSymbol }
  export default qrcode
}
