import { invalidField } from '../../errors.ts'

/** A part as a client declares it. */
export interface DeclaredPart {
  partNumber: number
  partSize: number
  partOffset?: number
}

/** A part with its place in the content. */
export interface PlacedPart {
  number: number
  start: number
  size: number
}

const smallestPart = 5 * 1024 * 1024

/**
 * Gives each declared part its place: the offset it names, or the sum of the parts before it. Throws PARAMETER_INVALID for a
 * number twice, a place that cannot be known, bytes past the end, and parts under 5 MiB that are not the last.
 */
export function placeParts(
  declared: readonly DeclaredPart[],
  known: readonly PlacedPart[],
  length: number,
): PlacedPart[] {
  const ends = new Map(known.map((part) => [part.number, part.start + part.size]))
  const fresh = new Set<number>()
  const order = declared
    .map((part, index) => ({ part, index }))
    .toSorted((a, b) => a.part.partNumber - b.part.partNumber)
  const placed: PlacedPart[] = []
  for (const { part, index } of order) {
    const field = `multiParts[${index}]`
    if (fresh.has(part.partNumber)) throw invalidField(`${field}.partNumber`, 'DUPLICATE', 'is there twice')
    fresh.add(part.partNumber)
    const start = part.partOffset ?? (part.partNumber === 1 ? 0 : ends.get(part.partNumber - 1))
    if (start === undefined) {
      throw invalidField(`${field}.partOffset`, 'MISSING', 'is required when the part before is not declared')
    }
    const end = start + part.partSize
    if (end > length) throw invalidField(`${field}.partSize`, 'OUT_OF_RANGE', 'reaches past the length of the file')
    if (part.partSize < smallestPart && end !== length) {
      throw invalidField(`${field}.partSize`, 'OUT_OF_RANGE', 'must be at least 5242880 but for the last part')
    }
    ends.set(part.partNumber, end)
    placed.push({ number: part.partNumber, start, size: part.partSize })
  }
  return placed
}

/** Whether the parts cover the content from its first byte to its last, each byte once. */
export function coversAll(parts: readonly PlacedPart[], length: number): boolean {
  let end = 0
  for (const part of parts.toSorted((a, b) => a.start - b.start || a.size - b.size)) {
    if (part.start !== end) return false
    end += part.size
  }
  return end === length
}
