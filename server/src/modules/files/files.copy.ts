import { type Context, timestamp } from '../../context.ts'
import { runRetrying } from '../../db/retry.ts'
import type { Db } from '../../db/schema.ts'
import { DriveError } from '../../errors.ts'
import { newNodeId } from '../../ids.ts'
import { timestampedName } from '../../names.ts'
import type { OpenSpace } from '../access/access.service.ts'
import { recordAudit } from '../audit/audit.service.ts'
import { reserveBytes } from '../spaces/spaces.service.ts'
import { countBlobs, referBlobs } from './files.blobs.ts'
import { breathe, Interrupted, isCancelled, neverAborted } from './files.interruption.ts'
import { locateNode, type Located, locateTarget, maxDepth, nameColumns, requireDepth } from './files.nodes.ts'
import { findNode, insertNode, type NodeRow, nodeColumns } from './files.queries.ts'
import { purgeHidden } from './files.purge.ts'
import { actorId, type Finish, inSpace, noFinish, placeUnder, requireOutside } from './files.tree.ts'
import { batchSize, insertNodes, lockNode, selectChildren, selectHidden, touchHidden } from './files.tree.queries.ts'

/** What is to be copied, and where to. */
export interface Copy {
  from: OpenSpace
  nodeId: string
  to: OpenSpace
  /** Folder id or `root`. */
  targetId: string
  /** Names this copy, the same each time it is tried, such as `<job>:<item>`: what a killed run left is found by it. */
  tag: string
  signal: AbortSignal
}

/** Where half-copied trees hang: `copy:` and the tag. */
const hiddenPrefix = 'copy:'

/**
 * Copies one item with all that is live below it, contents by reference; answers the new id (files.md 6). Nothing of it is seen before
 * all of it is there, and a copy that fails or is cancelled leaves nothing. The caller has checked both spaces. FILE_NOT_IN_SPACE,
 * SOURCE_IN_BIN, TARGET_FOLDER_INVALID, TARGET_IN_BIN, NESTED_DIRECTORIES, TOO_DEEP, INSUFFICIENT_SPACE, NOT_PERMITTED for a root.
 */
export async function copyNode(ctx: Context, copy: Copy, finish: Finish = noFinish): Promise<string> {
  await purgeHidden(ctx, hiddenPrefix + copy.tag, copy.signal)
  const { source, target } = await locate(ctx.db, copy)
  const run = new CopyRun(ctx, copy, maxDepth - (target.chain.length - 1))
  try {
    await run.copyTree(source)
    return await attach(ctx, copy, run, finish)
  } catch (error) {
    // an interrupted copy is taken up again by somebody who clears up first
    const isElsewhere = error instanceof Interrupted && !isCancelled(copy.signal)
    if (!isElsewhere) await purgeHidden(ctx, hiddenPrefix + copy.tag, neverAborted)
    throw error
  }
}

async function locate(db: Db, { from, nodeId, to, targetId }: Copy): Promise<{ source: NodeRow; target: Located }> {
  const located = await locateNode(db, from, nodeId, 'fileId')
  if (located.chain.length === 1) throw new DriveError('NOT_PERMITTED', { field: 'fileId' })
  if (located.isRecycled) throw new DriveError('SOURCE_IN_BIN', { field: 'fileId' })
  const target = await locateTarget(db, to, targetId, 'newFilePath')
  requireOutside(target, nodeId)
  requireDepth(target, located.node.is_folder, 'newFilePath')
  const source = await findNode.first(db, { id: nodeId })
  if (!source) throw new DriveError('FILE_NOT_IN_SPACE', { field: 'fileId' })
  return { source, target }
}

/** Makes the finished copy appear. */
async function attach(ctx: Context, copy: Copy, run: CopyRun, finish: Finish): Promise<string> {
  await inSpace(ctx, copy.to, async (tx) => {
    const top = await lockNode.first(tx, { id: run.topId })
    if (top?.parent_id !== run.hiddenId) throw new Interrupted(false)
    const target = await locateTarget(tx, copy.to, copy.targetId, 'newFilePath')
    requireDepth(target, run.height, 'newFilePath')
    await placeUnder(tx, ctx, top, target.node.id)
    await recordAudit(tx, ctx, {
      action: 'file.copy',
      subjectId: copy.nodeId,
      detail: { to: target.node.id, copy: top.id },
    })
    await finish(tx, top.id)
  })
  return run.topId
}

/** One copy in the making: nodes are collected and written in batches below the hidden id. */
class CopyRun {
  readonly hiddenId: string
  readonly topId = newNodeId()
  /** Levels of folders so far. */
  height = 0
  readonly #ctx: Context
  readonly #copy: Copy
  readonly #levels: number
  #waiting: NodeRow[] = []

  constructor(ctx: Context, copy: Copy, levels: number) {
    this.#ctx = ctx
    this.#copy = copy
    this.#levels = levels
    this.hiddenId = hiddenPrefix + copy.tag
  }

  async copyTree(source: NodeRow): Promise<void> {
    this.#add(source, this.topId, this.hiddenId, 1)
    if (source.is_folder === 1) await this.#copyChildren(source.id, this.topId, 2)
    await this.#write(this.#waiting.splice(0))
  }

  async #copyChildren(sourceId: string, parentId: string, level: number): Promise<void> {
    let after = { created_at: '', id: '' }
    for (;;) {
      const nodes = await selectChildren.all(this.#ctx.db, { parent_id: sourceId, ...after })
      const full: [sourceId: string, newId: string][] = []
      for (const node of nodes) {
        const id = newNodeId()
        this.#add(node, id, parentId, level)
        if (node.is_folder === 1 && node.has_children === 1) full.push([node.id, id])
      }
      await this.#writeFull()
      for (const [folderId, newId] of full) await this.#copyChildren(folderId, newId, level + 1)
      const last = nodes[batchSize - 1]
      if (!last) return
      after = { created_at: last.created_at, id: last.id }
    }
  }

  #add(source: NodeRow, id: string, parentId: string, level: number): void {
    if (source.is_folder === 1) {
      if (level > this.#levels) throw new DriveError('TOO_DEEP', { field: 'newFilePath' })
      this.height = Math.max(this.height, level)
    }
    const at = timestamp(this.#ctx)
    const by = actorId(this.#ctx)
    this.#waiting.push({
      ...(Object.fromEntries(nodeColumns.map((name) => [name, source[name]])) as unknown as NodeRow),
      id,
      space_id: this.#copy.to.id,
      parent_id: parentId,
      created_at: at,
      created_by: by,
      edited_by: by,
      source_id: source.id,
      children_version: 0,
    })
  }

  async #writeFull(): Promise<void> {
    while (this.#waiting.length >= batchSize) await this.#write(this.#waiting.splice(0, batchSize))
  }

  async #write(rows: NodeRow[]): Promise<void> {
    if (rows.length === 0) return
    await breathe(this.#copy.signal)
    await runRetrying(this.#ctx.db, async (tx) => {
      await reserveBytes(
        tx,
        this.#copy.to.id,
        rows.reduce((sum, row) => sum + row.size, 0),
      )
      await this.#requireMine(tx, rows)
      await insertAll(tx, this.#ctx, rows)
      if (!(await referBlobs(tx, countBlobs(rows)))) throw new DriveError('FILE_NOT_IN_SPACE', { field: 'fileId' })
    })
  }

  /** Throws when another run has taken over: it has thrown away what this one made. */
  async #requireMine(tx: Db, rows: NodeRow[]): Promise<void> {
    if (rows[0]?.id === this.topId) {
      const hidden = await selectHidden.all(tx, { from: this.hiddenId, to: `${this.hiddenId}!` })
      if (hidden.length > 0) throw new Interrupted(false)
    } else if ((await touchHidden.run(tx, { id: this.topId, parent_id: this.hiddenId })) === 0) {
      throw new Interrupted(false)
    }
  }
}

/** Adds rows; a name that is taken meanwhile, because something was renamed during the copy, gets a timestamp. */
async function insertAll(tx: Db, ctx: Context, rows: NodeRow[]): Promise<void> {
  const added = new Set((await insertNodes.all(tx, { rows: JSON.stringify(rows) })).map((row) => row.id))
  for (const row of rows) if (!added.has(row.id)) await insertRenamed(tx, ctx, row)
}

async function insertRenamed(tx: Db, ctx: Context, row: NodeRow): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const name = timestampedName(row.name, ctx.now(), attempt)
    if ((await insertNode.run(tx, { ...row, ...nameColumns(name, row.is_folder === 1) })) > 0) return
  }
  throw new DriveError('DUPLICATE_NAME', { field: 'fileId' })
}
