import { Transform } from 'node:stream'
import type { Readable } from 'node:stream'
import { BlobIncompleteError, BlobLengthError } from './blob-store.ts'
import type { StagedUpload, UploadPart } from './blob-store.ts'

const batchBytes = 1 << 20
const batchChunks = 512

/**
 * Collects `body` into batches of about 1 MiB and throws BlobLengthError unless it has exactly `size` bytes; no batch ever goes
 * beyond them. The body is not destroyed, so that the caller can still answer whoever sends it.
 */
export async function* gatherBody(body: Readable, size: number): AsyncGenerator<Uint8Array[]> {
  let total = 0
  let bytes = 0
  let batch: Uint8Array[] = []
  for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    total += chunk.length
    if (total > size) throw tooLong(size)
    bytes += chunk.length
    batch.push(chunk)
    if (bytes < batchBytes && batch.length < batchChunks) continue
    yield batch
    batch = []
    bytes = 0
  }
  if (total < size) throw tooShort(size)
  if (batch.length > 0) yield batch
}

/** Takes the body in hand before anybody reads it, so that its breaking before then is no uncaught error. */
export function holdBody(body: Readable): void {
  body.on('error', () => {})
}

/** Passes exactly `size` bytes on, holding the last chunk back until it is known that nothing follows; fails with BlobLengthError otherwise. */
export function exactBody(size: number): Transform {
  let total = 0
  let held: Uint8Array | undefined
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      total += chunk.length
      if (total > size) return done(tooLong(size))
      const ready = held
      held = chunk
      done(null, ready)
    },
    flush(done) {
      if (total < size) done(tooShort(size))
      else done(null, held)
    },
  })
}

/** Throws a RangeError unless the part lies inside the upload and has a number that every store can take. */
export function requirePart(upload: StagedUpload, part: UploadPart): void {
  const isWhole = [upload.size, part.number, part.offset, part.size].every(Number.isSafeInteger)
  const isNumbered = part.number >= 1 && part.number <= 10_000
  const isInside = part.offset >= 0 && part.size >= 1 && part.offset + part.size <= upload.size
  if (!isWhole || !isNumbered || !isInside) throw new RangeError('the part is not inside the upload')
}

/** The parts in the order of their bytes. Throws BlobIncompleteError unless they cover the upload exactly, each byte once. */
export function orderParts(upload: StagedUpload, parts: UploadPart[]): UploadPart[] {
  const ordered = parts.toSorted((a, b) => a.offset - b.offset)
  let covered = 0
  let number = 0
  for (const part of ordered) {
    requirePart(upload, part)
    if (part.offset !== covered || part.number <= number)
      throw new BlobIncompleteError('the parts do not cover the content')
    covered += part.size
    number = part.number
  }
  if (covered !== upload.size) throw new BlobIncompleteError('the parts do not cover the content')
  return ordered
}

function tooLong(size: number): BlobLengthError {
  return new BlobLengthError(`the part has more than the ${size} bytes it was declared with`)
}

function tooShort(size: number): BlobLengthError {
  return new BlobLengthError(`the part has fewer than the ${size} bytes it was declared with`)
}
