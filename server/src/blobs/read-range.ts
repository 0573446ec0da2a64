import type { ByteRange } from './blob-store.ts'

/** Where to begin and how many bytes at most. Throws a RangeError for a range that no content can have. */
export function readRange(range: ByteRange | undefined): { start: number; length: number } {
  if (range === undefined) return { start: 0, length: Infinity }
  const { start, end } = range
  const isPossible = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end >= start
  if (!isPossible) throw new RangeError('not a range of bytes')
  return { start, length: end - start + 1 }
}
