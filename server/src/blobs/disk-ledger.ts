import { randomBytes } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import type { UploadPart } from './blob-store.ts'

/** Names one try to write one part. */
export type Attempt = string

/**
 * Which parts of an upload are on disk: one 32-byte record per part number, beside the staged bytes. A part is claimed before its
 * first byte is written and landed after its last byte is safe, so that neither a crash nor a second process can make
 * a half-written part look whole.
 */
export interface Ledger {
  /** Declares that the part is being written from now on, and takes it from whoever was writing it. */
  claim(part: UploadPart): Promise<Attempt>
  /** True while nobody else has claimed the part. */
  holds(part: UploadPart, attempt: Attempt): Promise<boolean>
  /** Declares the part whole and safe. False when somebody else has claimed it meanwhile: then it counts as unwritten. */
  land(part: UploadPart, attempt: Attempt): Promise<boolean>
  /** The attempts that landed these parts, in their order; undefined when one of them is not whole. */
  landed(parts: UploadPart[]): Promise<Attempt[] | undefined>
}

const recordBytes = 32
const isBeingWritten = 1
const isLanded = 2

/** The ledger kept in an open file. */
export function openLedger(file: FileHandle): Ledger {
  const read = async (part: UploadPart): Promise<Buffer> => {
    const record = Buffer.alloc(recordBytes)
    await file.read(record, 0, recordBytes, part.number * recordBytes)
    return record
  }
  const write = (part: UploadPart, record: Buffer): Promise<unknown> =>
    file.write(record, 0, recordBytes, part.number * recordBytes)
  const holds = async (part: UploadPart, attempt: Attempt): Promise<boolean> =>
    (await read(part)).equals(encode(part, attempt, isBeingWritten))

  return {
    holds,
    async claim(part) {
      const attempt = randomBytes(8).toString('hex')
      const before = await read(part)
      await write(part, encode(part, attempt, isBeingWritten))
      // A part that counted as whole must not count any more before its bytes change.
      if (before.readUInt32LE(24) === isLanded) await file.datasync()
      return attempt
    },
    async land(part, attempt) {
      const isOurs = await holds(part, attempt)
      await write(part, isOurs ? encode(part, attempt, isLanded) : Buffer.alloc(recordBytes))
      await file.datasync()
      return isOurs
    },
    async landed(parts) {
      const last = Math.max(...parts.map((part) => part.number))
      const records = Buffer.alloc((last + 1) * recordBytes)
      await file.read(records, 0, records.length, 0)
      const attempts = parts.map((part) => decode(part, records.subarray(part.number * recordBytes)))
      return attempts.every((attempt) => attempt !== undefined) ? attempts : undefined
    },
  }
}

function encode(part: UploadPart, attempt: Attempt, state: number): Buffer {
  const record = Buffer.alloc(recordBytes)
  record.write(attempt, 0, 'hex')
  record.writeBigUInt64LE(BigInt(part.offset), 8)
  record.writeBigUInt64LE(BigInt(part.size), 16)
  record.writeUInt32LE(state, 24)
  record.writeUInt32LE(part.number, 28)
  return record
}

function decode(part: UploadPart, record: Buffer): Attempt | undefined {
  const attempt = record.toString('hex', 0, 8)
  return encode(part, attempt, isLanded).equals(record.subarray(0, recordBytes)) ? attempt : undefined
}
