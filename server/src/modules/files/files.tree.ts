import { type Context, timestamp } from '../../context.ts'
import { runRetrying } from '../../db/retry.ts'
import type { Db } from '../../db/schema.ts'
import { DriveError } from '../../errors.ts'
import { foldName, timestampedName } from '../../names.ts'
import type { OpenSpace } from '../access/access.service.ts'
import { recordAudit } from '../audit/audit.service.ts'
import { breathe, neverAborted } from './files.interruption.ts'
import { addNode, locateNode, type Located, locateTarget, maxDepth, nameColumns, requireDepth } from './files.nodes.ts'
import { type ChainRow, findChildByName, type NodeRow, selectChain, touchFolder } from './files.queries.ts'
import { batchSize, lockNode, lockSpace, placeNode, recycleNode, selectChildFolders } from './files.tree.queries.ts'

/**
 * What the caller notes in the very transaction that completes an operation, so that both happen or neither. It gets the id of the
 * item afterwards, null when there is none any more.
 */
export type Finish = (tx: Db, nodeId: string | null) => Promise<void>

/** Nothing to note. */
export const noFinish: Finish = async () => undefined

/** Who does something, for the columns that say so. */
export function actorId(ctx: Context): string {
  return ctx.actor.kind === 'user' ? ctx.actor.userId : ctx.actor.kind
}

/** Runs `work` while nobody else changes the shape of a space's tree. */
export function inSpace<T>(ctx: Context, space: OpenSpace, work: (tx: Db) => Promise<T>): Promise<T> {
  return runRetrying(ctx.db, async (tx) => {
    await lockSpace.all(tx, { id: space.id })
    return work(tx)
  })
}

/**
 * Puts one live item into the bin (files.md 5); what lies below it is in the bin with it. FILE_NOT_IN_SPACE, SOURCE_IN_BIN,
 * NOT_PERMITTED for a root.
 */
export async function binNode(
  ctx: Context,
  space: OpenSpace,
  nodeId: string,
  finish: Finish = noFinish,
): Promise<void> {
  await inSpace(ctx, space, async (tx) => {
    const { node, parent } = requireLive(await locateNode(tx, space, nodeId, 'fileId'))
    await recycleNode.run(tx, {
      id: nodeId,
      recycled_at: timestamp(ctx),
      recycled_by: actorId(ctx),
      recycled_parent_name: parent.name,
    })
    await touchFolder.run(tx, { id: parent.id })
    await recordAudit(tx, ctx, { action: 'file.bin', subjectId: node.id })
    await finish(tx, nodeId)
  })
}

/** The node and its folder, when it is live and no root. */
function requireLive(located: Located): { node: ChainRow; parent: ChainRow } {
  const parent = located.chain[1]
  if (!parent) throw new DriveError('NOT_PERMITTED', { field: 'fileId' })
  if (located.isRecycled) throw new DriveError('SOURCE_IN_BIN', { field: 'fileId' })
  return { node: located.node, parent }
}

/**
 * Takes one item out of the bin: back to its folder, or when that is gone to a folder of that folder's name at the top (files.md 5);
 * a name that is taken gets a timestamp. FILE_NOT_IN_SPACE, NOT_IN_BIN, TOO_DEEP.
 */
export async function restoreNode(
  ctx: Context,
  space: OpenSpace,
  nodeId: string,
  finish: Finish = noFinish,
): Promise<void> {
  const height = await heightOf(ctx.db, nodeId)
  await inSpace(ctx, space, async (tx) => {
    const node = await lockNode.first(tx, { id: nodeId })
    const chain = await selectChain.all(tx, { id: nodeId })
    if (!node || node.space_id !== space.id) throw new DriveError('FILE_NOT_IN_SPACE', { field: 'fileId' })
    if (node.recycled_at === null) {
      const isThere = chain.at(-1)?.id === space.rootId
      throw new DriveError(isThere ? 'NOT_IN_BIN' : 'FILE_NOT_IN_SPACE', { field: 'fileId' })
    }
    const target = await restoreTarget(tx, ctx, { space, node, above: chain.slice(1) })
    requireDepth(target, node.is_folder === 1 ? height : 0, 'fileId')
    await placeUnder(tx, ctx, node, target.node.id)
    await recordAudit(tx, ctx, { action: 'file.restore', subjectId: nodeId })
    await finish(tx, nodeId)
  })
}

async function restoreTarget(
  tx: Db,
  ctx: Context,
  { space, node, above }: { space: OpenSpace; node: NodeRow; above: ChainRow[] },
): Promise<Located> {
  const parent = above[0]
  const isLive = above.at(-1)?.id === space.rootId && above.every((one) => one.recycled_at === null)
  if (parent && isLive) return { node: parent, chain: above, isRecycled: false }
  const name = node.recycled_parent_name ?? ''
  if (name === '') return locateTarget(tx, space, space.rootId, 'fileId')
  const known = await findChildByName.first(tx, { parent_id: space.rootId, name_fold: foldName(name) })
  const at = timestamp(ctx)
  const folder =
    known?.is_folder === 1
      ? known
      : await addNode(
          tx,
          ctx,
          {
            spaceId: space.id,
            parentId: space.rootId,
            name,
            isFolder: true,
            fileType: '10',
            createdAt: at,
            createdBy: actorId(ctx),
            editedAt: at,
          },
          'rename',
        )
  return locateTarget(tx, space, folder.id, 'fileId')
}

/** Where an item is to go. */
export interface Move {
  space: OpenSpace
  nodeId: string
  /** Folder id or `root`. */
  targetId: string
}

/**
 * Moves one item to another folder of its space (files.md 6); a name that is taken gets a timestamp. FILE_NOT_IN_SPACE, SOURCE_IN_BIN,
 * TARGET_FOLDER_INVALID, TARGET_IN_BIN, NESTED_DIRECTORIES, ALREADY_THERE, TOO_DEEP, NOT_PERMITTED for a root.
 */
export async function moveNode(
  ctx: Context,
  { space, nodeId, targetId }: Move,
  finish: Finish = noFinish,
): Promise<void> {
  const height = await heightOf(ctx.db, nodeId)
  await inSpace(ctx, space, async (tx) => {
    const node = await lockNode.first(tx, { id: nodeId })
    const { parent } = requireLive(await locateNode(tx, space, nodeId, 'fileId'))
    const target = await locateTarget(tx, space, targetId, 'newFilePath')
    requireOutside(target, nodeId)
    if (!node || parent.id === target.node.id) throw new DriveError('ALREADY_THERE', { field: 'fileId' })
    requireDepth(target, node.is_folder === 1 ? height : 0, 'newFilePath')
    await placeUnder(tx, ctx, node, target.node.id)
    await touchFolder.run(tx, { id: parent.id })
    await recordAudit(tx, ctx, {
      action: 'file.move',
      subjectId: nodeId,
      detail: { from: parent.id, to: target.node.id },
    })
    await finish(tx, nodeId)
  })
}

/** Throws NESTED_DIRECTORIES when the target is the node or lies below it. */
export function requireOutside(target: Located, nodeId: string): void {
  if (target.chain.some((one) => one.id === nodeId))
    throw new DriveError('NESTED_DIRECTORIES', { field: 'newFilePath' })
}

/** Hangs a node under a folder, in the caller's transaction; a name that is taken gets a timestamp (decision F6). */
export async function placeUnder(tx: Db, ctx: Context, node: NodeRow, parentId: string): Promise<void> {
  for (let attempt = -1; attempt < 20; attempt++) {
    const name = attempt < 0 ? node.name : timestampedName(node.name, ctx.now(), attempt)
    if (await findChildByName.first(tx, { parent_id: parentId, name_fold: foldName(name) })) continue
    await placeNode.run(tx, { id: node.id, parent_id: parentId, ...nameColumns(name, node.is_folder === 1) })
    await touchFolder.run(tx, { id: parentId })
    return
  }
  throw new DriveError('DUPLICATE_NAME', { field: 'fileId' })
}

/** Levels of folders from this one down, 1 for a folder without any; what is beyond the deepest allowed is not looked at. */
async function heightOf(db: Db, folderId: string, level = 1): Promise<number> {
  let height = level
  let after = { created_at: '', id: '' }
  while (level <= maxDepth) {
    await breathe(neverAborted)
    const folders = await selectChildFolders.all(db, { parent_id: folderId, ...after })
    if (folders.length > 0) height = Math.max(height, level + 1)
    for (const folder of folders) {
      if (folder.has_folders === 1) height = Math.max(height, await heightOf(db, folder.id, level + 1))
    }
    const last = folders[batchSize - 1]
    if (!last) break
    after = { created_at: last.created_at, id: last.id }
  }
  return height
}
