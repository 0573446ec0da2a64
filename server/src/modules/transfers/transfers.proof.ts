import { createHash, timingSafeEqual } from 'node:crypto'
import type { BlobStore } from '../../blobs/blob-store.ts'

const window = 4096
const head = 1024

/** Where the proven 4 KiB begin in content of this length, for this access token (decision F4). */
export function proofOffset(token: string, length: number): number {
  const number = createHash('sha256').update(token).digest().readBigUInt64BE(0)
  return Number(number % BigInt(Math.max(1, length - window)))
}

/** Whether a caller who knows the token has shown that the content is in his hands. */
export async function isProven(
  blobs: BlobStore,
  content: { key: string; size: number },
  claim: { token: string; preHash: string; proofCode: string },
): Promise<boolean> {
  if (content.size === 0) return false
  const start = proofOffset(claim.token, content.size)
  const [first, middle] = await Promise.all([
    readBytes(blobs, content, 0, head),
    readBytes(blobs, content, start, window),
  ])
  const preHash = createHash('sha256').update(first).digest('hex')
  const expected = createHash('sha256').update(claim.token).update(middle).digest()
  const given = Buffer.from(claim.proofCode, 'base64url')
  return preHash === claim.preHash.toLowerCase() && given.length === expected.length && timingSafeEqual(given, expected)
}

async function readBytes(
  blobs: BlobStore,
  content: { key: string; size: number },
  start: number,
  length: number,
): Promise<Buffer> {
  const end = Math.min(content.size, start + length) - 1
  const chunks: Buffer[] = []
  for await (const chunk of await blobs.read(content.key, { start, end })) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
