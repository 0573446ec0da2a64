import { type Compilable, type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import { engineOf, type Prepared, prepared } from '../../db/prepared.ts'
import type { Db, Schema } from '../../db/schema.ts'
import type { Place } from '../../cursor.ts'

export type SortKey = 'name_key' | 'size' | 'edited_at' | 'created_at' | 'suffix' | 'recycled_at'

/** Which nodes a page is cut from: the live children of a folder, or the top of a space's bin. */
export type Scope = 'children' | 'bin'

/** `all`, or one half of a list that shows folders first. */
export type Part = 'all' | 'folders' | 'files'

/** A page of nodes in the order of one key, ties by id. */
export interface PageQuery {
  scope: Scope
  /** Folder id, or space id for the bin. */
  scopeId: string
  sort: SortKey
  isDescending: boolean
  part: Part
  after: Place | undefined
  limit: number
  /** Folded text a name must hold. */
  nameHas?: string | undefined
  fileType?: string | undefined
}

/** How many index entries one filtered page may look at; it may be short before the end of the list (common.md 7). */
const scanLimit = 5000

interface Values {
  scopeId: string
  afterValue: string | number
  afterId: string
  untilValue: string | number
  untilId: string
  limit: number
  nameHas: string
  fileType: string
}

type NodeQuery = SelectQueryBuilder<Schema, 'nodes', object>

interface Shape {
  scope: Scope
  sort: SortKey
  isDescending: boolean
  part: Part
  hasAfter: boolean
  hasUntil: boolean
  hasName: boolean
  hasType: boolean
}

function shapeOf(query: PageQuery, rest: { hasUntil: boolean; isFiltered: boolean }): Shape {
  return {
    scope: query.scope,
    sort: query.sort,
    isDescending: query.isDescending,
    part: query.part,
    hasAfter: query.after !== undefined,
    hasUntil: rest.hasUntil,
    hasName: rest.isFiltered && query.nameHas !== undefined,
    hasType: rest.isFiltered && query.fileType !== undefined,
  }
}

function valuesOf(query: PageQuery, limit: number, until?: Place): Values {
  return {
    scopeId: query.scopeId,
    afterValue: query.after?.value ?? '',
    afterId: query.after?.id ?? '',
    untilValue: until?.value ?? '',
    untilId: until?.id ?? '',
    limit,
    nameHas: query.nameHas ?? '',
    fileType: query.fileType ?? '',
  }
}

/** The rows of a page in order, by one index range. Literals name the partial index that serves it. */
function pageRows(db: Db, p: Values, shape: Shape, isFilesOnly: boolean): NodeQuery {
  const key = sql.ref(`nodes.${shape.sort}`)
  const direction = shape.isDescending ? 'desc' : 'asc'
  const beyond = sql.raw(shape.isDescending ? '<' : '>')
  let query: NodeQuery = db.selectFrom('nodes')
  query = query.where(shape.scope === 'bin' ? 'nodes.space_id' : 'nodes.parent_id', '=', p.scopeId)
  query = query.where('nodes.recycled_at', shape.scope === 'bin' ? 'is not' : 'is', null)
  if (shape.part === 'folders') query = query.where('nodes.is_folder', '=', sql.lit(1))
  if (shape.hasAfter) query = query.where(sql<boolean>`(${key}, nodes.id) ${beyond} (${p.afterValue}, ${p.afterId})`)
  if (shape.hasUntil) query = query.where(sql<boolean>`(${p.untilValue}, ${p.untilId}) ${beyond}= (${key}, nodes.id)`)
  if (isFilesOnly) query = query.where('nodes.is_folder', '=', sql.lit(0))
  if (shape.hasName) query = query.where(contains(db, p.nameHas))
  if (shape.hasType) query = query.where('nodes.file_type', '=', p.fileType)
  return query.orderBy(key, direction).orderBy('nodes.id', direction).limit(p.limit)
}

function contains(db: Db, part: string): RawBuilder<boolean> {
  return engineOf(db) === 'postgres'
    ? sql<boolean>`strpos(nodes.name_fold, ${part}) > 0`
    : sql<boolean>`instr(nodes.name_fold, ${part}) > 0`
}

const plans = new Map<string, Prepared<Values, unknown>>()

function planned<R>(
  kind: string,
  shape: Shape,
  build: (db: Db, p: Values) => Compilable<unknown>,
): Prepared<Values, R> {
  const id = `${kind} ${Object.values(shape).join(' ')}`
  let plan = plans.get(id)
  if (!plan) plans.set(id, (plan = prepared<Values, unknown>(build)))
  return plan as Prepared<Values, R>
}

/** A node as lists show it. */
export type ListedNode = Schema['nodes'] & {
  sha256: string | null
  creator_name: string | null
  editor_name: string | null
}

/** One page of whole rows, and where the next one begins; `next` is undefined at the end. */
export async function selectPage(db: Db, query: PageQuery): Promise<{ rows: ListedNode[]; next: Place | undefined }> {
  const isFiltered = query.nameHas !== undefined || query.fileType !== undefined || query.part === 'files'
  const until = isFiltered ? await scanEnd(db, query) : undefined
  const shape = shapeOf(query, { hasUntil: until !== undefined, isFiltered })
  const plan = planned<ListedNode>('rows', shape, (own, p) =>
    pageRows(own, p, shape, query.part === 'files')
      .leftJoin('blobs', 'blobs.key', 'nodes.blob_key')
      .leftJoin('users as creator', 'creator.id', 'nodes.created_by')
      .leftJoin('users as editor', 'editor.id', 'nodes.edited_by')
      .selectAll('nodes')
      .select(['blobs.sha256', 'creator.name as creator_name', 'editor.name as editor_name']),
  )
  const rows = await plan.all(db, valuesOf(query, query.limit + 1, until))
  if (rows.length > query.limit) {
    rows.pop()
    const last = rows.at(-1)
    return { rows, next: last && { value: last[query.sort] ?? '', id: last.id } }
  }
  return { rows, next: until }
}

/** The last index entry a filtered page may look at; undefined when the list ends before. */
async function scanEnd(db: Db, query: PageQuery): Promise<Place | undefined> {
  const shape = shapeOf(query, { hasUntil: false, isFiltered: false })
  const plan = planned<{ value: string | number; id: string }>('end', shape, (own, p) =>
    pageRows(own, p, shape, false)
      .select([sql<string | number>`${sql.ref(`nodes.${shape.sort}`)}`.as('value'), 'nodes.id'])
      .offset(sql.lit(scanLimit - 1)),
  )
  const end = await plan.first(db, valuesOf(query, 1))
  return end && { value: end.value, id: end.id }
}

/** A page as the JSON text of founding page *Listing Files Shared with You*. */
export interface PageText {
  /** The `files` array. */
  text: string
  next: Place | undefined
}

type TextTuple = [
  id: string,
  name: string,
  fileType: string,
  mimeType: string,
  suffix: string,
  isFolder: number,
  size: number,
  createdAt: string,
  editedAt: string,
  nameKey?: string,
]

/** Where a tuple holds the value it is ordered by. */
const placeIn: Partial<Record<SortKey, keyof TextTuple & number>> = {
  suffix: 4,
  size: 6,
  created_at: 7,
  edited_at: 8,
  name_key: 9,
}

/**
 * One page of a folder as JSON text, put together from the columns: a third of the cost of objects and their serialiser.
 * Only for lists of children without a filter.
 */
export async function selectPageText(db: Db, query: PageQuery & { spaceId: string }): Promise<PageText> {
  const shape = shapeOf(query, { hasUntil: false, isFiltered: false })
  const plan = planned<unknown>('text', shape, (own, p) => {
    const rows = pageRows(own, p, shape, false).select([
      'nodes.id',
      'nodes.name',
      'nodes.file_type',
      'nodes.mime_type',
      'nodes.suffix',
      'nodes.is_folder',
      'nodes.size',
      'nodes.created_at',
      'nodes.edited_at',
    ])
    return shape.sort === 'name_key' ? rows.select('nodes.name_key') : rows
  })
  const rows = (await plan.tuples(db, valuesOf(query, query.limit + 1))) as unknown as readonly TextTuple[]
  const page = rows.length > query.limit ? rows.slice(0, query.limit) : rows
  const last = page.at(-1)
  const next =
    rows.length > query.limit && last ? { value: last[placeIn[query.sort] ?? 8] ?? '', id: last[0] } : undefined
  const place = `"parentFolder":["${query.scopeId}"],"containers":["${query.spaceId}"]`
  return { text: `[${page.map((row) => fileText(row, place)).join(',')}]`, next }
}

/** Names, types and suffixes come from people and are escaped; ids, times and numbers are ours and need none. */
function fileText(row: TextTuple, place: string): string {
  const [id, name, fileType, mimeType, suffix, isFolder, size, createdAt, editedAt] = row
  const bytes = isFolder === 1 ? '' : `"size":${size},`
  return `{"id":"${id}","fileName":${JSON.stringify(name)},"fileType":"${fileType}","mimeType":${JSON.stringify(mimeType)},${place},"fileSuffix":${JSON.stringify(suffix)},${bytes}"createdTime":"${createdAt}","editedTime":"${editedAt}"}`
}
