import { type Answer, type Endpoints, errorKinds, type ErrorReason, type Input } from '@driveway/contract'
import { type Context, requireUser, timestamp } from '../../context.ts'
import { DriveError, invalidField } from '../../errors.ts'
import { type OpenSpace, requireSpace } from '../access/access.service.ts'
import { once } from '../access/idempotency.ts'
import { recordAudit } from '../audit/audit.service.ts'
import { locateTarget } from '../files/files.nodes.ts'
import {
  cancelOpenJob,
  findJob,
  findTenant,
  type ItemRow,
  type JobRow,
  selectItems,
  selectJobsOf,
} from './jobs.queries.ts'
import { enqueueJob, type NewJob, wakeJobs } from './jobs.queue.ts'

export { enqueueJob, wakeJobs } from './jobs.queue.ts'

type CreateJob = Input<Endpoints['createJob']>
type JobInfo = Answer<Endpoints['getJob']>['data']['jobInfo']

/** The kinds of jobs on files, as the vendor numbers them (files.md 6). */
export const kindNumbers = { copy: 1, delete: 2, move: 3, restore: 4, emptyBin: 7 } as const

/** What `actionType` may be for a `taskType`; the first is what its absence means. */
const actions: Record<number, number[]> = { 1: [101], 2: [201, 202], 3: [301], 4: [], 7: [701] }

const taskNames: Record<number, string> = {
  1: 'copy',
  2: 'delete',
  3: 'move',
  4: 'restore',
  7: 'empty the bin',
  100: 'deliver a share',
}

/**
 * Starts work on many items (files.md 6). What is wrong with the call is refused here: SPACE_NOT_ACCESSIBLE, SPACE_NOT_ACTIVE,
 * TARGET_FOLDER_INVALID, TARGET_IN_BIN, PARAMETER_INVALID; what is wrong with one item fails that item.
 */
export async function createJob(ctx: Context, input: CreateJob): Promise<Answer<Endpoints['createJob']>> {
  const job = await planJob(ctx, input)
  const id = await once(ctx, 'createJob', input, async (tx) => {
    const jobId = await enqueueJob(tx, ctx, job)
    await recordAudit(tx, ctx, {
      action: 'job.create',
      subjectId: jobId,
      detail: { kind: job.kind, action: job.action },
    })
    return jobId
  })
  wakeJobs()
  return { data: id }
}

async function planJob(ctx: Context, input: CreateJob): Promise<NewJob> {
  const kind = input.taskType
  const { taskInfo, dstContainerId } = input
  const isCopy = kind === kindNumbers.copy
  const action = requireAction(kind, input.actionType)
  if (!isCopy && dstContainerId !== taskInfo.srcContainerId) {
    throw invalidField('dstContainerId', 'NOT_ALLOWED', 'must be the source space: only a copy goes to another one')
  }
  const items = requireItems(kind, taskInfo.fileInfo)
  const source = await requireSpace(
    ctx,
    taskInfo.srcContainerId,
    isCopy ? 'canDownload' : 'canEdit',
    'taskInfo.srcContainerId',
  )
  const target = await requireSpace(ctx, dstContainerId, 'canEdit', 'dstContainerId')
  const hasTarget = isCopy || kind === kindNumbers.move
  return {
    kind,
    action,
    ownerId: requireUser(ctx).userId,
    spaceId: source.id,
    targetSpaceId: target.id,
    targetId: hasTarget ? await requireTarget(ctx, target, taskInfo.newFilePath) : '',
    nodeIds: items.map((item) => item.fileId),
    paths: items.map((item) => item.filePath ?? ''),
  }
}

function requireAction(kind: number, action: number | undefined): number {
  const allowed = actions[kind] ?? []
  if (action === undefined) return allowed[0] ?? 0
  if (!allowed.includes(action)) throw invalidField('actionType', 'NOT_ALLOWED', `does not go with taskType ${kind}`)
  return action
}

function requireItems(kind: number, items: CreateJob['taskInfo']['fileInfo'] = []) {
  const field = 'taskInfo.fileInfo'
  if (kind === kindNumbers.emptyBin) return []
  if (items.length === 0) throw invalidField(field, 'TOO_FEW', 'must have at least one item')
  const seen = new Set<string>()
  for (const [index, item] of items.entries()) {
    if (seen.has(item.fileId)) throw invalidField(`${field}[${index}].fileId`, 'DUPLICATE', 'is there already')
    seen.add(item.fileId)
  }
  return items
}

/** The destination's id: `path` is it, or ends in it. */
async function requireTarget(ctx: Context, space: OpenSpace, path: string | undefined): Promise<string> {
  const id = path?.split('/').findLast((part) => part !== '')
  return (await locateTarget(ctx.db, space, id, 'taskInfo.newFilePath')).node.id
}

/** Empties a bin in the background (files.md 5). PARAMETER_INVALID without a space, SPACE_NOT_ACCESSIBLE, SPACE_NOT_ACTIVE. */
export async function emptyBin(
  ctx: Context,
  input: Input<Endpoints['emptyBin']>,
): Promise<Answer<Endpoints['emptyBin']>> {
  const spaceId = input.containerId ?? input.container
  if (spaceId === undefined) throw invalidField('containerId', 'MISSING', 'is missing')
  const space = await requireSpace(ctx, spaceId, 'canEdit')
  const ownerId = requireUser(ctx).userId
  await once(ctx, 'emptyBin', input, async (tx) => {
    const id = await enqueueJob(tx, ctx, {
      kind: kindNumbers.emptyBin,
      action: 701,
      ownerId,
      spaceId: space.id,
      nodeIds: [],
    })
    await recordAudit(tx, ctx, { action: 'bin.empty', subjectId: space.id })
    return id
  })
  wakeJobs()
  return {}
}

/** The caller's jobs, newest first (files.md 6). */
export async function listJobs(
  ctx: Context,
  input: Input<Endpoints['listJobs']>,
): Promise<Answer<Endpoints['listJobs']>> {
  const { type: kind = -1, status = -1, offset = 0, limit = 100 } = input
  const rows = await selectJobsOf.all(ctx.db, { owner_id: requireUser(ctx).userId, kind, status, offset, limit })
  const tenantId = await tenantOf(ctx)
  return { data: rows.map((row) => presentJob(row, tenantId)) }
}

/** One of the caller's jobs with its items (files.md 6). NOT_FOUND alike for none and for somebody else's. */
export async function getJob(ctx: Context, input: Input<Endpoints['getJob']>): Promise<Answer<Endpoints['getJob']>> {
  const job = await requireJob(ctx, input.job_id, 'job_id')
  const items = await selectItems.all(ctx.db, { job_id: job.id })
  const jobInfo = presentJob(job, await tenantOf(ctx))
  return { data: { jobInfo, taskInfos: items.map((item) => presentItem(job, item)) } }
}

async function requireJob(ctx: Context, id: string, field: string): Promise<JobRow> {
  const job = await findJob.first(ctx.db, { id })
  if (!job || job.owner_id !== requireUser(ctx).userId) throw new DriveError('NOT_FOUND', { field })
  return job
}

/**
 * Ends one of the caller's jobs before its next item or batch; what is done stays done, and a job that has ended stays as it is
 * (files.md 6). NOT_FOUND alike for none and for somebody else's.
 */
export async function cancelJob(
  ctx: Context,
  input: Input<Endpoints['cancelJob']>,
): Promise<Answer<Endpoints['cancelJob']>> {
  const job = await requireJob(ctx, input.jobId, 'jobId')
  await ctx.db.transaction().execute(async (tx) => {
    const changed = await cancelOpenJob.run(tx, { id: job.id, owner_id: job.owner_id, ended_at: timestamp(ctx) })
    if (changed > 0) await recordAudit(tx, ctx, { action: 'job.cancel', subjectId: job.id })
  })
  wakeJobs()
  return { data: job.id }
}

async function tenantOf(ctx: Context): Promise<string> {
  return (await findTenant.first(ctx.db, {}))?.id ?? ''
}

function presentJob(job: JobRow, tenantId: string): JobInfo {
  return {
    taskId: job.id,
    taskName: taskNames[job.kind] ?? '',
    userId: `${tenantId}-${job.owner_id}`,
    taskType: job.kind,
    actionType: job.action,
    status: job.status,
    ...(job.result === null ? {} : { taskResultCode: job.result }),
    resultCode: job.error_code,
    progress: progressOf(job),
    contentNum: job.total,
    containerId: job.target_space_id,
    tenantId,
    ...(job.started_at === null ? {} : { beginTime: compact(job.started_at) }),
    ...(job.ended_at === null ? {} : { endTime: compact(job.ended_at) }),
    createTime: compact(job.created_at),
  }
}

function progressOf(job: JobRow): number {
  if (job.status === 2) return 100
  if (job.total === 0) return 0
  return Math.min(99, Math.floor((100 * (job.done + job.failed)) / job.total))
}

function compact(at: string): string {
  return at.replaceAll(/\D/g, '').slice(0, 14)
}

function presentItem(job: JobRow, item: ItemRow) {
  return {
    id: String(item.number),
    fileId: item.node_id,
    filePath: item.path,
    status: String(item.status),
    ...(item.new_node_id === null ? {} : { newFileId: item.new_node_id }),
    srcContainerId: job.source_space_id,
    resultCode: String(codeOf(item.error_reason)),
    resultDesc: item.error_reason ?? 'OK',
  }
}

/** The vendor's number of a failure; 0 for none. */
export function codeOf(reason: string | null): number {
  return reason === null ? 0 : (errorKinds[reason as ErrorReason]?.code ?? errorKinds.INTERNAL.code)
}
