import type { BlobFacts } from '../../blobs/blob-store.ts'
import type { Parts } from '../../context.ts'
import type { Db } from '../../db/schema.ts'
import {
  deleteDoomed,
  deleteUnreferenced,
  doomBlob,
  findBlobBySha256,
  insertBlob,
  referBlobBySha256,
  selectDoomed,
  selectUnreferenced,
} from './files.contents.queries.ts'

/** Content that is known: the key to read it by. */
export interface KnownContent {
  key: string
  size: number
}

/** Content of this SHA-256, if the enterprise has it. */
export async function findContent(db: Db, sha256: string): Promise<KnownContent | undefined> {
  return findBlobBySha256.first(db, { sha256: sha256.toLowerCase() })
}

/** Takes one more reference on known content, in the caller's transaction; undefined when it is not known any more. */
export async function referContent(db: Db, sha256: string): Promise<KnownContent | undefined> {
  return referBlobBySha256.first(db, { sha256: sha256.toLowerCase() })
}

/**
 * Makes new content known with one reference, in the caller's transaction. When the enterprise has the same content already,
 * that is referred to and the new copy under `key` is marked for removal. Answers the key to keep.
 */
export async function adoptContent(db: Db, key: string, facts: BlobFacts, at: string): Promise<string> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const known = await referContent(db, facts.sha256)
    if (known) {
      if (known.key !== key) await doomBlob.run(db, { key, ref: '', size: facts.size, doomed_at: at })
      return known.key
    }
    const row = {
      key,
      sha256: facts.sha256,
      size: facts.size,
      crc32: facts.crc32,
      refs: 1,
      unreferenced_at: null,
      created_at: at,
    }
    if ((await insertBlob.run(db, row)) > 0) return key
  }
  throw new Error('content came and went three times in a row')
}

/** Marks staged or finished bytes for removal, in the caller's transaction. */
export async function doomContent(
  db: Db,
  upload: { key: string; ref: string; size: number },
  at: string,
): Promise<void> {
  await doomBlob.run(db, { ...upload, doomed_at: at })
}

/**
 * Forgets contents without a reference since `before` and dooms their bytes; a content that is referred to again stays.
 * Answers how many it looked at, at most `limit`.
 */
export async function forgetUnreferenced(db: Db, before: string, at: string, limit: number): Promise<number> {
  const contents = await selectUnreferenced.all(db, { before, limit })
  for (const { key, size } of contents) {
    await db.transaction().execute(async (tx) => {
      if ((await deleteUnreferenced.run(tx, { key })) > 0) await doomBlob.run(tx, { key, ref: '', size, doomed_at: at })
    })
  }
  return contents.length
}

/**
 * Removes doomed bytes from the store; keys are never used again, so this can race with nothing. Answers how many it
 * looked at, at most `limit`.
 */
export async function removeDoomed(parts: Pick<Parts, 'db' | 'blobs'>, limit: number): Promise<number> {
  const doomed = await selectDoomed.all(parts.db, { limit })
  for (const { key, ref, size } of doomed) {
    await parts.blobs.abortUpload({ key, ref, size })
    await parts.blobs.remove(key)
    await deleteDoomed.run(parts.db, { key })
  }
  return doomed.length
}
