import type { Readable } from 'node:stream'

/** An upload that is being collected. `ref` is the store's own handle (an S3 upload id; empty on disk). */
export interface StagedUpload {
  key: string
  ref: string
  /** Bytes the whole content will have. */
  size: number
}

/** One stretch of an upload: `size` bytes (at least 1) that begin `offset` bytes into the content; `number` is 1 to 10000 and rises with `offset`. */
export interface UploadPart {
  number: number
  offset: number
  size: number
}

/** What is known of finished content. `sha256` is lower-case hex, `crc32` an unsigned integer. */
export interface BlobFacts {
  size: number
  sha256: string
  crc32: number
}

/** The bytes `start` to `end`, both included, as in HTTP. */
export interface ByteRange {
  start: number
  end: number
}

/** How a signed read address presents the content to whoever follows it. */
export interface ReadPresentation {
  fileName: string
  mimeType: string
  isInline: boolean
}

/**
 * Where file contents live. The comments are the specification; `blob-store.contract.ts` is the suite every implementation passes.
 *
 * A key is 32 lower-case hex characters, made by the caller, used for one content only and never used again. Anything else
 * is refused with a TypeError before the store is touched, so that no key can ever be read as a path.
 */
export interface BlobStore {
  readonly kind: 'disk' | 's3'

  /** Opens an upload. Nothing is readable under `key` before `finishUpload` is called. Calling it twice for one key gives a usable upload both times. */
  beginUpload(key: string, size: number): Promise<StagedUpload>

  /**
   * An address the client can PUT exactly `part.size` bytes to without passing this process, good for `seconds`;
   * undefined when bytes have to come through `writePart`.
   */
  signPart(upload: StagedUpload, part: UploadPart, seconds: number): Promise<string | undefined>

  /**
   * Takes exactly `part.size` bytes from `body` in constant memory. Resolves when they are safe from a power cut.
   * Parts may come in any order, in parallel, and again (the last one to finish counts).
   * Rejects with BlobLengthError when `body` ends early or runs over (what runs over is never written), and with the
   * body's own error when it breaks; a rejected part leaves the upload usable and the part unwritten, or as an earlier call left it.
   * Rejects with BlobMissingError once the upload is finished or aborted, with a RangeError when the part is not inside the upload.
   * A call that is still waiting for its body may be rejected in favour of a newer one for the same part. `body` is not destroyed
   * when its length is wrong, so that its sender can still be answered.
   */
  writePart(upload: StagedUpload, part: UploadPart, body: Readable): Promise<void>

  /**
   * The bytes the store holds of each part, by part number, where parts come past this process; undefined where they come through
   * `writePart`, whose caller knows. Empty when there is no such upload, as after it was finished or aborted.
   */
  landedParts(upload: StagedUpload): Promise<Map<number, number> | undefined>

  /**
   * Joins the parts, checks the length and, when given, the SHA-256, and makes the content readable under the upload's key,
   * safe from a power cut. Memory stays constant and the hashing happens off the event loop.
   * May be repeated after a crash: content that is already in place is checked and answered again.
   * Rejects with BlobIncompleteError when parts do not cover the size, with BlobMismatchError when the hash is another
   * (the upload is then gone). `parts` is empty for empty content.
   */
  finishUpload(upload: StagedUpload, parts: UploadPart[], sha256?: string): Promise<BlobFacts>

  /** Throws the staged bytes away. Never touches finished content. Unknown uploads are no error. */
  abortUpload(upload: StagedUpload): Promise<void>

  /**
   * Throws away what killed processes left staged before a moment and no caller can name any more. May take every upload that was
   * begun before then with it, never one begun later, and never touches finished content.
   */
  dropStale(before: Date): Promise<void>

  /**
   * The content, or a range of it, which ends early where the content ends. Rejects before the first byte: with BlobMissingError
   * when there is no content, with a RangeError when the range is none or begins at or after the end.
   */
  read(key: string, range?: ByteRange): Promise<Readable>

  /** An address that serves the content without passing this process, good for `seconds`; undefined when it has to go through `read`. */
  signRead(key: string, as: ReadPresentation, seconds: number): Promise<string | undefined>

  /** The file that holds the content, for a web server that sends it in our place; undefined where there is no such file. */
  localPath(key: string): string | undefined

  /** Removes finished content. Missing content is no error. */
  remove(key: string): Promise<void>

  /** Rejects when the store cannot take or give bytes now. */
  check(): Promise<void>

  close(): Promise<void>
}

/** A part had another length than was declared. */
export class BlobLengthError extends Error {}
/** The parts do not cover the content. */
export class BlobIncompleteError extends Error {}
/** The content has another SHA-256 than was declared. */
export class BlobMismatchError extends Error {}
/** No content under this key. */
export class BlobMissingError extends Error {}

/** Throws a TypeError unless `key` has the one form a key may have. */
export function requireBlobKey(key: string): void {
  if (!/^[0-9a-f]{32}$/.test(key)) throw new TypeError('a blob key is 32 lower-case hex characters')
}
