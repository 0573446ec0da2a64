import type { Context } from '../../context.ts'
import { timestamp } from '../../context.ts'
import type { Db } from '../../db/schema.ts'
import { newId } from '../../ids.ts'
import { insertItems, insertJob } from './jobs.queries.ts'

/** Work to be done in the background, as its owner. */
export interface NewJob {
  kind: number
  /** Refines the kind; 0 when there is nothing to refine. */
  action?: number
  ownerId: string
  spaceId: string
  /** Where to, when that is another space. */
  targetSpaceId?: string
  /** A folder, or whatever the kind takes it for. */
  targetId?: string
  nodeIds: string[]
  /** What the caller sent as the items' paths, for showing. */
  paths?: string[]
  /** Nothing is to be done: the job is only there to be read. */
  isFinished?: boolean
}

/** Adds a job in the caller's transaction; answers its id. After the commit, `wakeJobs()` makes it start at once. */
export async function enqueueJob(tx: Db, ctx: Context, job: NewJob): Promise<string> {
  const id = newId()
  const at = timestamp(ctx)
  const isFinished = job.isFinished === true
  await insertJob.run(tx, {
    id,
    kind: job.kind,
    action: job.action ?? 0,
    owner_id: job.ownerId,
    status: isFinished ? 2 : 0,
    result: isFinished ? 1 : null,
    error_code: 0,
    total: job.nodeIds.length,
    done: isFinished ? job.nodeIds.length : 0,
    failed: 0,
    source_space_id: job.spaceId,
    target_space_id: job.targetSpaceId ?? job.spaceId,
    target_id: job.targetId ?? '',
    created_at: at,
    started_at: isFinished ? at : null,
    ended_at: isFinished ? at : null,
    lease_until: null,
    lease_owner: null,
  })
  const items = job.nodeIds.map((nodeId, index) => ({
    number: index + 1,
    node_id: nodeId,
    path: job.paths?.[index] ?? '',
  }))
  if (items.length > 0) await insertItems.run(tx, { job_id: id, items: JSON.stringify(items) })
  return id
}

const sleepers = new Set<() => void>()

/** Lets the runners of this process look for jobs, and for cancelled ones, at once. */
export function wakeJobs(): void {
  for (const wake of sleepers) wake()
}

/** Calls `wake` with every `wakeJobs()`; answers the function that ends it. */
export function onWake(wake: () => void): () => void {
  sleepers.add(wake)
  return () => sleepers.delete(wake)
}
