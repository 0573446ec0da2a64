/** Random lower-case hex digits, two per byte; not crypto.randomUUID, which browsers keep from pages served over plain http. */
export function randomHex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes))
  return Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
