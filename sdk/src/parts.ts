const MiB = 1024 ** 2

export const smallestPart = 5 * MiB
export const usualPart = 16 * MiB
export const mostParts = 10_000

/** A stretch of a file that travels by itself. */
export interface Part {
  partNumber: number
  partSize: number
  partOffset: number
}

/**
 * The part size for a file: small files go in one part, middling ones in three at once, big ones in parts of 16 MiB, or larger
 * where 10,000 parts would not do. Always whole MiB of at least 5.
 */
export function partSizeFor(length: number): number {
  const wholeMiB = (bytes: number) => Math.ceil(bytes / MiB) * MiB
  const usual = Math.min(usualPart, Math.max(smallestPart, wholeMiB(length / 3)))
  return Math.max(usual, wholeMiB(length / mostParts))
}

/** The parts of a file in order; an empty file has none. */
export function planParts(length: number, partSize: number): Part[] {
  const count = Math.ceil(length / partSize)
  return Array.from({ length: count }, (_, index) => {
    const partOffset = index * partSize
    return { partNumber: index + 1, partSize: Math.min(partSize, length - partOffset), partOffset }
  })
}
