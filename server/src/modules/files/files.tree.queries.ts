import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import { columns, engineOf, prepared, textsOf } from '../../db/prepared.ts'
import type { Db, Schema } from '../../db/schema.ts'
import { nodeColumns, type NodeRow } from './files.queries.ts'

/** Nodes that one transaction makes, changes or deletes, at most: so few that nobody else waits long. */
export const batchSize = 100

const hasLiveChildren = sql<number>`case when exists
  (select 1 from nodes as below where below.parent_id = nodes.id and below.recycled_at is null) then 1 else 0 end`

const hasLiveFolders = sql<number>`case when exists
  (select 1 from nodes as below where below.parent_id = nodes.id and below.recycled_at is null and below.is_folder = 1) then 1 else 0 end`

/** Keeps rows as they are until the transaction ends; a transaction of SQLite keeps everything anyway. */
function locked<T extends keyof Schema, O>(db: Db, query: SelectQueryBuilder<Schema, T, O>) {
  return engineOf(db) === 'postgres' ? query.forUpdate() : query
}

/** Nobody else changes the shape of this space's tree until the transaction ends. */
export const lockSpace = prepared((db, p: { id: string }) =>
  locked(db, db.selectFrom('spaces').select('id').where('id', '=', p.id)),
)

/** A node as it will stay until the transaction ends. */
export const lockNode = prepared((db, p: { id: string }) =>
  locked(db, db.selectFrom('nodes').selectAll().where('id', '=', p.id)),
)

/** Puts a live node into the bin. */
export const recycleNode = prepared(
  (db, p: { id: string; recycled_at: string; recycled_by: string; recycled_parent_name: string }) =>
    db
      .updateTable('nodes')
      .set(columns(p, ['recycled_at', 'recycled_by', 'recycled_parent_name']))
      .where('id', '=', p.id)
      .where('recycled_at', 'is', null),
)

/** Puts a node, live, under a folder (or a hidden id) and a name. */
export const placeNode = prepared(
  (db, p: Pick<NodeRow, 'id' | 'name' | 'name_fold' | 'name_key' | 'suffix'> & { parent_id: string }) =>
    db
      .updateTable('nodes')
      .set({
        ...columns(p, ['parent_id', 'name', 'name_fold', 'name_key', 'suffix']),
        recycled_at: null,
        recycled_by: null,
        recycled_parent_name: null,
      })
      .where('id', '=', p.id),
)

interface After {
  parent_id: string
  created_at: string
  id: string
}

/** Live children in an order that no rename or move changes. */
export const selectChildren = prepared((db, p: After) =>
  db
    .selectFrom('nodes')
    .selectAll()
    .select(hasLiveChildren.as('has_children'))
    .where('parent_id', '=', p.parent_id)
    .where('recycled_at', 'is', null)
    .where(sql<boolean>`(created_at, id) > (${p.created_at}, ${p.id})`)
    .orderBy('created_at')
    .orderBy('id')
    .limit(sql.lit(batchSize)),
)

export const selectChildFolders = prepared((db, p: After) =>
  db
    .selectFrom('nodes')
    .select(['id', 'created_at', hasLiveFolders.as('has_folders')])
    .where('parent_id', '=', p.parent_id)
    .where('recycled_at', 'is', null)
    .where('is_folder', '=', sql.lit(1))
    .where(sql<boolean>`(created_at, id) > (${p.created_at}, ${p.id})`)
    .orderBy('created_at')
    .orderBy('id')
    .limit(sql.lit(batchSize)),
)

/** Some live children of many folders, in no order. */
export const selectBelow = prepared((db, p: { parents: string }) =>
  db
    .selectFrom('nodes')
    .select(['id', hasLiveChildren.as('has_children')])
    .where('parent_id', 'in', textsOf(db, p.parents))
    .where('recycled_at', 'is', null)
    .limit(sql.lit(batchSize)),
)

/** What hangs under the hidden ids of a range. */
export const selectHidden = prepared<{ from: string; to: string }, { id: string; space_id: string; parent_id: string }>(
  (db, p) =>
    db
      .selectFrom('nodes')
      .select(['id', 'space_id', sql<string>`parent_id`.as('parent_id')])
      .where('parent_id', '>=', p.from)
      .where('parent_id', '<', p.to)
      .where('recycled_at', 'is', null)
      .orderBy('parent_id')
      .limit(sql.lit(batchSize)),
)

/** Hangs nodes under hidden ids of their own, out of everybody's sight: `prefix` and their id. */
export const hideNodes = prepared((db, p: { ids: string; prefix: string }) =>
  db
    .updateTable('nodes')
    .set({
      parent_id: sql<string>`${p.prefix} || id`,
      recycled_at: null,
      recycled_by: null,
      recycled_parent_name: null,
    })
    .where('id', 'in', textsOf(db, p.ids)),
)

/** Waits until nobody else writes these nodes, and keeps them. */
export const lockNodes = prepared((db, p: { ids: string }) =>
  locked(db, db.selectFrom('nodes').select('id').where('id', 'in', textsOf(db, p.ids)).orderBy('id')),
)

/** Deletes those nodes that have nothing live below them. */
export const deleteNodes = prepared((db, p: { ids: string }) =>
  db
    .deleteFrom('nodes')
    .where('id', 'in', textsOf(db, p.ids))
    .where(
      sql<boolean>`not exists (select 1 from nodes as below where below.parent_id = nodes.id and below.recycled_at is null)`,
    )
    .returning(['id', 'size', 'blob_key']),
)

/** What went into a space's bin until `before`, the oldest first. */
export const selectBinned = prepared((db, p: { space_id: string; before: string }) =>
  db
    .selectFrom('nodes')
    .select(['id', 'is_folder'])
    .where('space_id', '=', p.space_id)
    .where('recycled_at', 'is not', null)
    .where('recycled_at', '<=', p.before)
    .orderBy('recycled_at')
    .orderBy('id')
    .limit(sql.lit(batchSize)),
)

/** How much of it there is; counted up to 100,000. */
export const countBinned = prepared((db, p: { space_id: string; before: string }) =>
  db
    .selectFrom(
      db
        .selectFrom('nodes')
        .select('id')
        .where('space_id', '=', p.space_id)
        .where('recycled_at', 'is not', null)
        .where('recycled_at', '<=', p.before)
        .limit(sql.lit(100_000))
        .as('binned'),
    )
    .select(sql<number>`count(*)`.as('count')),
)

/** Spaces whose bin holds something that went there before a moment. */
export const selectSpacesWithOldBin = prepared((db, p: { after: string; before: string }) =>
  db
    .selectFrom('spaces')
    .select('id')
    .where('id', '>', p.after)
    .where(
      sql<boolean>`exists (select 1 from nodes where nodes.space_id = spaces.id and nodes.recycled_at is not null
        and nodes.recycled_at < ${p.before})`,
    )
    .orderBy('id')
    .limit(sql.lit(100)),
)

function rowsOf(db: Db, json: string): RawBuilder<NodeRow> {
  if (engineOf(db) === 'postgres')
    return sql<NodeRow>`(select * from json_populate_recordset(null::nodes, ${json}::json))`
  const fields = nodeColumns.map((name) => sql`value ->> ${sql.lit(name)} as ${sql.ref(name)}`)
  return sql<NodeRow>`(select ${sql.join(fields)} from json_each(${json}))`
}

/** Adds the nodes of a JSON array; answers the ids of those whose name was free. */
export const insertNodes = prepared((db, p: { rows: string }) =>
  db
    .insertInto('nodes')
    .columns([...nodeColumns])
    .expression(
      db
        .selectFrom(rowsOf(db, p.rows).as('given'))
        .select([...nodeColumns])
        // SQLite could not tell the conflict clause from a join condition
        .where(sql<boolean>`true`),
    )
    .onConflict((conflict) => conflict.columns(['parent_id', 'name_fold']).where('recycled_at', 'is', null).doNothing())
    .returning('id'),
)

/** Notes a change below a hidden node; 0 rows when it hangs there no more. */
export const touchHidden = prepared((db, p: { id: string; parent_id: string }) =>
  db
    .updateTable('nodes')
    .set({ children_version: sql<number>`children_version + 1` })
    .where('id', '=', p.id)
    .where('parent_id', '=', p.parent_id),
)
