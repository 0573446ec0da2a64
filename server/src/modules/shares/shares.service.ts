import type { Answer, Endpoints, Input } from '@driveway/contract'
import { type Context, requireUser } from '../../context.ts'
import type { Db, ReceiverKind } from '../../db/schema.ts'
import { DriveError, invalidField } from '../../errors.ts'
import { newId, newShortUrl, randomHex } from '../../ids.ts'
import { seal } from '../../secrets.ts'
import { once } from '../access/idempotency.ts'
import { requireSpace } from '../access/access.service.ts'
import { recordAudit } from '../audit/audit.service.ts'
import { HashingBusyError, hashPassword } from '../auth/passwords.ts'
import { locateAll } from '../files/files.nodes.ts'
import { enqueueJob, wakeJobs } from '../jobs/jobs.service.ts'
import { insertItems, insertReceivers, insertShare, type ShareRow } from './shares.queries.ts'
import { type Receivers, requireReceivers } from './shares.receivers.ts'

type CreateShare = Input<Endpoints['createShare']>
/** The kind of job that delivers a share to its receivers. */
export const deliverKind = 100
const longest = 365 * 86_400_000

/** Founding page *Sharing a File*. Permission is asked before anything is written; the link works at once (decision S1). */
export async function createShare(ctx: Context, input: CreateShare): Promise<Answer<Endpoints['createShare']>> {
  const actor = requireUser(ctx)
  const space = await requireSpace(ctx, input.containerId, 'canShare')
  if (input.scope === 1 && !ctx.config.isExternalSharingOn)
    throw new DriveError('EXTERNAL_SHARING_OFF', { field: 'scope' })
  const receivers = await requireReceivers(ctx, input)
  const displayName = await requireItems(ctx, space, input.fileIds)
  const now = ctx.now()
  const row: ShareRow = {
    id: newId(),
    short_url: newShortUrl(),
    owner_id: actor.userId,
    space_id: space.id,
    scope: input.scope,
    ...permissionColumns(input.permission),
    code_hash: input.extractCode === undefined ? null : await hashCode(input.extractCode),
    code_sealed: input.extractCode === undefined ? null : seal(ctx.keys.seal, input.extractCode),
    code_version: randomHex(8),
    comment: input.comment ?? '',
    display_name: displayName,
    created_at: now.toISOString(),
    updated_at: now.toISOString(),
    expires_at: endOf(input, now),
    cancelled_at: null,
    view_count: 0,
    download_count: 0,
    save_count: 0,
  }
  const answer = await once(ctx, 'createShare', input, async (tx) => {
    const taskId = await writeShare(tx, ctx, { row, fileIds: input.fileIds, receivers })
    return present(ctx, row, input.extractCode, taskId)
  })
  if (input.scope === 3) wakeJobs()
  return answer
}

interface NewShare {
  row: ShareRow
  fileIds: string[]
  receivers: Receivers
}

/** Writes a share with its items, receivers and delivery; answers the delivery's job id. */
async function writeShare(tx: Db, ctx: Context, { row, fileIds, receivers }: NewShare): Promise<string> {
  await insertShare.run(tx, row)
  await insertItems.run(tx, { share_id: row.id, nodes: JSON.stringify(fileIds) })
  const lists = Object.entries(receivers) as [ReceiverKind, string[]][]
  for (const [kind, ids] of lists) {
    if (ids.length > 0) await insertReceivers.run(tx, { share_id: row.id, kind, ids: JSON.stringify(ids) })
  }
  const hasReceivers = lists.some(([, ids]) => ids.length > 0)
  const taskId = await enqueueJob(tx, ctx, {
    kind: deliverKind,
    ownerId: row.owner_id,
    spaceId: row.space_id,
    nodeIds: [],
    targetId: row.id,
    isFinished: !hasReceivers,
  })
  await recordAudit(tx, ctx, {
    action: 'share.create',
    subjectId: row.id,
    detail: { scope: row.scope, items: fileIds.length, hasCode: row.code_hash !== null },
  })
  return taskId
}

/** Absent means preview and download, no edit (decision S10); a sent object says everything. */
function permissionColumns(permission: CreateShare['permission']) {
  return {
    can_preview: permission?.preview === false ? 0 : 1,
    can_edit: permission?.edit === true ? 1 : 0,
    can_download: permission?.download === false ? 0 : 1,
  }
}

async function hashCode(code: string): Promise<string> {
  try {
    return await hashPassword(code)
  } catch (error) {
    throw error instanceof HashingBusyError ? new DriveError('UNAVAILABLE', { data: { retryAfter: 1 } }) : error
  }
}

/** The end of the link: `expireTime` when given, otherwise `validDays` from now (decision S2). */
function endOf(input: CreateShare, now: Date): string {
  if (input.expireTime === undefined) return new Date(now.getTime() + input.validDays * 86_400_000).toISOString()
  const end = Date.parse(input.expireTime)
  if (end <= now.getTime()) throw invalidField('expireTime', 'OUT_OF_RANGE', 'must be in the future')
  if (end > now.getTime() + longest) throw invalidField('expireTime', 'OUT_OF_RANGE', 'must be at most 365 days away')
  return input.expireTime
}

/** The name the share is shown by. FILE_NOT_IN_SPACE, SOURCE_IN_BIN, and SHARE_NOT_ALLOWED for the root of a space. */
async function requireItems(ctx: Context, space: { id: string; rootId: string }, fileIds: string[]): Promise<string> {
  const found = await locateAll(ctx.db, space, fileIds)
  for (const [index, one] of found.entries()) {
    const field = `fileIds[${index}]`
    if (!one) throw new DriveError('FILE_NOT_IN_SPACE', { field })
    if (one.isRecycled) throw new DriveError('SOURCE_IN_BIN', { field })
    if (one.row.parent_id === null) throw new DriveError('SHARE_NOT_ALLOWED', { field })
  }
  return found[0]?.row.name ?? ''
}

function present(
  ctx: Context,
  row: ShareRow,
  code: string | undefined,
  taskId: string,
): Answer<Endpoints['createShare']> {
  return {
    shareLink: {
      shareId: row.id,
      shortUrl: row.short_url,
      linkUrl: `${ctx.config.publicUrl}/s/${row.short_url}`,
      ...(code === undefined ? {} : { extractCode: code }),
      comment: row.comment,
      createTime: row.created_at,
      expireTime: row.expires_at,
    },
    data: { taskId },
  }
}
