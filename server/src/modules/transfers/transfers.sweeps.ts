import type { Context } from '../../context.ts'
import { forgetUnreferenced, removeDoomed } from '../files/files.contents.ts'
import { selectExpiredUploads } from './transfers.queries.ts'
import { dropUpload, uploadLife } from './transfers.service.ts'

const batch = 100
const graceTime = 3_600_000

/** Ends uploads that were not finished within their day (decision F3). */
export async function dropExpiredUploads(ctx: Context, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    const uploads = await selectExpiredUploads.all(ctx.db, { now: ctx.now().toISOString(), limit: batch })
    for (const upload of uploads) await dropUpload(ctx, upload)
    if (uploads.length < batch) return
  }
}

/** Forgets contents nobody has referred to for an hour, and removes doomed bytes from the store. */
export async function sweepContents(ctx: Context, signal: AbortSignal): Promise<void> {
  const before = new Date(ctx.now().getTime() - graceTime).toISOString()
  for (let count = batch; count === batch;) {
    signal.throwIfAborted()
    count = await forgetUnreferenced(ctx.db, before, ctx.now().toISOString(), batch)
  }
  for (let count = batch; count === batch;) {
    signal.throwIfAborted()
    count = await removeDoomed(ctx, batch)
  }
}

/** Throws away what was staged and lost its upload, as when the process died between the store and the database. */
export async function dropStaged(ctx: Context): Promise<void> {
  await ctx.blobs.dropStale(new Date(ctx.now().getTime() - uploadLife - graceTime))
}

/** What housekeeping does for transfers. */
export const transferSweeps = [dropExpiredUploads, sweepContents, dropStaged]
