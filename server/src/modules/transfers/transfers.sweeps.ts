import type { Parts } from '../../context.ts'
import { forgetUnreferenced, removeDoomed } from '../files/files.contents.ts'
import { dropUpload } from './transfers.service.ts'
import { selectExpiredUploads } from './transfers.queries.ts'

const batch = 100
const graceTime = 3600_000

/** Ends uploads that were not finished within their day (decision F3). */
export async function dropExpiredUploads(parts: Parts): Promise<void> {
  const uploads = await selectExpiredUploads.all(parts.db, { now: parts.now().toISOString(), limit: batch })
  for (const upload of uploads) await dropUpload(parts, upload)
}

/** Forgets contents nobody has referred to for an hour, and removes doomed bytes from the store. */
export async function sweepContents(parts: Parts): Promise<void> {
  const now = parts.now()
  await forgetUnreferenced(parts.db, new Date(now.getTime() - graceTime).toISOString(), now.toISOString(), batch)
  await removeDoomed(parts, batch)
}

/** What housekeeping does for transfers. */
export const transferSweeps = [dropExpiredUploads, sweepContents]
