import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { BlobIncompleteError, BlobMissingError } from './blob-store.ts'
import type { UploadPart } from './blob-store.ts'
import { ensureFile, findFile, isCode, moveFile, openFile, removeFile, writeChunks } from './disk-files.ts'
import type { SyncedFolders } from './disk-files.ts'
import { openFollower } from './disk-follower.ts'
import type { Follower } from './disk-follower.ts'
import { openLedger } from './disk-ledger.ts'
import type { Attempt, Ledger } from './disk-ledger.ts'
import type { Digest } from './hashing.ts'
import { gatherBody } from './part-body.ts'

const maxFollowed = 64

/** Uploads whose parts are written at their place in one staged file. */
export interface LargeUploads {
  begin(key: string): Promise<void>
  write(key: string, part: UploadPart, body: Readable): Promise<void>
  /**
   * Takes the staged file away from every writer and hashes it: its new path and the digest; undefined when nothing is staged.
   * Rejects with BlobIncompleteError, and leaves the upload as it was, when one of the parts is not whole.
   */
  seal(key: string, parts: UploadPart[]): Promise<{ path: string; digest: Digest } | undefined>
  /** Removes all that is staged for the key. */
  discard(key: string): Promise<void>
  close(): void
}

interface Writer {
  body: Readable
  done: Promise<void>
}

interface Target {
  path: string
  file: FileHandle
  ledger: Ledger
  part: UploadPart
  attempt: Attempt
  follower: Follower
}

/** Keeps large uploads in the folder `staging`. */
export function openLargeUploads(staging: string, folders: SyncedFolders): LargeUploads {
  const writers = new Map<string, Writer>()
  const followers = new Map<string, Follower>()
  const pathOf = (key: string): string => join(staging, key)
  const ledgerOf = (key: string): string => join(staging, `${key}.parts`)
  const sealedOf = (key: string): string => join(staging, `${key}.sealed`)

  const follow = (key: string): Follower => {
    const follower = followers.get(key) ?? openFollower(pathOf(key))
    followers.delete(key)
    followers.set(key, follower)
    if (followers.size > maxFollowed) for (const oldest of followers.keys()) return (unfollow(oldest), follower)
    return follower
  }
  const unfollow = (key: string): void => {
    followers.get(key)?.close()
    followers.delete(key)
  }
  return {
    async begin(key) {
      await ensureFile(ledgerOf(key))
      await ensureFile(pathOf(key))
      await folders.sync(staging)
    },
    write(key, part, body) {
      const place = `${key}/${part.number}`
      const before = writers.get(place)
      // The newest request wins: the older one is most often a broken connection that nobody has noticed yet.
      before?.body.destroy(new Error('a newer request took over this part'))
      const done = (before?.done ?? Promise.resolve()).then(() =>
        withFiles(pathOf(key), ledgerOf(key), (file, ledger) =>
          writePart({ path: pathOf(key), file, ledger, part, attempt: '', follower: follow(key) }, body),
        ),
      )
      const settled = done.catch(() => {}).then(() => void (writers.get(place) === writer && writers.delete(place)))
      const writer: Writer = { body, done: settled }
      writers.set(place, writer)
      return done
    },
    async seal(key, parts) {
      const sealed = sealedOf(key)
      if ((await findFile(pathOf(key))) !== undefined) {
        // Asked before anything moves, so that a hasty finish does not disturb the parts that are still coming.
        await requireLanded(pathOf(key), ledgerOf(key), parts)
        await moveFile(pathOf(key), sealed)
      } else if ((await findFile(sealed)) === undefined) return undefined
      const attempts = await requireLanded(sealed, ledgerOf(key), parts).catch(async (error: unknown) => {
        if (error instanceof BlobIncompleteError) await moveFile(sealed, pathOf(key))
        throw error
      })
      const digest = await follow(key).digest(sealed, parts, attempts)
      unfollow(key)
      return { path: sealed, digest }
    },
    async discard(key) {
      unfollow(key)
      for (const path of [pathOf(key), sealedOf(key), ledgerOf(key)]) await removeFile(path)
    },
    close() {
      for (const key of followers.keys()) unfollow(key)
    },
  }
}

/** Rejects with BlobMissingError when nothing is staged under these names. */
async function withFiles<T>(
  path: string,
  ledgerPath: string,
  work: (file: FileHandle, ledger: Ledger) => Promise<T>,
): Promise<T> {
  const file = await openFile(path, true).catch(refuseMissing)
  try {
    const ledger = await openFile(ledgerPath, true).catch(refuseMissing)
    try {
      return await work(file, openLedger(ledger))
    } finally {
      await ledger.close()
    }
  } finally {
    await file.close()
  }
}

async function requireLanded(path: string, ledgerPath: string, parts: UploadPart[]): Promise<Attempt[]> {
  return withFiles(path, ledgerPath, async (file, ledger) => {
    const landed = await ledger.landed(parts)
    if (landed === undefined) throw new BlobIncompleteError('a part of the content has not arrived')
    await file.sync()
    return landed
  })
}

async function writePart(target: Target, body: Readable): Promise<void> {
  const { path, file, ledger, part, follower } = target
  target.attempt = await ledger.claim(part)
  follower.begin(part, target.attempt)
  try {
    // Whoever seals the upload moves the file first and reads the claims then, so one of us sees the other.
    if ((await findFile(path)) === undefined) throw missing()
    await writeBatches(target, body)
    await file.datasync()
    if (!(await ledger.land(part, target.attempt))) throw new Error('another writer took over this part')
  } catch (error) {
    follower.spoil(part)
    throw error
  }
}

/** Writes one batch while the next is gathered. */
async function writeBatches(target: Target, body: Readable): Promise<void> {
  let writing: Promise<number> = Promise.resolve(target.part.offset)
  try {
    for await (const batch of gatherBody(body, target.part.size)) {
      const at = await writing
      writing = writeBatch(target, batch, at)
      writing.catch(() => {})
    }
  } finally {
    // The file must not be closed under a write that is still on its way.
    await Promise.allSettled([writing])
  }
  await writing
}

async function writeBatch(target: Target, batch: Uint8Array[], at: number): Promise<number> {
  const { file, ledger, part, attempt, follower } = target
  if (!(await ledger.holds(part, attempt))) throw new Error('another writer took over this part')
  const end = await writeChunks(file, batch, at)
  follower.reach(part, end)
  return end
}

function refuseMissing(error: unknown): never {
  if (isCode(error, 'ENOENT')) throw missing()
  throw error
}

function missing(): BlobMissingError {
  return new BlobMissingError('no such upload')
}
