import type { ErrorReason } from '@driveway/contract'
import type { Context } from '../../context.ts'
import type { Db } from '../../db/schema.ts'
import { DriveError } from '../../errors.ts'
import { breathe, Interrupted } from '../files/files.interruption.ts'
import type { Finish } from '../files/files.tree.ts'
import {
  countItems,
  failWaitingItems,
  findFirstFailure,
  type JobRow,
  selectWaitingItems,
  settleItem,
} from './jobs.queries.ts'
import { codeOf } from './jobs.service.ts'

/** How a job came out: items that succeeded and failed, and the vendor's number of the first failure (0 for none). */
export interface JobResult {
  done: number
  failed: number
  errorCode: number
}

/** How far a job is. */
export interface Progress {
  total: number
  done: number
  failed: number
}

/** A job that is being carried out. */
export interface RunningJob extends JobRow {
  /** Shows how far it is, four times a second at most. */
  report(progress: Progress): Promise<void>
}

/**
 * How jobs of one kind are carried out, as their owner. A run can be ended at any moment by a crash or by the signal, whose reason it
 * then throws between two steps; another run, here or in another process, goes on with what is left. A DriveError fails all that is
 * left; no result means that all succeeded.
 */
export interface JobKind {
  kind: number
  run(ctx: Context, job: RunningJob, signal: AbortSignal): Promise<JobResult | undefined>
}

/** Works on one item; calls `finish` in the transaction that completes it. */
type ItemWork = (ctx: Context, item: Item, finish: Finish) => Promise<unknown>

/** One item of a running job. */
export interface Item {
  job: RunningJob
  nodeId: string
  /** The same each time the item is tried, and no other's. */
  tag: string
  signal: AbortSignal
}

/** A kind of job that works on its items one after the other: what goes wrong with one is noted on it. */
export function itemKind(kind: number, work: ItemWork): JobKind {
  return {
    kind,
    async run(ctx, job, signal) {
      const { done, failed } = await outcomeOf(ctx.db, job.id)
      const progress = { total: job.total, done, failed }
      for (;;) {
        const items = await selectWaitingItems.all(ctx.db, { job_id: job.id })
        if (items.length === 0) return outcomeOf(ctx.db, job.id)
        for (const { number, node_id } of items) {
          await breathe(signal)
          const isDone = await workOn(ctx, { job, nodeId: node_id, tag: `${job.id}:${number}`, signal }, number, work)
          if (isDone) progress.done++
          else progress.failed++
          await job.report(progress)
        }
      }
    },
  }
}

async function workOn(ctx: Context, item: Item, number: number, work: ItemWork): Promise<boolean> {
  const settle = async (
    db: Db,
    outcome: { status: number; new_node_id: string | null; error_reason: string | null },
  ) => {
    // another process went on with this job: what it has done counts, and the transaction at hand is undone
    if ((await settleItem.run(db, { job_id: item.job.id, number, ...outcome })) === 0) throw new Interrupted(false)
  }
  try {
    await work(ctx, item, (tx, nodeId) => settle(tx, { status: 1, new_node_id: nodeId, error_reason: null }))
    return true
  } catch (error) {
    if (error instanceof Interrupted) throw error
    await settle(ctx.db, { status: 2, new_node_id: null, error_reason: reasonOf(ctx, error) })
    return false
  }
}

function reasonOf(ctx: Context, error: unknown): ErrorReason {
  if (error instanceof DriveError) return error.reason
  ctx.log.error({ err: error, traceId: ctx.traceId }, 'an item of a job failed')
  return 'INTERNAL'
}

async function outcomeOf(db: Db, jobId: string): Promise<JobResult> {
  const counts = new Map((await countItems.all(db, { job_id: jobId })).map((row) => [row.status, row.count]))
  const failure = await findFirstFailure.first(db, { job_id: jobId })
  return { done: counts.get(1) ?? 0, failed: counts.get(2) ?? 0, errorCode: codeOf(failure?.error_reason ?? null) }
}

/** Fails all items of a job that wait, for one reason; answers the outcome of the whole. */
export async function failItems(db: Db, jobId: string, reason: ErrorReason): Promise<JobResult> {
  await failWaitingItems.run(db, { job_id: jobId, error_reason: reason })
  const outcome = await outcomeOf(db, jobId)
  return outcome.errorCode === 0 ? { ...outcome, errorCode: codeOf(reason) } : outcome
}
