import { sql } from 'kysely'
import { columns, compilable, engineOf, prepared, textsOf } from '../../db/prepared.ts'
import type { Db, ReceiverKind, Schema } from '../../db/schema.ts'

export type ShareRow = Schema['shares']

const shareColumns = [
  'id',
  'short_url',
  'owner_id',
  'space_id',
  'scope',
  'can_preview',
  'can_edit',
  'can_download',
  'code_hash',
  'code_sealed',
  'code_version',
  'comment',
  'display_name',
  'created_at',
  'updated_at',
  'expires_at',
  'cancelled_at',
  'view_count',
  'download_count',
  'save_count',
] as const

export const insertShare = prepared((db, p: ShareRow) => db.insertInto('shares').values(columns(p, shareColumns)))

/** The texts of a JSON array as rows `value`, `number`. */
function rowsOf(db: Db, json: string) {
  return engineOf(db) === 'postgres'
    ? sql`(select value, ordinality as number from json_array_elements_text(${json}::json) with ordinality)`
    : sql`(select value, key + 1 as number from json_each(${json}))`
}

/** All items of a share in one statement. `nodes` is a JSON array of node ids. */
export const insertItems = prepared((db, p: { share_id: string; nodes: string }) =>
  compilable(
    db,
    sql`insert into share_items (share_id, node_id, number) select ${p.share_id}, value, number from ${rowsOf(db, p.nodes)} as given`,
  ),
)

/** All receivers of one kind in one statement. `ids` is a JSON array. */
export const insertReceivers = prepared((db, p: { share_id: string; kind: ReceiverKind; ids: string }) =>
  compilable(
    db,
    sql`insert into share_receivers (share_id, kind, receiver_id) select ${p.share_id}, ${p.kind}, value from ${rowsOf(db, p.ids)} as given`,
  ),
)

/** What the gate and a visitor's page need of a share, with what its owner and space say now. */
export interface ShareFacts extends Pick<
  ShareRow,
  | 'id'
  | 'short_url'
  | 'owner_id'
  | 'space_id'
  | 'scope'
  | 'can_preview'
  | 'can_edit'
  | 'can_download'
  | 'code_hash'
  | 'code_version'
  | 'comment'
  | 'created_at'
  | 'expires_at'
  | 'cancelled_at'
> {
  owner_name: string | null
  owner_status: number | null
  space_kind: number | null
  space_owner_id: string | null
  space_status: number | null
  root_id: string | null
  /** Whether a live item lies right below the root: then no way up has to be walked to know that something is live. */
  has_live_top: number
  /** The node that was asked for, when it is itself a live item right below the root. */
  asked_id: string | null
  asked_is_folder: number | null
  asked_version: number | null
}

/** The facts in one statement, with the node that is asked for in the plainest case; an empty `node_id` asks for none. */
function facts(db: Db, p: { node_id: string }) {
  return db
    .selectFrom('shares')
    .leftJoin('users', 'users.id', 'shares.owner_id')
    .leftJoin('spaces', 'spaces.id', 'shares.space_id')
    .leftJoin('share_items as asked_item', (join) =>
      join.onRef('asked_item.share_id', '=', 'shares.id').on('asked_item.node_id', '=', p.node_id),
    )
    .leftJoin('nodes as asked', (join) =>
      join
        .onRef('asked.id', '=', 'asked_item.node_id')
        .onRef('asked.parent_id', '=', 'spaces.root_id')
        .on('asked.recycled_at', 'is', null),
    )
    .select(['asked.id as asked_id', 'asked.is_folder as asked_is_folder', 'asked.children_version as asked_version'])
    .select([
      'shares.id',
      'shares.short_url',
      'shares.owner_id',
      'shares.space_id',
      'shares.scope',
      'shares.can_preview',
      'shares.can_edit',
      'shares.can_download',
      'shares.code_hash',
      'shares.code_version',
      'shares.comment',
      'shares.created_at',
      'shares.expires_at',
      'shares.cancelled_at',
      'users.name as owner_name',
      'users.status as owner_status',
      'spaces.kind as space_kind',
      'spaces.owner_id as space_owner_id',
      'spaces.status as space_status',
      'spaces.root_id',
    ])
    .select((eb) =>
      eb
        .case()
        .when(
          eb.exists(
            eb
              .selectFrom('share_items')
              .innerJoin('nodes', 'nodes.id', 'share_items.node_id')
              .select(sql.lit(1).as('found'))
              .whereRef('share_items.share_id', '=', 'shares.id')
              .whereRef('nodes.parent_id', '=', 'spaces.root_id')
              .where('nodes.recycled_at', 'is', null),
          ),
        )
        .then(sql.lit(1))
        .else(sql.lit(0))
        .end()
        .as('has_live_top'),
    )
}

export const findShareByUrl = prepared<{ short_url: string; node_id: string }, ShareFacts>(
  (db, p) => facts(db, p).where('shares.short_url', '=', p.short_url),
  { isHot: true },
)

export const findShareById = prepared<{ id: string; node_id: string }, ShareFacts>(
  (db, p) => facts(db, p).where('shares.id', '=', p.id),
  { isHot: true },
)

/** Whether a share names a person: directly, by a group, or by a department at or above the person's own, as of now. */
export const findReceiver = prepared<{ share_id: string; user_id: string; department_id: string }, { found: number }>(
  (db, p) =>
    compilable(
      db,
      sql<{ found: number }>`with recursive above (id, parent_id, depth) as (
        select id, parent_id, 0 from departments where id = ${p.department_id}
        union all
        select d.id, d.parent_id, above.depth + 1 from departments d join above on d.id = above.parent_id where above.depth < 16
      )
      select 1 as found from share_receivers r where r.share_id = ${p.share_id} and (
        (r.kind = 'user' and r.receiver_id = ${p.user_id})
        or (r.kind = 'department' and r.receiver_id in (select id from above))
        or (r.kind = 'group' and r.receiver_id in (select group_id from user_group_members where user_id = ${p.user_id}))
      ) limit 1`,
    ),
  { isHot: true },
)

/** The items of a share that are live now: not in the bin, and nothing above them is. */
export const selectLiveItems = prepared<{ share_id: string; root_id: string }, { id: string }>(
  (db, p) =>
    db
      .withRecursive('up', (recursive) =>
        recursive
          .selectFrom('share_items')
          .innerJoin('nodes', 'nodes.id', 'share_items.node_id')
          .select(['nodes.id as item', 'nodes.id', 'nodes.parent_id', 'nodes.recycled_at', sql<number>`0`.as('depth')])
          .where('share_items.share_id', '=', p.share_id)
          .unionAll(
            recursive
              .selectFrom('up')
              .innerJoin('nodes', 'nodes.id', 'up.parent_id')
              .select([
                'up.item',
                'nodes.id',
                'nodes.parent_id',
                'nodes.recycled_at',
                sql<number>`up.depth + 1`.as('depth'),
              ])
              .where('up.recycled_at', 'is', null)
              .where('up.depth', '<', sql.lit(64)),
          ),
      )
      .selectFrom('up')
      .select('item as id')
      .where('id', '=', p.root_id)
      .where('recycled_at', 'is', null),
  { isHot: true },
)

/** One step from a node up to its root, with whether the step is an item of the share. */
export interface ShareChainRow {
  id: string
  is_folder: number
  recycled_at: string | null
  children_version: number
  is_item: number
}

/** A node and all above it, the node first, as a share sees them. */
export const selectShareChain = prepared<{ id: string; share_id: string }, ShareChainRow>(
  (db, p) =>
    db
      .withRecursive('chain', (recursive) =>
        recursive
          .selectFrom('nodes')
          .select(['id', 'parent_id', 'is_folder', 'recycled_at', 'children_version', sql<number>`0`.as('depth')])
          .where('id', '=', p.id)
          .unionAll(
            recursive
              .selectFrom('chain')
              .innerJoin('nodes', 'nodes.id', 'chain.parent_id')
              .select([
                'nodes.id',
                'nodes.parent_id',
                'nodes.is_folder',
                'nodes.recycled_at',
                'nodes.children_version',
                sql<number>`chain.depth + 1`.as('depth'),
              ])
              .where('chain.depth', '<', sql.lit(64)),
          ),
      )
      .selectFrom('chain')
      .leftJoin('share_items', (join) =>
        join.onRef('share_items.node_id', '=', 'chain.id').on('share_items.share_id', '=', p.share_id),
      )
      .select([
        'chain.id',
        'is_folder',
        'recycled_at',
        'children_version',
        sql<number>`case when share_items.node_id is null then 0 else 1 end`.as('is_item'),
      ])
      .orderBy('depth'),
  { isHot: true },
)

/**
 * Which of some nodes are live and inside a share, and whether the folder they lie in is inside too. `ids` is a JSON array.
 */
export const selectPlacesInShare = prepared<
  { ids: string; share_id: string; root_id: string },
  { id: string; has_parent: number }
>((db, p) =>
  compilable(
    db,
    sql`with recursive up (item, id, parent_id, recycled_at, depth) as (
        select id, id, parent_id, recycled_at, 0 from nodes where id in ${textsOf(db, p.ids)}
        union all
        select up.item, n.id, n.parent_id, n.recycled_at, up.depth + 1
        from up join nodes n on n.id = up.parent_id where up.recycled_at is null and up.depth < 64
      )
      select up.item as id, max(case when s.node_id is not null and up.depth > 0 then 1 else 0 end) as has_parent
      from up left join share_items s on s.share_id = ${p.share_id} and s.node_id = up.id
      group by up.item
      having max(case when s.node_id is not null then 1 else 0 end) = 1
        and max(case when up.id = ${p.root_id} and up.recycled_at is null then 1 else 0 end) = 1`,
  ),
)

/** Live nodes of a space by id, after one, for the search in a whole share. */
export const scanSpace = prepared((db, p: { space_id: string; after: string; limit: number }) =>
  db
    .selectFrom('nodes')
    .select(['id', 'name_fold', 'recycled_at', 'parent_id'])
    .where('space_id', '=', p.space_id)
    .where('id', '>', p.after)
    .orderBy('id')
    .limit(p.limit),
)

export const addView = prepared((db, p: { id: string }) =>
  db
    .updateTable('shares')
    .set({ view_count: sql<number>`view_count + 1` })
    .where('id', '=', p.id),
)

export const addDownloads = prepared((db, p: { id: string; count: number }) =>
  db
    .updateTable('shares')
    .set({ download_count: sql<number>`download_count + ${p.count}` })
    .where('id', '=', p.id),
)
