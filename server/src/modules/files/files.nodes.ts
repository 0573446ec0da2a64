import type { Context } from '../../context.ts'
import type { Db } from '../../db/schema.ts'
import { DriveError } from '../../errors.ts'
import { newNodeId } from '../../ids.ts'
import { folderMimeType, foldName, nameKey, suffixOf, timestampedName } from '../../names.ts'
import type { OpenSpace } from '../access/access.service.ts'
import {
  type ChainRow,
  insertNode,
  type NodeRow,
  findChildByName,
  findContentFacts,
  findNode as selectNode,
  selectChain,
  selectNodesByIds,
  selectPlaces,
  touchFolder,
} from './files.queries.ts'

/** Folders below a space's root, at most (decision F7). Files may lie in the deepest one. */
export const maxDepth = 30

/** Where a node stands: itself, and everything up to the root. */
export interface Located {
  node: ChainRow
  /** The node first, the root last. */
  chain: ChainRow[]
  /** In the bin itself, or below something that is. */
  isRecycled: boolean
}

/** `root` stands for the top of a space. */
export function resolveFolderId(space: OpenSpace, id: string | undefined): string {
  return id === undefined || id === '' || id === 'root' ? space.rootId : id
}

/** Finds a node of a space by its id. FILE_NOT_IN_SPACE alike for an unknown id and one of another space. */
export async function locateNode(db: Db, space: OpenSpace, id: string, field: string): Promise<Located> {
  const chain = await selectChain.all(db, { id })
  const node = chain[0]
  if (!node || chain.at(-1)?.id !== space.rootId) throw new DriveError('FILE_NOT_IN_SPACE', { field })
  return { node, chain, isRecycled: chain.some((one) => one.recycled_at !== null) }
}

/** Finds a folder that can take something. TARGET_FOLDER_INVALID when it is none, TARGET_IN_BIN when it is in the bin. */
export async function locateTarget(db: Db, space: OpenSpace, id: string | undefined, field: string): Promise<Located> {
  const chain = await selectChain.all(db, { id: resolveFolderId(space, id) })
  const node = chain[0]
  if (!node || node.is_folder === 0 || chain.at(-1)?.id !== space.rootId) {
    throw new DriveError('TARGET_FOLDER_INVALID', { field })
  }
  if (chain.some((one) => one.recycled_at !== null)) throw new DriveError('TARGET_IN_BIN', { field })
  return { node, chain, isRecycled: false }
}

/** Throws TOO_DEEP when a folder may not be made below the target. The root is level 0. */
export function requireDepth(target: Located, levelsBelow: number, field: string): void {
  if (target.chain.length - 1 + levelsBelow > maxDepth) throw new DriveError('TOO_DEEP', { field })
}

/** What a new node is made from. */
export interface NewNode {
  id?: string
  spaceId: string
  parentId: string
  name: string
  isFolder: boolean
  fileType: string
  mimeType?: string
  size?: number
  blobKey?: string | null
  description?: string
  createdAt: string
  createdBy: string
  editedAt: string
  editedBy?: string
  sourceId?: string
}

function rowOf(input: NewNode): NodeRow {
  return {
    id: input.id ?? newNodeId(),
    space_id: input.spaceId,
    parent_id: input.parentId,
    name: input.name,
    name_fold: foldName(input.name),
    name_key: nameKey(input.name),
    is_folder: input.isFolder ? 1 : 0,
    file_type: input.fileType,
    mime_type: input.isFolder ? folderMimeType : (input.mimeType ?? 'application/octet-stream'),
    suffix: input.isFolder ? '' : suffixOf(input.name),
    size: input.size ?? 0,
    blob_key: input.blobKey ?? null,
    description: input.description ?? '',
    created_at: input.createdAt,
    created_by: input.createdBy,
    edited_at: input.editedAt,
    edited_by: input.editedBy ?? input.createdBy,
    recycled_at: null,
    recycled_by: null,
    recycled_parent_name: null,
    source_id: input.sourceId ?? null,
    children_version: 0,
  }
}

/**
 * Adds a node in the caller's transaction. On a name clash: `rename` appends a timestamp (decision F6), `fail` throws
 * DUPLICATE_NAME. TARGET_FOLDER_INVALID when the folder is gone. Answers the node as it stands.
 */
export async function addNode(
  db: Db,
  ctx: Pick<Context, 'now'>,
  input: NewNode,
  onClash: 'rename' | 'fail',
): Promise<NodeRow> {
  for (let attempt = -1; attempt < 20; attempt++) {
    const name = attempt < 0 ? input.name : timestampedName(input.name, ctx.now(), attempt)
    const row = rowOf({ ...input, name })
    if ((await insertNode.run(db, row)) > 0) {
      // a purge may have deleted the folder since it was looked at
      if ((await touchFolder.run(db, { id: input.parentId })) === 0) throw new DriveError('TARGET_FOLDER_INVALID')
      return row
    }
    if (onClash === 'fail') throw await clashWith(db, input)
  }
  throw new DriveError('DUPLICATE_NAME', { field: 'fileName' })
}

async function clashWith(db: Db, { parentId, name }: NewNode): Promise<DriveError> {
  const other = await findChild(db, parentId, name)
  return new DriveError('DUPLICATE_NAME', { field: 'fileName', data: other ? { conflictFileId: other.id } : {} })
}

/** The columns that follow from a name. */
export function nameColumns(name: string, isFolder: boolean) {
  return { name, name_fold: foldName(name), name_key: nameKey(name), suffix: isFolder ? '' : suffixOf(name) }
}

/** A node found by id, with whether it lies in the bin. */
export interface Found {
  row: NodeRow & { sha256: string | null }
  isRecycled: boolean
}

/** Finds many nodes of a space in two queries, in the order of `ids`; undefined for unknown ids and those of other spaces. */
export async function locateAll(db: Db, space: OpenSpace, ids: readonly string[]): Promise<(Found | undefined)[]> {
  const json = JSON.stringify(ids)
  const [rows, places] = await Promise.all([
    selectNodesByIds.all(db, { ids: json }),
    selectPlaces.all(db, { ids: json, root_id: space.rootId }),
  ])
  const byId = new Map(rows.map((row) => [row.id, row]))
  const recycled = new Map(places.map((place) => [place.id, place.recycled > 0]))
  return ids.map((id) => {
    const row = byId.get(id)
    const isRecycled = recycled.get(id)
    return row && isRecycled !== undefined ? { row, isRecycled } : undefined
  })
}

/** A node by its id, whoever's it is; undefined when there is none. */
export function findNode(db: Db, id: string) {
  return selectNode.first(db, { id })
}

/** What is needed to send a file's content; undefined for folders and unknown ids. */
export function findFileContent(db: Db, id: string) {
  return findContentFacts.first(db, { id })
}

/** A live child of a folder by its name, ignoring case; undefined when there is none. */
export function findChild(db: Db, parentId: string, name: string) {
  return findChildByName.first(db, { parent_id: parentId, name_fold: foldName(name) })
}

export type { NodeRow } from './files.queries.ts'
