import type { Drive } from './client.ts'
import { DriveError } from './errors.ts'
import { fileTypeOf } from './file-types.ts'
import { type Part, partSizeFor, planParts } from './parts.ts'
import { randomHex } from './random.ts'
import { mayPass, type RetryPolicy, usualRetries, withRetries } from './retry.ts'
import { sendBytes } from './send.ts'
import { addLinks, createLinks, fetchLinks, linksPerCall, type UploadLinks, urlOfPart } from './upload-links.ts'

/** Bytes that can be read at any place more than once; a Blob is the usual one. */
export interface FileSource {
  /** Bytes. */
  size: number
  /** The bytes from `start` up to, not including, `end`; rejects when the file changed since its size was taken. */
  read: (start: number, end: number) => Promise<Uint8Array<ArrayBuffer> | Blob>
  /** When the content was last changed, ISO 8601. */
  editedTime?: string
}

/** What is needed to go on with an upload that was broken off; plain JSON, worth keeping for 24 hours. */
export interface UploadState {
  fileId: string
  fileName: string
  partSize: number
  length: number
  editedTime?: string
}

/** Which bytes go where, and how. */
export interface UploadOptions {
  source: Blob | FileSource
  name: string
  containerId: string
  /** Folder id; the top of the space when absent. */
  parentFolder?: string
  /** The vendor's kind; by the name's extension when absent. */
  fileType?: string
  mimeType?: string
  /** On a name clash: 2 append a timestamp (the default), 3 fail with DUPLICATE_NAME, 4 keep an equal file, else as 2. */
  autoRename?: 2 | 3 | 4
  /** Bytes that are at the server or on their way. */
  onProgress?: (progress: { sent: number; total: number }) => void
  signal?: AbortSignal
  /** State of an earlier attempt; ignored when it does not fit the source or is too old. */
  resume?: UploadState
  /** Told the state as soon as the upload can be resumed. */
  onState?: (state: UploadState) => void
  retries?: RetryPolicy
}

const partsAtOnce = 3

interface Upload {
  drive: Drive
  options: UploadOptions
  source: FileSource
  state: UploadState
  links: UploadLinks
  signal: AbortSignal | undefined
  policy: RetryPolicy
}

/**
 * Sends a file in parts, three at a time, each tried again with growing pauses while that can help, and finishes it. Resumes
 * by `resume`: parts the server has are not sent again. Rejects with a DriveError, with the signal's reason, or with what
 * reading the source said; the upload can be resumed after each of these.
 */
export async function uploadFile(drive: Drive, options: UploadOptions): Promise<{ fileId: string; fileName: string }> {
  const source = toSource(options.source)
  const begun = (await resumeUpload(drive, options, source)) ?? (await startUpload(drive, options, source))
  if ('done' in begun) {
    options.onProgress?.({ sent: source.size, total: source.size })
    return begun.done
  }
  options.onState?.(begun.upload.state)
  await sendMissingParts(begun.upload)
  return completeUpload(begun.upload)
}

function toSource(source: Blob | FileSource): FileSource {
  if (!(source instanceof Blob)) return source
  const { lastModified } = source as { lastModified?: number }
  const edited = lastModified && lastModified > 0 ? { editedTime: new Date(lastModified).toISOString() } : {}
  return { size: source.size, read: (start, end) => Promise.resolve(source.slice(start, end)), ...edited }
}

type Begun = { upload: Upload } | { done: { fileId: string; fileName: string } }

async function startUpload(drive: Drive, options: UploadOptions, source: FileSource): Promise<Begun> {
  const partSize = partSizeFor(source.size)
  const input = {
    fileName: options.name,
    fileType: options.fileType ?? fileTypeOf(options.name),
    parentFolder: [options.parentFolder ?? 'root'],
    containerId: options.containerId,
    length: source.size,
    uploadMode: 'multipart',
    uploadType: 1,
    autoRename: options.autoRename ?? 2,
    multiParts: planParts(source.size, partSize).slice(0, linksPerCall),
    ...(options.mimeType ? { mimeType: options.mimeType } : {}),
    ...(source.editedTime ? { editedTime: source.editedTime } : {}),
  }
  const { signal, retries } = options
  // One key for all tries: a lost answer must not leave a second upload behind.
  const idempotencyKey = randomHex(16)
  const answer = await withRetries(() => drive.createFile(input, { signal, idempotencyKey }), {
    signal,
    policy: retries,
  })
  const { fileId, fileName } = answer
  if (answer.rapidUpload || answer.exist) return { done: { fileId, fileName } }
  const { editedTime } = source
  const state = { fileId, fileName, partSize, length: source.size, ...(editedTime ? { editedTime } : {}) }
  const upload = toUpload(drive, options, source, state)
  addLinks(upload.links, answer.multiParts)
  return { upload }
}

async function resumeUpload(drive: Drive, options: UploadOptions, source: FileSource): Promise<Begun | undefined> {
  const state = options.resume
  if (!state || source.size === 0) return undefined
  if (state.length !== source.size || state.editedTime !== source.editedTime) return undefined
  const upload = toUpload(drive, options, source, state)
  try {
    await fetchLinks(upload.links, planParts(state.length, state.partSize))
    return { upload }
  } catch (error) {
    if (!isReason(error, 'UPLOAD_NOT_FOUND')) throw error
  }
  try {
    // Finished already when only the last answer was lost; otherwise too old.
    return { done: await completeUpload(upload) }
  } catch (error) {
    if (isReason(error, 'UPLOAD_NOT_FOUND')) return undefined
    throw error
  }
}

function toUpload(drive: Drive, options: UploadOptions, source: FileSource, state: UploadState): Upload {
  const { signal, retries: policy = usualRetries } = options
  return {
    drive,
    options,
    source,
    state,
    signal,
    policy,
    links: createLinks({ drive, fileId: state.fileId, signal, policy }),
  }
}

async function sendMissingParts(upload: Upload): Promise<void> {
  const { source, state, links, options } = upload
  const parts = planParts(state.length, state.partSize)
  const missing = parts.filter((part) => !links.received.has(part.partNumber))
  const counted = new Map<number, number>()
  let sent = source.size - missing.reduce((sum, part) => sum + part.partSize, 0)
  const count = (part: Part, bytes: number) => {
    sent += bytes - (counted.get(part.partNumber) ?? 0)
    counted.set(part.partNumber, bytes)
    options.onProgress?.({ sent, total: source.size })
  }
  options.onProgress?.({ sent, total: source.size })

  const failure = new AbortController()
  const signal = upload.signal ? AbortSignal.any([upload.signal, failure.signal]) : failure.signal
  const queue = missing.values()
  const workers = Array.from({ length: Math.min(partsAtOnce, missing.length) }, async () => {
    for (const part of queue) {
      await sendPart(upload, part, { signal, onSent: (bytes) => count(part, bytes), upcoming: missing })
    }
  })
  // The first failure stops the others, and nothing is left running when this returns.
  await Promise.allSettled(workers.map((worker) => worker.catch((error: unknown) => failure.abort(error))))
  upload.signal?.throwIfAborted()
  failure.signal.throwIfAborted()
}

interface PartRun {
  signal: AbortSignal
  onSent: (bytes: number) => void
  /** Parts that will want a link too. */
  upcoming: Part[]
}

async function sendPart(upload: Upload, part: Part, run: PartRun): Promise<void> {
  const { source, links, policy, drive } = upload
  const { signal, onSent } = run
  const step = async () => {
    const url = await urlOfPart(links, part, run.upcoming)
    const bytes = await source.read(part.partOffset, part.partOffset + part.partSize)
    try {
      await sendBytes({ url, bytes, fetch: drive.fetch, signal, onSent })
    } catch (error) {
      onSent(0)
      if (isReason(error, 'UPLOAD_LINK_DEAD')) links.urls.delete(part.partNumber)
      throw error
    }
  }
  await withRetries(step, {
    signal,
    policy,
    isPassing: (error) => mayPass(error) || isReason(error, 'UPLOAD_LINK_DEAD') || isReason(error, 'UPLOAD_FAILED'),
  })
  links.received.add(part.partNumber)
  onSent(part.partSize)
}

async function completeUpload(upload: Upload): Promise<{ fileId: string; fileName: string }> {
  const { drive, state, signal, policy, links } = upload
  const complete = () => withRetries(() => drive.completeFile({ fileId: state.fileId }, { signal }), { signal, policy })
  try {
    const { fileName } = await complete()
    return { fileId: state.fileId, fileName: fileName || state.fileName }
  } catch (error) {
    if (!isReason(error, 'UPLOAD_INCOMPLETE')) throw error
  }
  // The server says which parts it misses after all; they are sent once more.
  await fetchLinks(links, planParts(state.length, state.partSize))
  await sendMissingParts(upload)
  const { fileName } = await complete()
  return { fileId: state.fileId, fileName: fileName || state.fileName }
}

function isReason(error: unknown, reason: string): boolean {
  return error instanceof DriveError && error.reason === reason
}
