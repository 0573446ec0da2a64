import type { ByteRange } from '../blobs/blob-store.ts'

/**
 * The one range a request asks for; undefined for the whole, also when several ranges are asked for or `If-Range` names
 * another content.
 */
export function readRange(
  header: string | undefined,
  ifRange: string | string[] | undefined,
  size: number,
  etag: string,
): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,16})-(\d{0,16})$/.exec(header ?? '') ?? []
  if (first === '' && last === '') return undefined
  if (ifRange !== undefined && ifRange !== etag) return undefined
  return first === '' ? lastBytes(Number(last), size) : bytesFrom(Number(first), last, size)
}

function lastBytes(count: number, size: number): ByteRange | 'unsatisfiable' {
  return count === 0 || size === 0 ? 'unsatisfiable' : { start: Math.max(0, size - count), end: size - 1 }
}

function bytesFrom(start: number, last: string, size: number): ByteRange | 'unsatisfiable' | undefined {
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  // a range that ends before it begins is none (RFC 9110)
  if (last !== '' && Number(last) < start) return undefined
  return start >= size ? 'unsatisfiable' : { start, end }
}
