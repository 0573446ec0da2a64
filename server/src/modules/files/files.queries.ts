import { sql } from 'kysely'
import { columns, compilable, prepared, textsOf } from '../../db/prepared.ts'
import type { Schema } from '../../db/schema.ts'

export type NodeRow = Schema['nodes']

export const nodeColumns = [
  'id',
  'space_id',
  'parent_id',
  'name',
  'name_fold',
  'name_key',
  'is_folder',
  'file_type',
  'mime_type',
  'suffix',
  'size',
  'blob_key',
  'description',
  'created_at',
  'created_by',
  'edited_at',
  'edited_by',
  'recycled_at',
  'recycled_by',
  'recycled_parent_name',
  'source_id',
  'children_version',
] as const

/** Adds a node; 0 rows when its name is taken in its folder. */
export const insertNode = prepared((db, p: NodeRow) =>
  db
    .insertInto('nodes')
    .values(columns(p, nodeColumns))
    .onConflict((conflict) =>
      conflict.columns(['parent_id', 'name_fold']).where('recycled_at', 'is', null).doNothing(),
    ),
)

export const findNode = prepared((db, p: { id: string }) =>
  db
    .selectFrom('nodes')
    .leftJoin('blobs', 'blobs.key', 'nodes.blob_key')
    .leftJoin('users as creator', 'creator.id', 'nodes.created_by')
    .leftJoin('users as editor', 'editor.id', 'nodes.edited_by')
    .selectAll('nodes')
    .select(['blobs.sha256', 'creator.name as creator_name', 'editor.name as editor_name'])
    .where('nodes.id', '=', p.id),
)

/** One step of a chain from a node up to its root. */
export interface ChainRow {
  id: string
  parent_id: string | null
  space_id: string
  name: string
  is_folder: number
  recycled_at: string | null
  children_version: number
}

/** The node and everything above it, the node first. */
export const selectChain = prepared<{ id: string }, ChainRow>((db, p) =>
  db
    .withRecursive('chain', (recursive) =>
      recursive
        .selectFrom('nodes')
        .select([
          'id',
          'parent_id',
          'space_id',
          'name',
          'is_folder',
          'recycled_at',
          'children_version',
          sql<number>`0`.as('depth'),
        ])
        .where('id', '=', p.id)
        .unionAll(
          recursive
            .selectFrom('nodes')
            .innerJoin('chain', 'chain.parent_id', 'nodes.id')
            .select([
              'nodes.id',
              'nodes.parent_id',
              'nodes.space_id',
              'nodes.name',
              'nodes.is_folder',
              'nodes.recycled_at',
              'nodes.children_version',
              sql<number>`chain.depth + 1`.as('depth'),
            ])
            .where('chain.depth', '<', sql.lit(64)),
        ),
    )
    .selectFrom('chain')
    .select(['id', 'parent_id', 'space_id', 'name', 'is_folder', 'recycled_at', 'children_version'])
    .orderBy('depth'),
)

export const findChildByName = prepared((db, p: { parent_id: string; name_fold: string }) =>
  db
    .selectFrom('nodes')
    .leftJoin('blobs', 'blobs.key', 'nodes.blob_key')
    .select(['nodes.id', 'nodes.name', 'nodes.is_folder', 'nodes.size', 'blobs.sha256'])
    .where('parent_id', '=', p.parent_id)
    .where('name_fold', '=', p.name_fold)
    .where('recycled_at', 'is', null),
)

/** Moves the version of a folder: its finished pages are stale. */
export const touchFolder = prepared((db, p: { id: string }) =>
  db
    .updateTable('nodes')
    .set({ children_version: sql<number>`children_version + 1` })
    .where('id', '=', p.id),
)

/** Gives a live node another name; 0 rows when it is not live in that folder any more. */
export const renameNode = prepared(
  (
    db,
    p: Pick<NodeRow, 'id' | 'name' | 'name_fold' | 'name_key' | 'suffix' | 'edited_at' | 'edited_by'> & {
      parent_id: string
    },
  ) =>
    db
      .updateTable('nodes')
      .set(columns(p, ['name', 'name_fold', 'name_key', 'suffix', 'edited_at', 'edited_by']))
      .where('id', '=', p.id)
      .where('parent_id', '=', p.parent_id)
      .where('recycled_at', 'is', null),
)

/** Some nodes; `ids` is a JSON array. */
export const selectNodesByIds = prepared((db, p: { ids: string }) =>
  db
    .selectFrom('nodes')
    .leftJoin('blobs', 'blobs.key', 'nodes.blob_key')
    .selectAll('nodes')
    .select('blobs.sha256')
    .where('nodes.id', 'in', textsOf(db, p.ids)),
)

/** Which of some nodes reach a root, and how many steps of each way are in the bin. `ids` is a JSON array. */
export const selectPlaces = prepared<{ ids: string; root_id: string }, { id: string; recycled: number }>((db, p) =>
  compilable(
    db,
    sql`with recursive up (item, id, parent_id, recycled, depth) as (
        select id, id, parent_id, case when recycled_at is null then 0 else 1 end, 0 from nodes where id in ${textsOf(db, p.ids)}
        union all
        select up.item, n.id, n.parent_id, up.recycled + case when n.recycled_at is null then 0 else 1 end, up.depth + 1
        from up join nodes n on n.id = up.parent_id where up.depth < 64
      )
      select item as id, recycled from up where id = ${p.root_id}`,
  ),
)

/** What is needed to send a file: the narrow read of every download. */
export const findContentFacts = prepared(
  (db, p: { id: string }) =>
    db
      .selectFrom('nodes')
      .innerJoin('blobs', 'blobs.key', 'nodes.blob_key')
      .select([
        'nodes.id',
        'nodes.name',
        'nodes.mime_type',
        'nodes.size',
        'nodes.edited_at',
        'blobs.key',
        'blobs.sha256',
      ])
      .where('nodes.id', '=', p.id),
  { isHot: true },
)
