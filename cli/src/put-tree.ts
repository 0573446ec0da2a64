import { type Drive, DriveError, type FileSource, uploadFile, type UploadState } from '@driveway/sdk'
import { openFileSource } from '@driveway/sdk/node'
import { forEachConcurrently } from './concurrent.ts'
import {
  createFolder,
  type Entry,
  ensureSubfolder,
  findChild,
  foldName,
  type FolderRef,
  folderType,
  listFolder,
} from './drive-path.ts'
import { describeFailure } from './failure.ts'
import type { LocalFile, LocalFolder, LocalTree } from './local-tree.ts'
import type { Progress } from './progress.ts'
import type { UploadNotes } from './upload-notes.ts'

/** Where a local tree goes, and how. */
export interface PutJob {
  drive: Drive
  server: string
  target: FolderRef
  tree: LocalTree
  notes: UploadNotes
  progress: Progress
  signal: AbortSignal
  /**
   * True when what was named must be on the drive alone: a folder never joins one that is there already, because what else is
   * in it would be shared too.
   */
  isApart: boolean
}

/** What came of it. */
export interface PutReport {
  sent: string[]
  unchanged: string[]
  failed: { path: string; reason: string }[]
  /** What was named, as it is on the drive now. */
  tops: { id: string; name: string; path: string }[]
  /** Makes a later run with the same paths start anew; for runs that keep things apart. */
  forget: () => Promise<void>
}

interface RemoteFolder {
  folder: FolderRef
  find: (name: string) => Promise<Entry | undefined>
}

interface PutRun extends PutJob {
  report: PutReport
  remotes: Map<LocalFolder, Promise<RemoteFolder>>
  top: RemoteFolder
  begun: (readonly string[])[]
}

// Small files spend their time waiting; large ones keep up to 48 MiB in memory each.
const smallFile = 1024 ** 2
const smallAtOnce = 8
const largeAtOnce = 3
const fatalReasons = new Set(['NETWORK', 'UNAVAILABLE', 'TOKEN_INVALID', 'INSUFFICIENT_SPACE', 'SPACE_NOT_ACCESSIBLE'])

/**
 * Brings a local tree to the drive: makes folders, sends files, a few at once. Files that are there with the same size and time
 * are left alone; one file's failure does not stop the others; a run that broke off is gone on with by the next.
 */
export async function putTree(job: PutJob): Promise<PutReport> {
  const begun: (readonly string[])[] = []
  const forget = async () => {
    for (const key of begun) await job.notes.remove(key)
  }
  const report: PutReport = { sent: [], unchanged: [], failed: [], tops: [], forget }
  const top: RemoteFolder = { folder: job.target, find: (name) => findChild(job.drive, job.target, name) }
  const run: PutRun = { ...job, report, remotes: new Map(), top, begun }
  const putOne = (file: LocalFile) => attempt(run, file.path, () => putFile(run, file))
  const { small = [], large = [] } = Object.groupBy(job.tree.files, ({ size }) =>
    size <= smallFile ? 'small' : 'large',
  )
  await forEachConcurrently(small, smallAtOnce, putOne)
  await forEachConcurrently(large, largeAtOnce, putOne)
  // Folders without files come last: the others were made on the way.
  await forEachConcurrently(job.tree.folders, 1, (folder) =>
    attempt(run, folder.path, async () => void (await remoteOf(run, folder))),
  )
  return report
}

async function attempt(run: PutRun, path: string, task: () => Promise<void>): Promise<void> {
  run.signal.throwIfAborted()
  try {
    await task()
  } catch (error) {
    run.signal.throwIfAborted()
    if (error instanceof DriveError && fatalReasons.has(error.reason)) throw error
    run.report.failed.push({ path, reason: describeFailure(error) })
  }
}

function remoteOf(run: PutRun, local: LocalFolder | undefined): Promise<RemoteFolder> {
  if (!local) return Promise.resolve(run.top)
  const known = run.remotes.get(local)
  if (known) return known
  const remote = local.parent || !run.isApart ? joinFolder(run, local) : ownFolder(run, local)
  run.remotes.set(local, remote)
  return remote
}

async function joinFolder(run: PutRun, local: LocalFolder): Promise<RemoteFolder> {
  const parent = await remoteOf(run, local.parent)
  const known = await parent.find(local.name)
  const { folder, isNew } =
    known?.fileType === folderType
      ? { folder: { ...parent.folder, id: known.id }, isNew: false }
      : await ensureSubfolder(run.drive, parent.folder, local.name)
  if (!local.parent) run.report.tops.push({ id: folder.id, name: local.name, path: local.path })
  return toRemote(run.drive, folder, isNew)
}

async function ownFolder(run: PutRun, local: LocalFolder): Promise<RemoteFolder> {
  const key = [run.server, run.target.containerId, run.target.id, local.path, 'folder']
  const note = await run.notes.read(key)
  const existing = typeof note?.['id'] === 'string' ? await stillThere(run, note['id']) : undefined
  const folder = existing
    ? { ...run.target, id: existing.id, name: existing.fileName }
    : await createFolder(run.drive, run.target, local.name, 2)
  await run.notes.write(key, { id: folder.id })
  run.begun.push(key)
  run.report.tops.push({ id: folder.id, name: folder.name, path: local.path })
  return toRemote(run.drive, folder, !existing)
}

async function stillThere(run: PutRun, fileId: string): Promise<Entry | undefined> {
  try {
    const entry = await run.drive.getFile({ fileId, containerId: run.target.containerId })
    return entry.recycled ? undefined : entry
  } catch (error) {
    if (error instanceof DriveError && error.reason === 'FILE_NOT_IN_SPACE') return undefined
    throw error
  }
}

/** A folder that was there is listed once, when the first name is asked for. */
function toRemote(drive: Drive, folder: FolderRef, isNew: boolean): RemoteFolder {
  let entries: Promise<Map<string, Entry>> | undefined
  const list = async () => {
    const found = new Map<string, Entry>()
    if (!isNew) for await (const entry of listFolder(drive, folder)) found.set(foldName(entry.fileName), entry)
    return found
  }
  return {
    folder,
    find: async (name) => {
      entries ??= list()
      return (await entries).get(foldName(name))
    },
  }
}

async function putFile(run: PutRun, file: LocalFile): Promise<void> {
  const { progress, report } = run
  const { folder, find } = await remoteOf(run, file.parent)
  await using closing = new AsyncDisposableStack()
  const source = await openFileSource(file.path)
  closing.defer(() => source.close())
  const existing = await find(file.name)
  if (existing && existing.size === source.size && existing.editedTime === source.editedTime) {
    progress.add(file.size)
    report.unchanged.push(file.path)
    if (!file.parent) report.tops.push({ id: existing.id, name: existing.fileName, path: file.path })
    return
  }
  const sent = await sendFile(run, file, folder, source)
  report.sent.push(file.path)
  if (!file.parent) report.tops.push({ id: sent.fileId, name: sent.fileName, path: file.path })
}

async function sendFile(run: PutRun, file: LocalFile, folder: FolderRef, source: FileSource) {
  const { drive, server, notes, progress, signal } = run
  const key = [server, folder.containerId, folder.id, file.path]
  const resume = (await notes.read(key)) as UploadState | undefined
  let noted: Promise<void> = Promise.resolve()
  let counted = 0
  progress.show(file.name)
  const sent = await uploadFile(drive, {
    source,
    name: file.name,
    containerId: folder.containerId,
    parentFolder: folder.id,
    signal,
    ...(resume ? { resume } : {}),
    onState: (state) => {
      noted = notes.write(key, state)
      // Without its note the upload works too; it only could not be gone on with.
      noted.catch(() => undefined)
    },
    onProgress: (now) => {
      progress.add(now.sent - counted)
      counted = now.sent
    },
  })
  await noted.catch(() => undefined)
  await notes.remove(key)
  return sent
}
