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
  const match = /^bytes=(\d{0,16})-(\d{0,16})$/.exec(header ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  if (ifRange !== undefined && ifRange !== etag) return undefined
  const [, first = '', last = ''] = match
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (first !== '' && last !== '' && Number(last) < start) return undefined
  return start >= size || (first === '' && Number(last) === 0) ? 'unsatisfiable' : { start, end }
}
