import type { Answer, Endpoints, Input } from '@driveway/contract'
import { type Context, requireUser, timestamp } from '../../context.ts'
import type { Db, Schema } from '../../db/schema.ts'
import { DriveError } from '../../errors.ts'
import { findEnterprise } from '../directory/directory.service.ts'
import { giveBytes, insertSpace, resizeSpaces, selectSpacesOf, takeBytes } from './spaces.queries.ts'

const gigabyte = 1024 ** 3
const personal = 1

/** The first space of an owner (files.md 12). SPACE_NOT_ACCESSIBLE alike for none and for somebody else's. */
export async function getSpace(
  ctx: Context,
  input: Input<Endpoints['getSpace']>,
): Promise<Answer<Endpoints['getSpace']>> {
  const spaces = await visibleSpaces(ctx, input.ownerId, input.type ?? personal)
  const space = input.containerId ? spaces.find((one) => one.id === input.containerId) : spaces[0]
  if (!space) throw new DriveError('SPACE_NOT_ACCESSIBLE', { field: spaces.length > 0 ? 'containerId' : 'ownerId' })
  return { data: present(space, await tenantOf(ctx)) }
}

/** All spaces of an owner (files.md 12, second version). */
export async function listSpaces(
  ctx: Context,
  input: Input<Endpoints['listSpaces']>,
): Promise<Answer<Endpoints['listSpaces']>> {
  const spaces = await visibleSpaces(ctx, input.owner_id, input.type ?? personal)
  if (spaces.length === 0) throw new DriveError('SPACE_NOT_ACCESSIBLE', { field: 'owner_id' })
  const tenant = await tenantOf(ctx)
  return { data: spaces.map((space) => present(space, tenant)) }
}

/** An owner sees his spaces; a system administrator sees everybody's sizes, never what is in them. */
async function visibleSpaces(ctx: Context, ownerId: string, kind: number): Promise<Schema['spaces'][]> {
  const actor = requireUser(ctx)
  if (actor.userId !== ownerId && actor.role !== 2) return []
  return selectSpacesOf.all(ctx.db, { owner_id: ownerId, kind })
}

async function tenantOf(ctx: Context): Promise<string> {
  return (await findEnterprise.first(ctx.db, {}))?.id ?? ''
}

function present(space: Schema['spaces'], tenantId: string) {
  return {
    type: space.kind,
    status: space.status,
    ownerId: space.owner_id,
    containerId: space.id,
    bizRootFileId: space.root_id,
    bizSboxFileId: `DEUI7pa0C24Asbox${space.id}`,
    rootFileId: space.root_id,
    capacity: Math.floor(space.capacity / gigabyte),
    spaceUsed: space.used,
    tenantId,
    creator: space.created_by,
    createTime: space.created_at,
    modifier: space.updated_by,
    updateTime: space.updated_at,
  }
}

/** Gives an owner's personal space another size in bytes. INSUFFICIENT_SPACE when more is in use. */
export async function setSpaceCapacity(db: Db, ctx: Context, ownerId: string, capacity: number): Promise<void> {
  const by = ctx.actor.kind === 'user' ? ctx.actor.userId : ctx.actor.kind
  const values = { owner_id: ownerId, kind: personal, capacity, updated_at: timestamp(ctx), updated_by: by }
  if ((await resizeSpaces.run(db, values)) === 0) throw new DriveError('INSUFFICIENT_SPACE', { field: 'capacity' })
}

/** Adds a space, in the caller's transaction; its root folder is made by the files module. */
export async function addSpace(db: Db, space: Schema['spaces']): Promise<void> {
  await insertSpace.run(db, space)
}

/** Takes bytes of a space's quota in the caller's transaction. INSUFFICIENT_SPACE when they are not there. */
export async function reserveBytes(db: Db, spaceId: string, bytes: number): Promise<void> {
  if ((await takeBytes.run(db, { id: spaceId, bytes })) === 0) throw new DriveError('INSUFFICIENT_SPACE')
}

/** Gives bytes back to a space's quota in the caller's transaction. */
export async function releaseBytes(db: Db, spaceId: string, bytes: number): Promise<void> {
  if (bytes > 0) await giveBytes.run(db, { id: spaceId, bytes })
}
