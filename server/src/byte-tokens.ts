import type { Parts } from './context.ts'
import { isSigned, sign } from './secrets.ts'

/** What a signed byte address lets its holder do. */
export type ByteGrant =
  | { kind: 'put'; uploadId: string; part: number }
  | { kind: 'own'; nodeId: string; userId: string }
  | { kind: 'share'; shareId: string; codeVersion: string; nodeId: string; userId: string }

const life = 3600

/** A signed token for a byte address, good for an hour as documented. */
export function writeByteToken(parts: Pick<Parts, 'keys' | 'now'>, grant: ByteGrant): string {
  const end = Math.floor(parts.now().getTime() / 1000) + life
  const text = Buffer.from(JSON.stringify([end, grant])).toString('base64url')
  return `${text}.${sign(parts.keys.bytes, text, 'base64url')}`
}

/** What the token grants; undefined when it is not ours, was changed, or its hour is over. */
export function readByteToken(parts: Pick<Parts, 'keys' | 'now'>, token: string): ByteGrant | undefined {
  const [text = '', signature = '', ...rest] = token.split('.')
  if (rest.length > 0 || !isSigned(parts.keys.bytes, text, signature, 'base64url')) return undefined
  const [end, grant] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as [number, ByteGrant]
  return end * 1000 > parts.now().getTime() ? grant : undefined
}
