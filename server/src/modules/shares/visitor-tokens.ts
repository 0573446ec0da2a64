import type { Parts } from '../../context.ts'
import { isSigned, sign } from '../../secrets.ts'

/** Life of a visitor token in seconds (decision S5). */
export const visitorLife = 7200

const form = /^([0-9a-f]{12})([0-9a-f]{36})$/

function signedText(shareId: string, codeVersion: string, end: string): string {
  return `${shareId}\n${codeVersion}\n${end}`
}

/** A `kdstoken`: good for one share, one version of its code, and two hours. */
export function writeVisitorToken(
  parts: Pick<Parts, 'keys' | 'now'>,
  share: { id: string; code_version: string },
): string {
  const end = (Math.floor(parts.now().getTime() / 1000) + visitorLife).toString(16).padStart(12, '0')
  return end + sign(parts.keys.visitor, signedText(share.id, share.code_version, end), 18).toString('hex')
}

/** Whether a `kdstoken` opens this share as it is now. */
export function isVisitorToken(
  parts: Pick<Parts, 'keys' | 'now'>,
  share: { id: string; code_version: string },
  token: string,
): boolean {
  const [, end = '', signature = ''] = form.exec(token) ?? []
  if (end === '' || Number.parseInt(end, 16) * 1000 <= parts.now().getTime()) return false
  return isSigned(parts.keys.visitor, signedText(share.id, share.code_version, end), Buffer.from(signature, 'hex'))
}
