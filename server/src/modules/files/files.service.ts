import type { Answer, Endpoints, Input } from '@driveway/contract'
import { type Context, requireUser, timestamp } from '../../context.ts'
import { readCursor, writeCursor } from '../../cursor.ts'
import { runRetrying } from '../../db/retry.ts'
import { DriveError } from '../../errors.ts'
import { foldName, requireName, timestampedName } from '../../names.ts'
import { requireSpace } from '../access/access.service.ts'
import { recordAudit } from '../audit/audit.service.ts'
import { addNode, locateNode, locateTarget, nameColumns, requireDepth, resolveFolderId } from './files.nodes.ts'
import { type PageQuery, selectPage, type SortKey } from './files.pages.ts'
import { presentFile } from './files.present.ts'
import { findChildByName, findNode, renameNode as writeName, touchFolder } from './files.queries.ts'

/** Makes a folder (files.md 4). TARGET_*, DUPLICATE_NAME, TOO_DEEP, SPACE_NOT_ACCESSIBLE. */
export async function createFolder(
  ctx: Context,
  input: Input<Endpoints['createFolder']>,
): Promise<Answer<Endpoints['createFolder']>> {
  const space = await requireSpace(ctx, input.containerId, 'canEdit')
  const name = requireName(input.fileName, 'fileName')
  const { userId } = requireUser(ctx)
  const now = timestamp(ctx)
  const row = await runRetrying(ctx.db, async (tx) => {
    const target = await locateTarget(tx, space, input.parentFolder?.[0], 'parentFolder[0]')
    requireDepth(target, 1, 'parentFolder[0]')
    const node = await addNode(
      tx,
      ctx,
      {
        spaceId: space.id,
        parentId: target.node.id,
        name,
        isFolder: true,
        fileType: '10',
        createdBy: userId,
        createdAt: input.createdTime ?? now,
        editedAt: input.editedTime ?? now,
        description: input.description ?? '',
      },
      input.renameMode === 3 ? 'fail' : 'rename',
    )
    await recordAudit(tx, ctx, { action: 'folder.create', subjectId: node.id, detail: { name: node.name } })
    return node
  })
  return requireFile(ctx, row.id)
}

async function requireFile(ctx: Context, id: string): Promise<Answer<Endpoints['getFile']>> {
  const node = await findNode.first(ctx.db, { id })
  if (!node) throw new DriveError('FILE_NOT_IN_SPACE', { field: 'fileId' })
  return presentFile(ctx, node)
}

/** A file or folder of a space (files.md 4). FILE_NOT_IN_SPACE, SPACE_NOT_ACCESSIBLE. */
export async function getFile(ctx: Context, input: Input<Endpoints['getFile']>): Promise<Answer<Endpoints['getFile']>> {
  const space = await requireSpace(ctx, input.containerId, 'canView')
  const { node } = await locateNode(ctx.db, space, resolveFolderId(space, input.fileId), 'fileId')
  return requireFile(ctx, node.id)
}

const sortKeys: Record<number, SortKey> = {
  1: 'name_key',
  2: 'size',
  3: 'created_at',
  4: 'edited_at',
  5: 'recycled_at',
  6: 'suffix',
}

/** Lists a folder, the bin, or a folder in the bin (files.md 5), page by page. */
export async function listFiles(
  ctx: Context,
  input: Input<Endpoints['listFiles']>,
): Promise<Answer<Endpoints['listFiles']>> {
  const space = await requireSpace(ctx, input.containerId, 'canView')
  const folderId = resolveFolderId(space, input.parentFileId)
  const isBinTop = input.type === 1 && folderId === space.rootId
  if (!isBinTop) await requireListed(ctx, space, folderId, input.type)
  const query = {
    scope: isBinTop ? 'bin' : 'children',
    scopeId: isBinTop ? space.id : folderId,
    sort: sortOf(input, isBinTop),
    isDescending: input.sortInfo?.sortDirection !== 1,
    nameHas: input.fileName ? foldName(input.fileName) : undefined,
    fileType: input.fileType,
  } as const
  const isFoldersFirst = input.foldersFirst ?? false
  const list = ['files', ...Object.values(query), isFoldersFirst].join('\n')
  const after = readCursor(ctx.keys.cursor, list, input.pageInfo?.pageCursor, 'pageInfo.pageCursor')
  const limit = input.pageInfo?.pageSize ?? 100
  const { rows, next } = await selectGroupedPage(ctx, { ...query, part: 'all', after, limit }, isFoldersFirst)
  return {
    category: 'drive#fileList',
    ...(next ? { nextCursor: writeCursor(ctx.keys.cursor, list, next) } : {}),
    searchCompleted: next === undefined,
    files: rows.map((row) => presentFile(ctx, row)),
  }
}

function sortOf({ sortInfo }: Input<Endpoints['listFiles']>, isBinTop: boolean): SortKey {
  const sort = sortKeys[sortInfo?.sortType ?? (isBinTop ? 5 : 4)] ?? 'edited_at'
  if (sort === 'recycled_at' && !isBinTop) throw new DriveError('PARAMETER_INVALID', { field: 'sortInfo.sortType' })
  return sort
}

async function requireListed(
  ctx: Context,
  space: { id: string; rootId: string },
  folderId: string,
  type: number,
): Promise<void> {
  const { node, isRecycled } = await locateNode(ctx.db, space, folderId, 'parentFileId')
  if (node.is_folder === 0) throw new DriveError('TARGET_FOLDER_INVALID', { field: 'parentFileId' })
  if (isRecycled !== (type === 1))
    throw new DriveError(type === 1 ? 'NOT_IN_BIN' : 'SOURCE_IN_BIN', { field: 'parentFileId' })
}

const folderKeys = new Set<SortKey>(['name_key', 'edited_at', 'created_at'])

/** A page of one list, or of its folders and then its files; folders have no size or format and go by name then. */
export async function selectGroupedPage(ctx: Pick<Context, 'db'>, query: PageQuery, isFoldersFirst: boolean) {
  if (!isFoldersFirst || query.scope === 'bin') return selectPage(ctx.db, query)
  const isInFiles = query.after?.part === 2
  const folderSort = folderKeys.has(query.sort) ? query.sort : 'name_key'
  const folders = isInFiles
    ? { rows: [], next: undefined }
    : await selectPage(ctx.db, { ...query, part: 'folders', sort: folderSort })
  if (folders.next) return { rows: folders.rows, next: { ...folders.next, part: 1 } }
  const limit = query.limit - folders.rows.length
  // a page that its folders fill goes on with the files from their beginning
  const files = await selectPage(ctx.db, {
    ...query,
    part: 'files',
    limit: Math.max(1, limit),
    after: isInFiles ? query.after : undefined,
  })
  if (limit > 0) return { rows: [...folders.rows, ...files.rows], next: files.next && { ...files.next, part: 2 } }
  const last = folders.rows.at(-1)
  const hasFiles = files.rows.length > 0 || files.next !== undefined
  return {
    rows: folders.rows,
    next: last && hasFiles ? { value: last[folderSort] ?? '', id: last.id, part: 1 } : undefined,
  }
}

/** Renames a file or folder (files.md 4). FILE_NOT_IN_SPACE, SOURCE_IN_BIN, DUPLICATE_NAME; NOT_PERMITTED for a root. */
export async function renameFile(
  ctx: Context,
  input: Input<Endpoints['renameFile']>,
): Promise<Answer<Endpoints['renameFile']>> {
  const space = await requireSpace(ctx, input.containerId, 'canEdit')
  const wanted = requireName(input.name, 'name')
  const { userId } = requireUser(ctx)
  return runRetrying(ctx.db, async (tx) => {
    const { node, isRecycled } = await locateNode(tx, space, resolveFolderId(space, input.fileId), 'fileId')
    const parentId = node.parent_id
    if (parentId === null) throw new DriveError('NOT_PERMITTED', { field: 'fileId' })
    if (isRecycled) throw new DriveError('SOURCE_IN_BIN', { field: 'fileId' })
    const name = await freeName(tx, ctx, { parentId, wanted, ownId: node.id, mayRename: input.renameMode === 2 })
    await writeName.run(tx, {
      id: node.id,
      parent_id: parentId,
      ...nameColumns(name, node.is_folder === 1),
      edited_at: timestamp(ctx),
      edited_by: userId,
    })
    await touchFolder.run(tx, { id: parentId })
    await recordAudit(tx, ctx, { action: 'file.rename', subjectId: node.id, detail: { from: node.name, to: name } })
    return { fileName: name }
  })
}

/** The wanted name, or the name with a timestamp when another item has it. DUPLICATE_NAME when that is not wanted. */
async function freeName(
  db: Context['db'],
  ctx: Context,
  input: { parentId: string; wanted: string; ownId?: string; mayRename: boolean },
): Promise<string> {
  for (let attempt = -1; attempt < 20; attempt++) {
    const name = attempt < 0 ? input.wanted : timestampedName(input.wanted, ctx.now(), attempt)
    const other = await findChildByName.first(db, { parent_id: input.parentId, name_fold: foldName(name) })
    if (!other || other.id === input.ownId) return name
    if (!input.mayRename) throw new DriveError('DUPLICATE_NAME', { field: 'name', data: { conflictFileId: other.id } })
  }
  throw new DriveError('DUPLICATE_NAME', { field: 'name' })
}

/** A name near the wanted one that nothing in the folder has now. */
export function findFreeName(db: Context['db'], ctx: Context, parentId: string, wanted: string): Promise<string> {
  return freeName(db, ctx, { parentId, wanted, mayRename: true })
}

/** The full path of a file or folder by ids and by names (files.md 4). */
export async function getFilePath(
  ctx: Context,
  input: Input<Endpoints['getFilePath']>,
): Promise<Answer<Endpoints['getFilePath']>> {
  const space = await requireSpace(ctx, input.containerId, 'canView')
  const { chain } = await locateNode(ctx.db, space, resolveFolderId(space, input.fileId), 'fileId')
  const down = chain.toReversed()
  return {
    fileIdPath: down.map((node) => `/${node.id}`).join(''),
    namePath: down.map((node) => `/${node.name}`).join(''),
  }
}
