import type { ErrorReason } from '@driveway/contract'
import type { Actor, Context } from '../../context.ts'
import { DriveError } from '../../errors.ts'
import { type Capabilities, capabilitiesOf } from '../access/access.service.ts'
import {
  findReceiver,
  findShareById,
  findShareByUrl,
  selectLiveItems,
  selectShareChain,
  type ShareFacts,
} from './shares.queries.ts'
import { isVisitorToken } from './visitor-tokens.ts'

/** What a visitor wants: read the public facts, try a code, see what is inside, or take an original. */
export type Want = 'facts' | 'verify' | 'open' | 'download'

/** One question to the gate. */
export interface Question {
  by: { shortUrl: string } | { shareId: string }
  /** Who asks; anonymous on the public endpoints whatever was sent. */
  actor: Actor
  want: Want
  /** A file or folder that has to be inside the share. */
  nodeId?: string | undefined
  kdstoken?: string | undefined
  /** The version of the code an address was signed for, in place of a `kdstoken`. */
  codeVersion?: string | undefined
}

/** 0 decide by the end, 1 all files deleted, 2 invalid, 3 expired (decision S11). */
export type ShareStatus = 0 | 1 | 2 | 3

/** The gate's answer: the share as it is now and what this visitor may do, or why not. */
export type Decision =
  | {
      isAllowed: true
      share: ShareFacts
      status: ShareStatus
      rights: Rights
      node: InsideNode | undefined
    }
  | { isAllowed: false; reason: ErrorReason; share: ShareFacts | undefined }

/** The least of the link's permission, the owner's right now and the policy (decision S9). */
export interface Rights {
  preview: boolean
  edit: boolean
  download: boolean
}

/** A live file or folder inside a share. */
export interface InsideNode {
  id: string
  is_folder: number
  children_version: number
}

type Allowed = Extract<Decision, { isAllowed: true }>

/** Decides every access to a share (decision S12): who may come near, whether the link lives, the code, the right, the item. */
export async function decideAccess(ctx: Context, question: Question): Promise<Decision> {
  const share = await findShare(ctx, question)
  if (!share) return { isAllowed: false, reason: 'SHARE_NOT_FOUND', share }
  const standing = share.cancelled_at === null ? await standingOf(ctx, share, question.actor) : 'SHARE_CANCELLED'
  if (typeof standing === 'string') return { isAllowed: false, reason: standing, share }
  const own = rightsOf(share)
  const { status, node } = await stateOf(ctx, share, own !== undefined, question.nodeId)
  const rights = own ?? { preview: false, edit: false, download: false }
  const reason = refusalOf(question, {
    status,
    node,
    rights,
    hasCode: standing.isKnown || hasCode(ctx, share, question),
  })
  return reason === undefined ? { isAllowed: true, share, status, rights, node } : { isAllowed: false, reason, share }
}

function findShare(ctx: Context, { by, nodeId = '' }: Question): Promise<ShareFacts | undefined> {
  return 'shortUrl' in by
    ? findShareByUrl.first(ctx.db, { short_url: by.shortUrl, node_id: nodeId })
    : findShareById.first(ctx.db, { id: by.shareId, node_id: nodeId })
}

interface Standing {
  status: ShareStatus
  node: InsideNode | undefined
  rights: Rights
  hasCode: boolean
}

/** Why what is wanted is not given, in the order in which a visitor learns it; undefined when it is given. */
function refusalOf({ want, nodeId }: Question, { status, node, rights, hasCode }: Standing): ErrorReason | undefined {
  if (want === 'facts') return undefined
  if (status !== 0) return reasons[status]
  if (want === 'verify') return undefined
  if (!hasCode) return 'ACCESS_CODE_REQUIRED'
  if (nodeId !== undefined && !node) return 'NOT_IN_SHARE'
  return want === 'download' && !rights.download ? 'NOT_PERMITTED_BY_SHARE' : undefined
}

/** As `decideAccess`, throwing the reason of a refusal. */
export async function requireAccess(ctx: Context, question: Question): Promise<Allowed> {
  const decision = await decideAccess(ctx, question)
  if (!decision.isAllowed) throw new DriveError(decision.reason, fieldAtFault(decision.reason, question))
  return decision
}

/** The one field a refusal is about, if there is one. */
function fieldAtFault(reason: ErrorReason, { by }: Question): { field?: string } {
  if (reason === 'SHARE_NOT_FOUND') return { field: 'shortUrl' in by ? 'shortUrl' : 'shareId' }
  if (reason === 'NOT_IN_SHARE') return { field: 'shortUrl' in by ? 'parentFolder' : 'fileId' }
  return {}
}

const reasons: Record<1 | 2 | 3, ErrorReason> = { 1: 'SHARE_FILES_DELETED', 2: 'SHARE_INVALID', 3: 'SHARE_EXPIRED' }

/** Whether this caller may come near the link at all, and whether he needs no code (decision S5). */
async function standingOf(ctx: Context, share: ShareFacts, actor: Actor): Promise<{ isKnown: boolean } | ErrorReason> {
  if (actor.kind !== 'user') {
    if (share.scope !== 1) return 'SIGN_IN_REQUIRED'
    return ctx.config.isExternalSharingOn ? { isKnown: false } : 'EXTERNAL_SHARING_OFF'
  }
  if (share.owner_id === actor.userId) return { isKnown: true }
  if (share.scope !== 3) return { isKnown: false }
  const receiver = { share_id: share.id, user_id: actor.userId, department_id: actor.departmentId }
  return (await findReceiver.first(ctx.db, receiver)) ? { isKnown: true } : 'NOT_A_RECEIVER'
}

function hasCode(ctx: Context, share: ShareFacts, question: Question): boolean {
  if (question.codeVersion !== undefined) return question.codeVersion === share.code_version
  if (share.code_hash === null) return true
  return question.kdstoken !== undefined && question.kdstoken !== '' && isVisitorToken(ctx, share, question.kdstoken)
}

/** The owner's right on the space at this moment cut down by the link; undefined when the owner may not share there any more. */
function rightsOf(share: ShareFacts): Rights | undefined {
  if (share.space_kind === null || share.space_owner_id === null || share.space_status === null) return undefined
  const owner = { id: share.owner_id, isActive: share.owner_status === 0 }
  const own: Capabilities = capabilitiesOf(owner, {
    kind: share.space_kind,
    owner_id: share.space_owner_id,
    status: share.space_status,
  })
  if (!own.canShare || !own.canView) return undefined
  return {
    preview: share.can_preview === 1,
    edit: share.can_edit === 1 && own.canEdit,
    download: share.can_download === 1 && own.canDownload,
  }
}

async function stateOf(
  ctx: Context,
  share: ShareFacts,
  isOwned: boolean,
  nodeId: string | undefined,
): Promise<{ status: ShareStatus; node: InsideNode | undefined }> {
  if (!isOwned) return { status: 2, node: undefined }
  if (share.expires_at <= ctx.now().toISOString()) return { status: 3, node: undefined }
  const node = nodeId === undefined ? undefined : await findInside(ctx, share, nodeId)
  // a live node inside shows that the share has live files
  const isLive = node !== undefined || share.has_live_top === 1 || (await findLiveItems(ctx, share)).length > 0
  return { status: isLive ? 0 : 1, node }
}

/** The items of a share that are live now: not in the bin, and nothing above them is. */
export async function findLiveItems(ctx: Pick<Context, 'db'>, share: ShareFacts): Promise<string[]> {
  const items = await selectLiveItems.all(ctx.db, { share_id: share.id, root_id: share.root_id ?? '' })
  return items.map((item) => item.id)
}

async function findInside(ctx: Context, share: ShareFacts, nodeId: string): Promise<InsideNode | undefined> {
  if (share.asked_id === nodeId)
    return { id: nodeId, is_folder: share.asked_is_folder ?? 0, children_version: share.asked_version ?? 0 }
  const chain = await selectShareChain.all(ctx.db, { id: nodeId, share_id: share.id })
  const isLive = chain.at(-1)?.id === share.root_id && chain.every((one) => one.recycled_at === null)
  return isLive && chain.some((one) => one.is_item === 1) ? chain[0] : undefined
}
