import type { Answer, Endpoints, Input } from '@driveway/contract'
import type { Context } from '../../context.ts'
import { type Place, readCursor, writeCursor } from '../../cursor.ts'
import { DriveError } from '../../errors.ts'
import { JsonText } from '../../json-text.ts'
import { foldName } from '../../names.ts'
import { BoundedCache } from '../../bounded-cache.ts'
import { locateAll } from '../files/files.nodes.ts'
import { type PageQuery, selectPageText, type SortKey } from '../files/files.pages.ts'
import { selectGroupedPage } from '../files/files.service.ts'
import { findLiveItems, requireAccess } from './shares.gate.ts'
import { addView, scanSpace, selectPlacesInShare, type ShareFacts } from './shares.queries.ts'
import { presentLink } from './shares.visit.ts'

type ListInput = Input<Endpoints['listShareFiles']>
type ShareFile = Answer<Endpoints['listShareFiles']>['files'][number]

const sortKeys: Record<number, SortKey> = { 1: 'name_key', 2: 'size', 4: 'edited_at' }
const cache = new BoundedCache<Page>(64 * 1024 * 1024)

/** A finished page: the JSON of its `files` with the end of the answer, and the cursor of the next one (empty at the end). */
interface Page {
  bytes: Buffer
  nextCursor: string
}
const scanLimit = 5000

/** Founding page *Listing Files Shared with You*: the inside of an opened link, page by page. Throws the gate's reasons, CURSOR_INVALID. */
export async function listShareFiles(ctx: Context, input: ListInput): Promise<JsonText> {
  const { share, status, rights, node } = await requireAccess(ctx, {
    by: input,
    actor: ctx.actor,
    want: 'open',
    nodeId: input.parentFolder,
    kdstoken: input.kdstoken,
  })
  if (node?.is_folder === 0) throw new DriveError('NOT_IN_SHARE', { field: 'parentFolder' })
  const page = await pageOf(ctx, input, share, node && { id: node.id, version: node.children_version })
  if (input.refreshCount) await addView.run(ctx.db, { id: share.id })
  const next = page.nextCursor === '' ? '' : `"nextCursor":"${page.nextCursor}",`
  const { comment } = share
  const link = JSON.stringify({ ...presentLink(ctx, share, status, rights), ...(comment === '' ? {} : { comment }) })
  return new JsonText(`{"code":0,"msg":"OK",${next}"link":${link},"files":`, page.bytes)
}

/** The `files` of a page and the end of the answer. */
function closed(files: string): Buffer {
  return Buffer.from(`${files}}`)
}

interface Folder {
  id: string
  version: number
}

/** One list: what it is cut from, its order, and the key its cursors are signed with. */
interface Listing {
  name: string
  sort: SortKey
  isDescending: boolean
  nameHas: string | undefined
  isFoldersFirst: boolean
  isRecursive: boolean
  limit: number
}

function listingOf(input: ListInput, share: ShareFacts, folder: Folder | undefined): Listing {
  const listing = {
    sort: sortKeys[input.sortType ?? 4] ?? 'edited_at',
    isDescending: input.sortDirection !== 1,
    nameHas: input.fileName ? foldName(input.fileName) : undefined,
    isFoldersFirst: input.foldersFirst ?? false,
    isRecursive: (input.recursive ?? false) && Boolean(input.fileName),
  }
  const name = ['share', share.id, folder?.id ?? '', ...Object.values(listing)].join('\n')
  return { ...listing, name, limit: input.pageSize ?? 100 }
}

async function pageOf(ctx: Context, input: ListInput, share: ShareFacts, folder: Folder | undefined): Promise<Page> {
  const listing = listingOf(input, share, folder)
  const after = readCursor(ctx.keys.cursor, listing.name, input.pageCursor)
  if (folder && !listing.isRecursive && listing.nameHas === undefined && !listing.isFoldersFirst) {
    return finishedPage(ctx, listing, { ...folder, spaceId: share.space_id }, after)
  }
  const { files, next } = await filesOf(ctx, listing, { share, folder, after })
  return { bytes: closed(JSON.stringify(files)), nextCursor: cursorOf(ctx, listing, next) }
}

interface PlaceInShare {
  share: ShareFacts
  folder: Folder | undefined
  after: Place | undefined
}

async function filesOf(
  ctx: Context,
  listing: Listing,
  { share, folder, after }: PlaceInShare,
): Promise<{ files: ShareFile[]; next: Place | undefined }> {
  const { nameHas, limit } = listing
  if (listing.isRecursive && nameHas !== undefined) {
    return searchShare(ctx, share, { nameHas, after: after?.id ?? '', limit })
  }
  if (!folder) return topOf(ctx, share, await findLiveItems(ctx, share), { ...listing, after })
  const query = queryOf(listing, folder, after)
  const { rows, next } = await selectGroupedPage(ctx, query, listing.isFoldersFirst)
  return { files: rows.map((row) => presentShareFile(row, [folder.id])), next }
}

function queryOf({ sort, isDescending, limit, nameHas }: Listing, folder: Folder, after: Place | undefined): PageQuery {
  return { scope: 'children', scopeId: folder.id, sort, isDescending, part: 'all', after, limit, nameHas }
}

function cursorOf(ctx: Context, listing: Listing, next: Place | undefined): string {
  return next ? writeCursor(ctx.keys.cursor, listing.name, next) : ''
}

/** The page from the cache while no direct child of the folder has changed; the gate was asked before. */
async function finishedPage(
  ctx: Context,
  listing: Listing,
  folder: Folder & { spaceId: string },
  after: Place | undefined,
): Promise<Page> {
  const key = `${listing.name}\n${folder.version}\n${listing.limit}\n${after?.value ?? ''}\n${after?.id ?? ''}`
  const known = cache.get(key)
  if (known) return known
  const { text, next } = await selectPageText(ctx.db, { ...queryOf(listing, folder, after), spaceId: folder.spaceId })
  const page = { bytes: closed(text), nextCursor: cursorOf(ctx, listing, next) }
  cache.set(key, page)
  return page
}

interface Row {
  id: string
  name: string
  file_type: string
  mime_type: string
  suffix: string
  is_folder: number
  size: number
  space_id: string
  created_at: string
  edited_at: string
}

function presentShareFile(row: Row, parentFolder: string[]): ShareFile {
  return {
    id: row.id,
    fileName: row.name,
    fileType: row.file_type,
    mimeType: row.mime_type,
    parentFolder,
    fileSuffix: row.suffix,
    ...(row.is_folder === 1 ? {} : { size: row.size }),
    containers: [row.space_id],
    createdTime: row.created_at,
    editedTime: row.edited_at,
  }
}

interface TopQuery {
  sort: SortKey
  isDescending: boolean
  nameHas: string | undefined
  after: Place | undefined
  limit: number
  isFoldersFirst: boolean
}

/** The shared items themselves, at most 100: ordered here, since they lie in different folders. */
async function topOf(
  ctx: Context,
  share: ShareFacts,
  items: string[],
  query: TopQuery,
): Promise<{ files: ShareFile[]; next: Place | undefined }> {
  const found = await locateAll(ctx.db, { id: share.space_id, rootId: share.root_id ?? '' }, items)
  const rows = found
    .flatMap((one) => (one && !one.isRecycled ? [one.row] : []))
    .filter((row) => query.nameHas === undefined || row.name_fold.includes(query.nameHas))
  const part = (row: { is_folder: number }) => (query.isFoldersFirst && row.is_folder === 0 ? 1 : 0)
  const places = rows.map((row) => {
    // as inside a folder: folders that come first have no size and go by name
    const sort = query.isFoldersFirst && row.is_folder === 1 && query.sort === 'size' ? 'name_key' : query.sort
    return { row, place: { value: row[sort] ?? '', id: row.id, part: part(row) } }
  })
  const compare = (a: Place, b: Place) => comparePlaces(a, b, query.isDescending)
  const sorted = places.toSorted((a, b) => compare(a.place, b.place))
  const { after } = query
  const rest = after ? sorted.filter((one) => compare(one.place, after) > 0) : sorted
  const page = rest.slice(0, query.limit)
  return {
    files: page.map((one) => presentShareFile(one.row, [])),
    next: rest.length > page.length ? page.at(-1)?.place : undefined,
  }
}

function comparePlaces(a: Place, b: Place, isDescending: boolean): number {
  const parts = (a.part ?? 0) - (b.part ?? 0)
  if (parts !== 0) return parts
  const byValue =
    typeof a.value === 'number' ? a.value - Number(b.value) : compareText(String(a.value), String(b.value))
  const order = byValue === 0 ? compareText(a.id, b.id) : byValue
  return isDescending ? -order : order
}

/** The order of the database: by the bytes, while strings compare by UTF-16 units. */
function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/**
 * Everything in the share whose name holds a text (decision S15), by id. Looks at a bounded number of nodes, so that a page
 * may be short before the end.
 */
async function searchShare(
  ctx: Context,
  share: ShareFacts,
  query: { nameHas: string; after: string; limit: number },
): Promise<{ files: ShareFile[]; next: Place | undefined }> {
  const scanned = await scanSpace.all(ctx.db, { space_id: share.space_id, after: query.after, limit: scanLimit })
  const matches = scanned.filter(
    (row) => row.recycled_at === null && row.parent_id !== null && row.name_fold.includes(query.nameHas),
  )
  const candidates = matches.slice(0, query.limit)
  const places = await selectPlacesInShare.all(ctx.db, {
    ids: JSON.stringify(candidates.map((one) => one.id)),
    share_id: share.id,
    root_id: share.root_id ?? '',
  })
  const hasParent = new Map(places.map((place) => [place.id, place.has_parent === 1]))
  const inside = candidates.flatMap((one) => (hasParent.has(one.id) ? [one.id] : []))
  const found = await locateAll(ctx.db, { id: share.space_id, rootId: share.root_id ?? '' }, inside)
  const files = found.flatMap((one) => {
    const parentId = one && hasParent.get(one.row.id) ? one.row.parent_id : null
    return one ? [presentShareFile(one.row, parentId === null ? [] : [parentId])] : []
  })
  const last =
    candidates.length < matches.length
      ? candidates.at(-1)?.id
      : scanned.length === scanLimit
        ? scanned.at(-1)?.id
        : undefined
  return { files, next: last === undefined ? undefined : { value: '', id: last } }
}
