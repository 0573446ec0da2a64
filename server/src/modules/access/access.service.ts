import { type Context, requireUser } from '../../context.ts'
import type { Db } from '../../db/schema.ts'
import { DriveError } from '../../errors.ts'
import { findSpaceWithOwner } from './access.queries.ts'

/** A space the caller may work in. */
export interface OpenSpace {
  id: string
  rootId: string
}

/** What somebody may do in a space, named as the vendor's capabilities (common.md 10.4). */
export interface Capabilities {
  canView: boolean
  canDownload: boolean
  canEdit: boolean
  canShare: boolean
}

const everything: Capabilities = { canView: true, canDownload: true, canEdit: true, canShare: true }
const nothing: Capabilities = { canView: false, canDownload: false, canEdit: false, canShare: false }

/** What a space tells of itself for a decision. */
export interface SpaceFacts {
  kind: number
  owner_id: string
  status: number
}

/** What a person may do in a space now. A disabled person may nothing; a personal space belongs to its owner alone. */
export function capabilitiesOf(person: { id: string; isActive: boolean }, space: SpaceFacts): Capabilities {
  if (!person.isActive || space.status !== 0) return nothing
  return space.kind === 1 && space.owner_id === person.id ? everything : nothing
}

/** A space with the state of its owner; undefined when there is none. */
export function findSpace(db: Db, id: string) {
  return findSpaceWithOwner.first(db, { id })
}

/**
 * The space, when the caller may do what is asked in it. SPACE_NOT_ACCESSIBLE alike for an unknown space and a foreign one,
 * SPACE_NOT_ACTIVE for the caller's own that is disabled.
 */
export async function requireSpace(
  ctx: Context,
  spaceId: string,
  need: keyof Capabilities,
  field = 'containerId',
): Promise<OpenSpace> {
  const actor = requireUser(ctx)
  const space = await findSpaceWithOwner.first(ctx.db, { id: spaceId })
  if (!space) throw new DriveError('SPACE_NOT_ACCESSIBLE', { field })
  const person = { id: actor.userId, isActive: true }
  if (space.status !== 0 && capabilitiesOf(person, { ...space, status: 0 })[need]) {
    throw new DriveError('SPACE_NOT_ACTIVE', { field })
  }
  if (!capabilitiesOf(person, space)[need]) throw new DriveError('SPACE_NOT_ACCESSIBLE', { field })
  return { id: space.id, rootId: space.root_id }
}
