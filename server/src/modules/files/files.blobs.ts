import { engineOf } from '../../db/prepared.ts'
import type { Db } from '../../db/schema.ts'
import { addReferences, dropReferences, lockBlobs } from './files.blobs.queries.ts'

/** How many nodes more or fewer refer to each blob. */
export type BlobCounts = Map<string, number>

/** Counts the blobs of some nodes; folders have none. */
export function countBlobs(nodes: readonly { blob_key: string | null }[]): BlobCounts {
  const counts: BlobCounts = new Map()
  for (const { blob_key } of nodes) if (blob_key !== null) counts.set(blob_key, (counts.get(blob_key) ?? 0) + 1)
  return counts
}

/** Notes `count` more nodes on a blob, in the caller's transaction; false when the blob is gone. */
export async function referBlob(db: Db, key: string, count: number): Promise<boolean> {
  return referBlobs(db, new Map([[key, count]]))
}

/** Notes more nodes on many blobs, in the caller's transaction; false when one of them is gone. */
export async function referBlobs(db: Db, counts: BlobCounts): Promise<boolean> {
  if (counts.size === 0) return true
  await lock(db, counts)
  return (await addReferences.run(db, { counts: textOf(counts) })) === counts.size
}

/** Notes `count` fewer nodes on a blob, in the caller's transaction; without any it can be swept from `at` on. */
export async function releaseBlob(db: Db, key: string, count: number, at: string): Promise<void> {
  await releaseBlobs(db, new Map([[key, count]]), at)
}

/** Notes fewer nodes on many blobs, in the caller's transaction. */
export async function releaseBlobs(db: Db, counts: BlobCounts, at: string): Promise<void> {
  if (counts.size === 0) return
  await lock(db, counts)
  await dropReferences.run(db, { counts: textOf(counts), at })
}

async function lock(db: Db, counts: BlobCounts): Promise<void> {
  if (counts.size > 1 && engineOf(db) === 'postgres')
    await lockBlobs.all(db, { keys: JSON.stringify([...counts.keys()]) })
}

function textOf(counts: BlobCounts): string {
  return JSON.stringify([...counts].map(([key, count]) => ({ key, count })))
}
