import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import type { BigIntStats } from 'node:fs'
import { lstat, open, rename, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR } = constants

/** Opens a file that must not exist yet, readable and writable by us alone. */
export function createFile(path: string): Promise<FileHandle> {
  return open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
}

/** Opens a file that exists; a symbolic link is refused. */
export function openFile(path: string, isWritable: boolean): Promise<FileHandle> {
  return open(path, (isWritable ? O_RDWR : O_RDONLY) | O_NOFOLLOW)
}

/** Makes sure that a file of ours is at `path`: an empty new one, or the one from before. A symbolic link is refused. */
export async function ensureFile(path: string): Promise<void> {
  const file = await createFile(path).catch((error: unknown) => {
    if (isCode(error, 'EEXIST')) return openFile(path, true)
    throw error
  })
  await file.close()
}

/** What is at `path`, not following a symbolic link; undefined when there is nothing. */
export function findFile(path: string): Promise<BigIntStats | undefined> {
  return lstat(path, { bigint: true }).catch(ignoreMissing)
}

/** Removes the file; a missing one is no error. */
export function removeFile(path: string): Promise<void> {
  return unlink(path).catch(ignoreMissing)
}

/** Renames the file and says whether it was there. */
export function moveFile(from: string, to: string): Promise<boolean> {
  return rename(from, to).then(
    () => true,
    (error: unknown) => {
      if (isCode(error, 'ENOENT')) return false
      throw error
    },
  )
}

/** Writes all of `chunks` at `position`. */
export async function writeChunks(file: FileHandle, chunks: Uint8Array[], position: number): Promise<number> {
  let rest = chunks
  let at = position
  while (rest.length > 0) {
    const { bytesWritten } = await file.writev(rest, at)
    at += bytesWritten
    rest = dropBytes(rest, bytesWritten)
  }
  return at
}

function dropBytes(chunks: Uint8Array[], count: number): Uint8Array[] {
  let left = count
  return chunks.flatMap((chunk) => {
    const dropped = Math.min(left, chunk.length)
    left -= dropped
    return dropped === chunk.length ? [] : [chunk.subarray(dropped)]
  })
}

/** True for a system error with this code. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

/** A name in `folder` that nobody else takes; left behind only by a killed process, and then swept by its ending. */
export function temporaryPath(folder: string, name: string): string {
  return join(folder, `${name}.${randomBytes(8).toString('hex')}.new`)
}

/** Folders whose entries can be made safe from a power cut. */
export interface SyncedFolders {
  /** Resolves when the entries of the folder are safe; callers that wait at the same time share one fsync. */
  sync(path: string): Promise<void>
  close(): Promise<void>
}

interface Folder {
  handle: Promise<FileHandle>
  running?: Promise<void>
  next?: Promise<void>
}

/** Keeps one descriptor for each folder that is used. */
export function openFolders(): SyncedFolders {
  const folders = new Map<string, Folder>()

  const sync = (path: string): Promise<void> => {
    let folder = folders.get(path)
    if (folder === undefined) {
      folder = { handle: open(path, O_RDONLY | constants.O_DIRECTORY) }
      folders.set(path, folder)
      folder.handle.catch(() => folders.delete(path))
    }
    return syncShared(folder)
  }
  const close = async (): Promise<void> => {
    const handles = [...folders.values()].map((folder) => folder.handle)
    folders.clear()
    for (const handle of await Promise.allSettled(handles))
      if (handle.status === 'fulfilled') await handle.value.close()
  }
  return { sync, close }
}

/** An fsync that has begun may miss an entry made since: whoever comes meanwhile waits for the next one. */
function syncShared(folder: Folder): Promise<void> {
  if (folder.next !== undefined) return folder.next
  const before = folder.running
  const start = async (): Promise<void> => {
    await before?.catch(() => {})
    folder.running = folder.next
    folder.next = undefined
    await (await folder.handle).sync()
  }
  folder.next = start()
  return folder.next
}

function ignoreMissing(error: unknown): undefined {
  if (!isCode(error, 'ENOENT')) throw error
}
