import { randomBytes } from 'node:crypto'

const prefix = randomBytes(30).toString('base64url')
let count = 0

/** The caller's trace id when it has the documented form of 58 characters (decision W7), otherwise a new one. */
export function traceIdOf(header: unknown): string {
  if (typeof header === 'string' && header.length === 58 && /^[0-9A-Za-z_-]{58}$/.test(header)) return header
  count = (count + 1) % Number.MAX_SAFE_INTEGER
  return `${prefix}${count.toString(36).padStart(18, '0')}`
}
