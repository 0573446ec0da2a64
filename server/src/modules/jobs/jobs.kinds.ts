import type { Context } from '../../context.ts'
import { requireSpace } from '../access/access.service.ts'
import { copyNode } from '../files/files.copy.ts'
import { countBin, purgeBin, purgeNode } from '../files/files.purge.ts'
import { binNode, moveNode, restoreNode } from '../files/files.tree.ts'
import { itemKind, type JobKind, type JobResult, type RunningJob } from './jobs.items.ts'
import { kindNumbers } from './jobs.service.ts'

const toBin = 201

/** All jobs on files (files.md 6). */
export const jobKinds: JobKind[] = [
  itemKind(kindNumbers.copy, async (ctx, { job, nodeId, tag, signal }, finish) => {
    const from = await requireSpace(ctx, job.source_space_id, 'canDownload')
    const to = await requireSpace(ctx, job.target_space_id, 'canEdit')
    await copyNode(ctx, { from, nodeId, to, targetId: job.target_id, tag, signal }, finish)
  }),
  itemKind(kindNumbers.delete, async (ctx, { job, nodeId, tag, signal }, finish) => {
    const space = await requireSpace(ctx, job.source_space_id, 'canEdit')
    if (job.action === toBin) await binNode(ctx, space, nodeId, finish)
    else await purgeNode(ctx, { space, nodeId, tag, signal }, finish)
  }),
  itemKind(kindNumbers.move, async (ctx, { job, nodeId }, finish) => {
    const space = await requireSpace(ctx, job.source_space_id, 'canEdit')
    await moveNode(ctx, { space, nodeId, targetId: job.target_id }, finish)
  }),
  itemKind(kindNumbers.restore, async (ctx, { job, nodeId }, finish) => {
    await restoreNode(ctx, await requireSpace(ctx, job.source_space_id, 'canEdit'), nodeId, finish)
  }),
  { kind: kindNumbers.emptyBin, run: emptyWholeBin },
]

async function emptyWholeBin(ctx: Context, job: RunningJob, signal: AbortSignal): Promise<JobResult> {
  const space = await requireSpace(ctx, job.source_space_id, 'canEdit')
  const before = job.created_at
  // what an earlier run has taken is gone from the bin, and stays counted
  const progress = { total: job.done + (await countBin(ctx.db, space.id, before)), done: job.done, failed: 0 }
  const report = async (items: number) => {
    progress.done += items
    await job.report({ ...progress, total: Math.max(progress.total, progress.done) })
  }
  await purgeBin(ctx, { spaceId: space.id, before, tag: job.id, signal, report })
  return { done: progress.done, failed: 0, errorCode: 0 }
}
