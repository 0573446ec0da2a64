import { type Context, timestamp } from '../../context.ts'
import { runRetrying } from '../../db/retry.ts'
import type { Db } from '../../db/schema.ts'
import { DriveError } from '../../errors.ts'
import type { OpenSpace } from '../access/access.service.ts'
import { recordAudit } from '../audit/audit.service.ts'
import { releaseBytes } from '../spaces/spaces.service.ts'
import { countBlobs, releaseBlobs } from './files.blobs.ts'
import { breathe, isCancelled, neverAborted } from './files.interruption.ts'
import { findNode, selectChain, touchFolder } from './files.queries.ts'
import { type Finish, inSpace, noFinish } from './files.tree.ts'
import {
  countBinned,
  deleteNodes,
  hideNodes,
  lockNode,
  lockNodes,
  lockSpace,
  selectBelow,
  selectBinned,
  selectHidden,
  selectSpacesWithOldBin,
} from './files.tree.queries.ts'

/** What is to be deleted for good. */
export interface Purge {
  space: OpenSpace
  nodeId: string
  /** Names this purge, the same each time it is tried, such as `<job>:<item>`: what a killed run left is found by it. */
  tag: string
  signal: AbortSignal
}

const hiddenPrefix = 'purge:'

/**
 * Deletes one item for good, live or from the bin (files.md 5): gone from sight at once, then bit by bit, its quota given back. What
 * lies below and was put into the bin by itself stays there. FILE_NOT_IN_SPACE, NOT_PERMITTED for a root. Once begun it is not
 * cancelled any more.
 */
export async function purgeNode(
  ctx: Context,
  { space, nodeId, tag, signal }: Purge,
  finish: Finish = noFinish,
): Promise<void> {
  const hidden = `${hiddenPrefix}${tag}:${nodeId}`
  const [left] = await selectHidden.all(ctx.db, rangeOf(hidden))
  if (!left) {
    const isDone = await inSpace(ctx, space, (tx) => detach(tx, ctx, { space, nodeId, tag, signal }, finish))
    if (isDone) return
  }
  for (let isGone = false; !isGone;) {
    await drainBelow(ctx, space.id, [nodeId], signal)
    isGone = await runRetrying(ctx.db, async (tx) => {
      await removeNodes(tx, ctx, space.id, [nodeId])
      // somebody may have put something into it at the last moment
      if (await findNode.first(tx, { id: nodeId })) return false
      await finish(tx, null)
      return true
    })
  }
}

/** Takes the item out of sight; answers whether that was all, as it is for a file. */
async function detach(tx: Db, ctx: Context, { space, nodeId, tag }: Purge, finish: Finish): Promise<boolean> {
  const node = await lockNode.first(tx, { id: nodeId })
  if (!node || node.space_id !== space.id) throw new DriveError('FILE_NOT_IN_SPACE', { field: 'fileId' })
  const chain = await selectChain.all(tx, { id: nodeId })
  if (node.parent_id === null) throw new DriveError('NOT_PERMITTED', { field: 'fileId' })
  // the folder of a binned item may be gone; a live one has a way up to the root
  if (node.recycled_at === null && chain.at(-1)?.id !== space.rootId) {
    throw new DriveError('FILE_NOT_IN_SPACE', { field: 'fileId' })
  }
  await recordAudit(tx, ctx, { action: 'file.purge', subjectId: nodeId, detail: { name: node.name } })
  if (node.recycled_at === null) await touchFolder.run(tx, { id: node.parent_id })
  if (node.is_folder === 1) {
    await hideNodes.run(tx, { ids: JSON.stringify([nodeId]), prefix: `${hiddenPrefix}${tag}:` })
    return false
  }
  await removeNodes(tx, ctx, space.id, [nodeId])
  await finish(tx, null)
  return true
}

/** What is to go from a bin. */
export interface BinPurge {
  spaceId: string
  /** Only what went into the bin until then. */
  before: string
  tag: string
  signal: AbortSignal
  /** Called after each batch with the number of items it took. */
  report?: (items: number) => Promise<void>
}

/** Deletes for good what is in a space's bin (files.md 5). Ends with the signal's reason between two batches. */
export async function purgeBin(ctx: Context, { spaceId, before, tag, signal, report }: BinPurge): Promise<void> {
  const prefix = `${hiddenPrefix}${tag}:`
  for (;;) {
    await drainHidden(ctx, prefix, signal)
    await breathe(signal)
    const taken = await runRetrying(ctx.db, async (tx) => {
      await lockSpace.all(tx, { id: spaceId })
      const items = await selectBinned.all(tx, { space_id: spaceId, before })
      const idsOf = (isFolder: number) => items.filter((item) => item.is_folder === isFolder).map((item) => item.id)
      await removeNodes(tx, ctx, spaceId, idsOf(0))
      await hideNodes.run(tx, { ids: JSON.stringify(idsOf(1)), prefix })
      return items.length
    })
    if (taken === 0) return
    await report?.(taken)
  }
}

/** How many items a purge of a bin will take, counted up to 100,000. */
export async function countBin(db: Db, spaceId: string, before: string): Promise<number> {
  return (await countBinned.first(db, { space_id: spaceId, before }))?.count ?? 0
}

/** Deletes for good what has been in any bin for longer than the settings keep it (decision F8). */
export async function purgeOldBins(ctx: Context, signal: AbortSignal): Promise<void> {
  const before = new Date(ctx.now().getTime() - ctx.config.binDays * 24 * 3_600_000).toISOString()
  let after = ''
  for (;;) {
    const spaces = await selectSpacesWithOldBin.all(ctx.db, { after, before })
    for (const { id } of spaces) await purgeBin(ctx, { spaceId: id, before, tag: `old:${id}`, signal })
    const last = spaces.at(-1)
    if (!last) return
    after = last.id
  }
}

/**
 * Completes every purge that was begun, and clears up after every copy that was not completed, unless somebody is still to go on with
 * it: `selectWanted` answers which of some tags those are.
 */
export async function purgeLeftovers(
  ctx: Context,
  selectWanted: (tags: string[]) => Promise<Set<string>>,
  signal: AbortSignal,
): Promise<void> {
  for (const prefix of ['copy:', hiddenPrefix]) {
    for (let from = prefix; ;) {
      const tops = await selectHidden.all(ctx.db, { from, to: `${prefix}~` })
      const last = tops.at(-1)
      if (!last) break
      const hiddenIds = [...new Set(tops.map((top) => top.parent_id))]
      const wanted = await selectWanted(hiddenIds.map((id) => id.slice(prefix.length)))
      for (const id of hiddenIds) {
        if (wanted.has(id.slice(prefix.length))) continue
        await (prefix === hiddenPrefix ? drainHidden(ctx, id, signal) : purgeHidden(ctx, id, signal))
      }
      from = `${last.parent_id}!`
    }
  }
}

/** Takes what hangs under a hidden id out of the hands of whoever works on it, and deletes it. */
export async function purgeHidden(ctx: Context, hiddenId: string, signal: AbortSignal): Promise<void> {
  const tops = await selectHidden.all(ctx.db, rangeOf(hiddenId))
  if (tops.length === 0) return
  const prefix = `${hiddenPrefix}${hiddenId}:`
  await hideNodes.run(ctx.db, { ids: JSON.stringify(tops.map((top) => top.id)), prefix })
  await drainHidden(ctx, prefix, signal)
}

function rangeOf(hiddenId: string): { from: string; to: string } {
  return { from: hiddenId, to: `${hiddenId}!` }
}

async function drainHidden(ctx: Context, prefix: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    // a character beyond all that ids are made of
    const tops = await selectHidden.all(ctx.db, { from: prefix, to: `${prefix}~` })
    if (tops.length === 0) return
    for (const [spaceId, ofSpace] of Map.groupBy(tops, (top) => top.space_id)) {
      const ids = ofSpace.map((top) => top.id)
      await drainBelow(ctx, spaceId, ids, signal)
      await runRetrying(ctx.db, (tx) => removeNodes(tx, ctx, spaceId, ids))
    }
  }
}

/** Deletes all that is live below some folders, the deepest first. */
async function drainBelow(ctx: Context, spaceId: string, folderIds: string[], signal: AbortSignal): Promise<void> {
  for (;;) {
    await breathe(neverAborted)
    // what was begun cannot be undone: a cancelled purge completes
    if (!isCancelled(signal)) signal.throwIfAborted()
    const nodes = await selectBelow.all(ctx.db, { parents: JSON.stringify(folderIds) })
    if (nodes.length === 0) return
    const full = nodes.filter((node) => node.has_children === 1).map((node) => node.id)
    if (full.length > 0) await drainBelow(ctx, spaceId, full, signal)
    const ids = nodes.map((node) => node.id)
    await runRetrying(ctx.db, (tx) => removeNodes(tx, ctx, spaceId, ids))
  }
}

/** Deletes nodes of one space that have nothing live below them, with their quota and their blobs' references. */
async function removeNodes(tx: Db, ctx: Context, spaceId: string, nodeIds: string[]): Promise<void> {
  if (nodeIds.length === 0) return
  const ids = JSON.stringify(nodeIds)
  await lockSpace.all(tx, { id: spaceId })
  // whoever adds a child right now is seen by the deletion, and whoever comes later finds the folder gone
  await lockNodes.all(tx, { ids })
  const removed = await deleteNodes.all(tx, { ids })
  await releaseBytes(
    tx,
    spaceId,
    removed.reduce((sum, node) => sum + node.size, 0),
  )
  await releaseBlobs(tx, countBlobs(removed), timestamp(ctx))
}
