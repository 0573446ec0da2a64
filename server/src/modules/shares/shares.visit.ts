import type { Answer, Endpoints, Input } from '@driveway/contract'
import { writeByteToken } from '../../byte-tokens.ts'
import type { Context } from '../../context.ts'
import { DriveError } from '../../errors.ts'
import {
  type AttemptRule,
  clientPrefix,
  countFailure,
  forgetFailures,
  inTurn,
  requireAttempt,
} from '../auth/attempts.ts'
import { HashingBusyError, isPassword } from '../auth/passwords.ts'
import { findContentOf } from '../transfers/transfers.downloads.ts'
import { requireAccess, type Rights, type ShareStatus } from './shares.gate.ts'
import { findShareById, type ShareFacts } from './shares.queries.ts'
import { writeVisitorToken } from './visitor-tokens.ts'

/** Wrong codes from one client on one link (decision S6). */
const clientRule: AttemptRule = { free: 5, first: 2, longest: 900, forget: 1800 }
/** Wrong codes from all clients together; it slows only clients that have been wrong themselves. */
const shareRule: AttemptRule = { free: 100, first: 1, longest: 60, forget: 1800 }

/** Whether the link may be opened (sharing.md 4). Throws the gate's reason. */
export async function visitShare(
  ctx: Context,
  input: Input<Endpoints['visitShare']>,
): Promise<Answer<Endpoints['visitShare']>> {
  await requireAccess(ctx, { by: input, actor: ctx.actor, want: 'open' })
  return {}
}

/** The public facts of a link, its status too when it has ended (sharing.md 4). */
export async function getShareInfo(
  ctx: Context,
  input: Input<Endpoints['getShareInfo']>,
): Promise<Answer<Endpoints['getShareInfo']>> {
  const { share, status, rights } = await requireAccess(ctx, { by: input, actor: ctx.actor, want: 'facts' })
  return { link: presentLink(ctx, share, status, rights) }
}

/** A share as a visitor may know it (sharing.md 1.3). */
export function presentLink(ctx: Pick<Context, 'now'>, share: ShareFacts, status: ShareStatus, rights: Rights) {
  const left = Date.parse(share.expires_at) - ctx.now().getTime()
  return {
    shareId: share.id,
    shortUrl: share.short_url,
    shareTime: share.created_at,
    ownerId: share.owner_id,
    ownerName: share.owner_name ?? '',
    permission: { preview: rights.preview, edit: rights.edit, download: rights.download },
    expireTime: share.expires_at,
    expireDate: String(Math.max(0, Math.ceil(left / 86_400_000))),
    status,
  }
}

/** Checks an access code and answers a visitor token (sharing.md 4, decisions S5 and S6). ACCESS_CODE_WRONG, TOO_MANY_ATTEMPTS. */
export async function verifyExtractCode(
  ctx: Context,
  input: Input<Endpoints['verifyExtractCode']>,
): Promise<Answer<Endpoints['verifyExtractCode']>> {
  const { share } = await requireAccess(ctx, { by: input, actor: ctx.actor, want: 'verify' })
  if (share.code_hash === null) return { kdstoken: writeVisitorToken(ctx, share) }
  const key = `code:${share.id}:${clientPrefix(ctx.address)}`
  await inTurn(key, () => checkCode(ctx, key, share, input.extractCode))
  return { kdstoken: writeVisitorToken(ctx, share) }
}

async function checkCode(ctx: Context, key: string, share: ShareFacts, code: string): Promise<void> {
  const hasFailed = await requireAttempt(ctx, key)
  if (hasFailed) await requireAttempt(ctx, `code:${share.id}`)
  if (!(await isCode(code, share.code_hash ?? ''))) {
    const standing = await countFailure(ctx, key, clientRule)
    await countFailure(ctx, `code:${share.id}`, shareRule)
    throw new DriveError('ACCESS_CODE_WRONG', {
      field: 'extractCode',
      data: standing.retryAfter > 0 ? standing : { triesLeft: standing.triesLeft },
    })
  }
  await forgetFailures(ctx, key)
}

async function isCode(code: string, hash: string): Promise<boolean> {
  try {
    return await isPassword(code, hash)
  } catch (error) {
    throw error instanceof HashingBusyError ? new DriveError('UNAVAILABLE', { data: { retryAfter: 1 } }) : error
  }
}

/** An address for one file of a share, good for an hour (sharing.md 4). NOT_FOR_FOLDERS, NOT_IN_SHARE, NOT_PERMITTED_BY_SHARE. */
export async function downloadShareFile(
  ctx: Context,
  input: Input<Endpoints['downloadShareFile']>,
): Promise<Answer<Endpoints['downloadShareFile']>> {
  const { share, node } = await requireAccess(ctx, {
    by: { shareId: input.shareId },
    actor: ctx.actor,
    want: 'download',
    nodeId: input.fileId,
    kdstoken: input.kdstoken,
  })
  if (node?.is_folder !== 0) throw new DriveError('NOT_FOR_FOLDERS', { field: 'fileId' })
  const content = await findContentOf(ctx, input.fileId)
  if (!content) throw new DriveError('NOT_IN_SHARE', { field: 'fileId' })
  const token = writeByteToken(ctx, {
    kind: 'share',
    shareId: share.id,
    codeVersion: share.code_version,
    nodeId: input.fileId,
    userId: ctx.actor.kind === 'user' ? ctx.actor.userId : '',
  })
  return { downloadUrl: await content.address(token) }
}

/** A share that was not cancelled; undefined otherwise. */
export async function findLiveShare(ctx: Pick<Context, 'db'>, id: string): Promise<ShareFacts | undefined> {
  const share = await findShareById.first(ctx.db, { id, node_id: '' })
  return share?.cancelled_at === null ? share : undefined
}
