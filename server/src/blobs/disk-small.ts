import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import { createFile, findFile, moveFile, removeFile, temporaryPath, writeChunks } from './disk-files.ts'
import type { SyncedFolders } from './disk-files.ts'
import { hashFile } from './hashing.ts'
import type { Digest } from './hashing.ts'
import { gatherBody } from './part-body.ts'

/** Content up to this many bytes that comes in one part is written in one go and hashed as it arrives. */
export const smallBytes = 1 << 20

const maxRemembered = 4096

/** Uploads small enough to be replaced as a whole: a staged file is either complete or not there. */
export interface SmallUploads {
  /** Where the staged content of the key is. */
  path(key: string): string
  write(key: string, size: number, body: Readable): Promise<void>
  /** The digest of the staged content; undefined when it is not there in full. */
  digest(key: string, size: number): Promise<Digest | undefined>
  forget(key: string): void
  remove(key: string): Promise<void>
}

interface Remembered extends Digest {
  inode: bigint
  modified: bigint
}

/** Keeps small uploads in the folder `staging`. */
export function openSmallUploads(staging: string, folders: SyncedFolders): SmallUploads {
  const remembered = new Map<string, Remembered>()
  const path = (key: string): string => join(staging, `${key}.whole`)

  const remember = (key: string, facts: Remembered): void => {
    remembered.delete(key)
    remembered.set(key, facts)
    if (remembered.size <= maxRemembered) return
    for (const oldest of remembered.keys()) return void remembered.delete(oldest)
  }
  return {
    path,
    async write(key, size, body) {
      const chunks: Uint8Array[] = []
      for await (const batch of gatherBody(body, size)) for (const chunk of batch) chunks.push(chunk)
      const temporary = temporaryPath(staging, key)
      try {
        const facts = await writeWhole(temporary, chunks)
        await moveFile(temporary, path(key))
        remember(key, facts)
        await folders.sync(staging)
      } catch (error) {
        await removeFile(temporary)
        throw error
      }
    },
    async digest(key, size) {
      const found = await findFile(path(key))
      if (found === undefined || !found.isFile() || found.size !== BigInt(size)) return undefined
      const known = remembered.get(key)
      // Another process may have replaced what we hashed.
      if (known?.inode === found.ino && known.modified === found.mtimeNs) return known
      return hashFile(path(key), size)
    },
    forget: (key) => void remembered.delete(key),
    remove: (key) => removeFile(path(key)),
  }
}

async function writeWhole(path: string, chunks: Uint8Array[]): Promise<Remembered> {
  const file = await createFile(path)
  try {
    await writeChunks(file, chunks, 0)
    await file.datasync()
    const { ino, mtimeNs } = await file.stat({ bigint: true })
    return { ...digestOf(chunks), inode: ino, modified: mtimeNs }
  } finally {
    await file.close()
  }
}

function digestOf(chunks: Uint8Array[]): Digest {
  const hash = createHash('sha256')
  let crc = 0
  for (const chunk of chunks) {
    hash.update(chunk)
    crc = crc32(chunk, crc)
  }
  return { sha256: hash.digest('hex'), crc32: crc }
}
