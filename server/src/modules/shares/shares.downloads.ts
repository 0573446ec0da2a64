import type { ErrorReason } from '@driveway/contract'
import type { Actor, Context } from '../../context.ts'
import { DriveError } from '../../errors.ts'
import { findActiveUser } from '../auth/auth.service.ts'
import { type Content, findContentOf } from '../transfers/transfers.downloads.ts'
import { requireAccess } from './shares.gate.ts'

/** An address of a shared file, as it was signed. */
export interface ShareGrant {
  shareId: string
  codeVersion: string
  nodeId: string
  /** Empty for a visitor who was not signed in. */
  userId: string
}

const changed: ErrorReason = 'ACCESS_CODE_REQUIRED'

/** The content behind an address of a share. The gate is asked again: what was revoked since is refused with its reason. */
export async function openShareDownload(ctx: Context, grant: ShareGrant): Promise<Content> {
  const user: Actor | undefined = grant.userId === '' ? { kind: 'anonymous' } : await findActiveUser(ctx, grant.userId)
  if (!user) throw new DriveError('DOWNLOAD_LINK_DEAD')
  const { share, node } = await requireAccess(ctx, {
    by: { shareId: grant.shareId },
    actor: user,
    want: 'download',
    nodeId: grant.nodeId,
    codeVersion: grant.codeVersion,
  })
  // who needs no code still loses old addresses with a change of the code
  if (share.code_version !== grant.codeVersion) throw new DriveError(changed)
  const content = node?.is_folder === 0 ? await findContentOf(ctx, grant.nodeId) : undefined
  if (!content) throw new DriveError('DOWNLOAD_LINK_DEAD')
  return content
}
