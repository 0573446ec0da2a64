import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { access, mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { BlobIncompleteError, BlobMismatchError, BlobMissingError, requireBlobKey } from './blob-store.ts'
import type { BlobFacts, BlobStore, ByteRange, StagedUpload, UploadPart } from './blob-store.ts'
import {
  createFile,
  findFile,
  isCode,
  moveFile,
  openFile,
  openFolders,
  removeFile,
  temporaryPath,
} from './disk-files.ts'
import type { SyncedFolders } from './disk-files.ts'
import { openLargeUploads } from './disk-large.ts'
import type { LargeUploads } from './disk-large.ts'
import { openSmallUploads, smallBytes } from './disk-small.ts'
import type { SmallUploads } from './disk-small.ts'
import { hashFile } from './hashing.ts'
import type { Digest } from './hashing.ts'
import { holdBody, orderParts, requirePart } from './part-body.ts'
import { readRange } from './read-range.ts'

const readBytes = 1 << 20
const firstReadBytes = 64 << 10
// far longer than any small write takes
const forgottenAfterMs = 24 * 3600 * 1000
const maxRetired = 4096

interface Disk {
  staging: string
  data: string
  folders: SyncedFolders
  small: SmallUploads
  large: LargeUploads
  /** Keys that are finished or aborted: a late small part must not stage anything again. */
  retired: Set<string>
  locks: Map<string, Promise<unknown>>
}

/** Keeps contents as files below `folder`, which is created when missing. Several processes may share it. */
export async function openDiskBlobs(folder: string): Promise<BlobStore> {
  const disk = await openDisk(folder)
  return {
    kind: 'disk',
    async beginUpload(key, size) {
      requireBlobKey(key)
      if (size > smallBytes) await disk.large.begin(key)
      else disk.retired.delete(key)
      return { key, ref: '', size }
    },
    async signPart(upload) {
      requireBlobKey(upload.key)
      return undefined
    },
    writePart: (upload, part, body) => writePart(disk, upload, part, body),
    async landedParts({ key }) {
      requireBlobKey(key)
      return undefined
    },
    finishUpload: async (upload, parts, sha256) => {
      requireBlobKey(upload.key)
      return exclusively(disk, upload.key, () => finishUpload(disk, upload, parts, sha256))
    },
    abortUpload: async ({ key }) => {
      requireBlobKey(key)
      await exclusively(disk, key, () => discard(disk, key))
    },
    dropStale: (before) => sweepStaging(disk.staging, '', before),
    read: (key, range) => read(disk, key, range),
    async signRead(key) {
      requireBlobKey(key)
      return undefined
    },
    localPath: (key) => finishedPath(disk, key),
    async remove(key) {
      await removeFile(finishedPath(disk, key))
      await disk.folders.sync(finishedFolder(disk, key)).catch(ignoreMissing)
    },
    check: () => check(disk),
    async close() {
      disk.large.close()
      await disk.folders.close()
    },
  }
}

async function openDisk(folder: string): Promise<Disk> {
  const staging = join(folder, 'staging')
  const data = join(folder, 'data')
  for (const path of [staging, data]) await mkdir(path, { recursive: true, mode: 0o700 })
  await sweepStaging(staging, '.new', new Date(Date.now() - forgottenAfterMs))
  await createDataFolders(data)
  const folders = openFolders()
  for (const path of [data, folder]) await folders.sync(path)
  const small = openSmallUploads(staging, folders)
  const large = openLargeUploads(staging, folders)
  return { staging, data, folders, small, large, retired: new Set(), locks: new Map() }
}

/** All at once: a folder made while an upload waits would cost that upload two more fsyncs. */
async function createDataFolders(data: string): Promise<void> {
  const existing = new Set(await readdir(data))
  const names = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'))
  const missing = names.filter((name) => !existing.has(name))
  await Promise.all(missing.map((name) => mkdir(join(data, name), { recursive: true, mode: 0o700 })))
}

/** Removes staged files of this ending that nobody has written to since a moment. */
async function sweepStaging(staging: string, ending: string, before: Date): Promise<void> {
  for (const name of await readdir(staging)) {
    if (!name.endsWith(ending)) continue
    const found = await stat(join(staging, name)).catch(ignoreMissing)
    if (found !== undefined && found.mtimeMs < before.getTime()) await removeFile(join(staging, name))
  }
}

function finishedFolder(disk: Disk, key: string): string {
  requireBlobKey(key)
  return join(disk.data, key.slice(0, 2))
}

function finishedPath(disk: Disk, key: string): string {
  return join(finishedFolder(disk, key), key)
}

async function writePart(disk: Disk, upload: StagedUpload, part: UploadPart, body: Readable): Promise<void> {
  const { key, size } = upload
  requireBlobKey(key)
  requirePart(upload, part)
  if (disk.retired.has(key)) throw new BlobMissingError('no such upload')
  holdBody(body)
  if (isSmall(upload, part)) await disk.small.write(key, size, body)
  else {
    if (size <= smallBytes) await disk.large.begin(key)
    await disk.large.write(key, part, body)
  }
  if (!disk.retired.has(key)) return
  await disk.small.remove(key)
  throw new BlobMissingError('no such upload')
}

function isSmall(upload: StagedUpload, part: UploadPart | undefined): boolean {
  return upload.size <= smallBytes && part?.size === upload.size
}

async function finishUpload(
  disk: Disk,
  upload: StagedUpload,
  parts: UploadPart[],
  sha256?: string,
): Promise<BlobFacts> {
  const { key, size } = upload
  const ordered = orderParts(upload, parts)
  const staged = await findStaged(disk, upload, ordered)
  const digest = staged?.digest ?? (await digestFinished(disk, upload))
  if (sha256 !== undefined && sha256 !== digest.sha256) {
    await discard(disk, key)
    throw new BlobMismatchError('the content has another SHA-256 than was declared')
  }
  // Another process may have put the same upload in place meanwhile.
  if (staged !== undefined && !(await moveFile(staged.path, finishedPath(disk, key))))
    await digestFinished(disk, upload)
  await disk.folders.sync(finishedFolder(disk, key))
  if (isSmall(upload, ordered[0])) retire(disk, key)
  else await discard(disk, key)
  return { size, sha256: digest.sha256, crc32: digest.crc32 }
}

interface Staged {
  path: string
  digest: Digest
}

/** Another process that finishes the same upload moves its files away under our hands: then they are looked for again. */
async function findStaged(disk: Disk, upload: StagedUpload, parts: UploadPart[]): Promise<Staged | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await lookForStaged(disk, upload, parts)
    } catch (error) {
      if ((await findFile(finishedPath(disk, upload.key))) !== undefined) return undefined
      if (error instanceof BlobIncompleteError || attempt === 3) throw error
    }
  }
}

async function lookForStaged(disk: Disk, upload: StagedUpload, parts: UploadPart[]): Promise<Staged | undefined> {
  const { key, size } = upload
  if (size > 0 && !isSmall(upload, parts[0])) return disk.large.seal(key, parts)
  if (size === 0 && !disk.retired.has(key)) await disk.small.write(key, 0, Readable.from([]))
  const digest = await disk.small.digest(key, size)
  return digest && { path: disk.small.path(key), digest }
}

/** A crash may have come after the content was put in place and before anybody was told. */
async function digestFinished(disk: Disk, upload: StagedUpload): Promise<Digest> {
  const path = finishedPath(disk, upload.key)
  const found = await findFile(path)
  if (found === undefined || !found.isFile() || found.size !== BigInt(upload.size)) {
    throw new BlobIncompleteError('the content has not arrived')
  }
  return hashFile(path, upload.size)
}

async function discard(disk: Disk, key: string): Promise<void> {
  retire(disk, key)
  await disk.small.remove(key)
  await disk.large.discard(key)
}

function retire(disk: Disk, key: string): void {
  disk.small.forget(key)
  disk.retired.add(key)
  if (disk.retired.size > maxRetired) for (const oldest of disk.retired) return void disk.retired.delete(oldest)
}

async function read(disk: Disk, key: string, range?: ByteRange): Promise<Readable> {
  const path = finishedPath(disk, key)
  const { start, length } = readRange(range)
  const file = await openFile(path, false).catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) throw new BlobMissingError('no content under this key')
    throw error
  })
  try {
    const first = Buffer.allocUnsafe(Math.min(length, firstReadBytes))
    const { bytesRead } = await file.read(first, 0, first.length, start)
    if (bytesRead === 0 && range !== undefined) throw new RangeError('the range begins after the end of the content')
    if (bytesRead === firstReadBytes && bytesRead < length) return streamFrom(file, start, length)
    await file.close()
    return Readable.from(bytesRead === 0 ? [] : [first.subarray(0, bytesRead)], { objectMode: false })
  } catch (error) {
    await file.close()
    throw error
  }
}

function streamFrom(file: FileHandle, start: number, length: number): Readable {
  const end = length === Infinity ? undefined : start + length - 1
  return file.createReadStream({ start, end, highWaterMark: readBytes })
}

async function check(disk: Disk): Promise<void> {
  await access(disk.data, constants.R_OK | constants.W_OK | constants.X_OK)
  const path = temporaryPath(disk.staging, 'check')
  const file = await createFile(path)
  try {
    await file.write('driveway')
    await file.datasync()
  } finally {
    await file.close()
    await removeFile(path)
  }
}

/** Runs `step` after everything that was asked for the same key before. */
async function exclusively<T>(disk: Disk, key: string, step: () => Promise<T>): Promise<T> {
  const turn = (disk.locks.get(key) ?? Promise.resolve()).then(step)
  const settled = turn.catch(() => {})
  disk.locks.set(key, settled)
  try {
    return await turn
  } finally {
    if (disk.locks.get(key) === settled) disk.locks.delete(key)
  }
}

function ignoreMissing(error: unknown): undefined {
  if (!isCode(error, 'ENOENT')) throw error
}
