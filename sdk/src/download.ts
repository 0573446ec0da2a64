import { createHash } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { DriveError, errorOfAnswer, networkError } from './errors.ts'
import { delayBefore, mayPass, pause, type RetryPolicy, usualRetries } from './retry.ts'

/** What comes from where, and where it goes. */
export interface DownloadOptions {
  /** The address, or what gives a new one; asked again when an address is refused. */
  url: string | (() => Promise<string>)
  /** The file to make; a file of that name is replaced in one step, when all bytes are there. */
  path: string
  /** Expected bytes. */
  size?: number | undefined
  /** Expected SHA-256 in hex. */
  sha256?: string | undefined
  /** Given to the file as its modification time. */
  editedTime?: string | undefined
  onProgress?: (progress: { received: number; total: number | undefined }) => void
  signal?: AbortSignal | undefined
  fetch?: typeof globalThis.fetch
  retries?: RetryPolicy
}

/** What a broken-off download leaves beside its bytes, so that it never goes on with another content. */
interface PartNote {
  etag: string
}

interface Download {
  options: DownloadOptions
  file: FileHandle
  notePath: string
  received: number
  total: number | undefined
  etag: string | undefined
}

/**
 * Downloads to `<path>.part`, going on where an earlier call stopped when the content is still the same, checks length and
 * SHA-256, and renames. Rejects with a DriveError or the signal's reason and keeps the bytes for the next call, except with
 * CONTENT_WRONG, when they are not those expected.
 */
export async function downloadTo(options: DownloadOptions): Promise<{ size: number }> {
  const partPath = `${options.path}.part`
  const notePath = `${partPath}.json`
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW
  const file = await open(partPath, flags, 0o666)
  try {
    const note = await readNote(notePath)
    if (!note) await file.truncate(0)
    const received = (await file.stat()).size
    const download: Download = { options, file, notePath, received, total: options.size, etag: note?.etag }
    await receiveAll(download)
    await verify(download, partPath)
    const edited = Date.parse(options.editedTime ?? '')
    if (Number.isFinite(edited)) await file.utimes(new Date(), new Date(edited))
    await file.sync()
    await rename(partPath, options.path)
    await rm(notePath, { force: true })
    return { size: download.received }
  } finally {
    await file.close()
  }
}

async function readNote(path: string): Promise<PartNote | undefined> {
  try {
    const note = JSON.parse(await readFile(path, 'utf8')) as Partial<PartNote>
    return typeof note.etag === 'string' ? { etag: note.etag } : undefined
  } catch {
    return undefined
  }
}

async function receiveAll(download: Download): Promise<void> {
  const { signal, retries: policy = usualRetries, url } = download.options
  for (let failures = 0; ;) {
    const before = download.received
    try {
      await receiveRest(download)
      return
    } catch (error) {
      signal?.throwIfAborted()
      // A try that brought bytes starts the count again: a long download over a bad line must end some day.
      failures = download.received > before ? 1 : failures + 1
      const isPassing = mayPass(error) || (isDead(error) && typeof url === 'function')
      if (failures >= policy.attempts || !isPassing) throw error
      await pause(delayBefore(failures, policy, error), signal)
    }
  }
}

function isDead(error: unknown): boolean {
  return error instanceof DriveError && error.reason === 'DOWNLOAD_LINK_DEAD'
}

async function receiveRest(download: Download): Promise<void> {
  const { url, signal, fetch = globalThis.fetch } = download.options
  if (download.received > (download.total ?? Infinity) || !download.etag) await startOver(download)
  const address = typeof url === 'function' ? await url() : url
  try {
    const answer = await fetch(address, { headers: rangeHeaders(download), signal: signal ?? null })
    if (await acceptAnswer(download, answer)) await writeBody(download, answer)
  } catch (error) {
    signal?.throwIfAborted()
    // What fetch throws when the line breaks; anything else is the disk's or ours.
    throw error instanceof TypeError ? networkError(error) : error
  }
  if (download.received < (download.total ?? 0)) throw networkError(new Error('cut short'))
}

function rangeHeaders({ received, etag }: Download): Record<string, string> {
  const whole = { 'accept-encoding': 'identity' }
  return received > 0 && etag ? { ...whole, range: `bytes=${received}-`, 'if-range': etag } : whole
}

/** Prepares for the answer's bytes; false when there are none to come. */
async function acceptAnswer(download: Download, answer: Response): Promise<boolean> {
  if (answer.status === 416) {
    if (download.received === download.total) return false
    await startOver(download)
    throw networkError(new Error('the kept bytes do not fit'))
  }
  if (!answer.ok) throw await errorOfDownload(answer)
  const rest = restOf(download, answer)
  if (!rest) await startOver(download)
  takeTotal(download, rest ? rest.total : answer.headers.get('content-length'))
  await takeEtag(download, answer.headers.get('etag'))
  return true
}

function restOf(download: Download, answer: Response): { total: string | undefined } | undefined {
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.headers.get('content-range') ?? '')
  return answer.status === 206 && Number(range?.[1]) === download.received ? { total: range?.[2] } : undefined
}

function takeTotal(download: Download, announced: string | null | undefined): void {
  if (announced == null) return
  const { size } = download.options
  if (size !== undefined && Number(announced) !== size) {
    throw wrongContent(`The server announces ${announced} bytes where ${size} were expected.`)
  }
  download.total = Number(announced)
}

async function takeEtag(download: Download, etag: string | null): Promise<void> {
  // A weak one does not promise the same bytes.
  if (!etag || etag.startsWith('W/') || etag === download.etag) return
  download.etag = etag
  await writeFile(download.notePath, JSON.stringify({ etag } satisfies PartNote))
}

async function errorOfDownload(answer: Response): Promise<DriveError> {
  const text = await answer.text()
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    body = undefined
  }
  const error = errorOfAnswer(answer, body)
  // Object storage answers in XML, with 403 for an address past its time.
  if (error.reason !== 'BAD_ANSWER' || answer.status >= 500) return error
  const { code, status, message, traceId } = error
  return new DriveError({ code, status, message, traceId, reason: 'DOWNLOAD_LINK_DEAD' })
}

async function startOver(download: Download): Promise<void> {
  await download.file.truncate(0)
  download.received = 0
  if (download.options.size === undefined) download.total = undefined
}

async function writeBody(download: Download, answer: Response): Promise<void> {
  const { file, options } = download
  for await (const chunk of answer.body ?? []) {
    if (download.total !== undefined && download.received + chunk.length > download.total) {
      throw wrongContent('The server sends more bytes than it announced.')
    }
    let written = 0
    while (written < chunk.length) {
      const { bytesWritten } = await file.write(chunk, written, chunk.length - written, download.received)
      written += bytesWritten
      download.received += bytesWritten
    }
    options.onProgress?.({ received: download.received, total: download.total })
  }
}

async function verify({ options, notePath, received, total, file }: Download, partPath: string): Promise<void> {
  const isWrongLength = total !== undefined && received !== total
  const isWrongHash = options.sha256 !== undefined && (await hashOf(partPath)) !== options.sha256.toLowerCase()
  if (!isWrongLength && !isWrongHash) return
  await file.truncate(0)
  await rm(notePath, { force: true })
  throw wrongContent('The bytes that came are not those that were announced.')
}

function wrongContent(message: string): DriveError {
  return new DriveError({ code: -1, reason: 'CONTENT_WRONG', status: 0, message })
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}
