import type { Parts } from '../../context.ts'
import { isSigned, sign } from '../../secrets.ts'

/** Life of a visitor token in seconds (decision S5). */
export const visitorLife = 7200

const form = /^[0-9a-f]{48}$/

function signedText(shareId: string, codeVersion: string, end: string): string {
  return `${shareId}\n${codeVersion}\n${end}`
}

/** A `kdstoken`: good for one share, one version of its code, and two hours. */
export function writeVisitorToken(
  parts: Pick<Parts, 'keys' | 'now'>,
  share: { id: string; code_version: string },
): string {
  const end = (Math.floor(parts.now().getTime() / 1000) + visitorLife).toString(16).padStart(12, '0')
  return end + sign(parts.keys.visitor, signedText(share.id, share.code_version, end), 'hex')
}

const maxKnown = 10_000
const known = new Map<string, string>()

/** Whether a `kdstoken` opens this share as it is now. What was checked once is remembered for exactly this share and version. */
export function isVisitorToken(
  parts: Pick<Parts, 'keys' | 'now'>,
  share: { id: string; code_version: string },
  token: string,
): boolean {
  const end = token.slice(0, 12)
  if (token.length !== 48 || !(Number.parseInt(end, 16) * 1000 > parts.now().getTime())) return false
  const text = signedText(share.id, share.code_version, end)
  if (known.get(token) === text) return true
  if (!form.test(token) || !isSigned(parts.keys.visitor, text, token.slice(12), 'hex')) return false
  if (known.size >= maxKnown) known.clear()
  known.set(token, text)
  return true
}
