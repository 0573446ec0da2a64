import { sql } from 'kysely'
import { compilable, engineOf, prepared } from '../../db/prepared.ts'
import type { Db } from '../../db/schema.ts'

function pairsOf(db: Db, json: string) {
  return engineOf(db) === 'postgres'
    ? sql`(select value ->> 0 as id, value ->> 1 as user_id from json_array_elements(${json}::json))`
    : sql`(select value ->> 0 as id, value ->> 1 as user_id from json_each(${json}))`
}

/** Puts one message before each person, once. `pairs` is a JSON array of [message id, user id]. */
export const insertMessages = prepared((db, p: { pairs: string; kind: string; share_id: string; created_at: string }) =>
  compilable(
    db,
    sql`insert into messages (id, user_id, kind, share_id, created_at, read_at)
      select id, user_id, ${p.kind}, ${p.share_id}, ${p.created_at}, null from ${pairsOf(db, p.pairs)} as given where true
      on conflict (user_id, kind, share_id) do nothing`,
  ),
)

/** The next people a share reaches as the organisation is now, by id, without its owner. */
export const selectReached = prepared<
  { share_id: string; owner_id: string; after: string; limit: number },
  { id: string }
>((db, p) =>
  compilable(
    db,
    sql<{ id: string }>`with recursive below (id) as (
        select receiver_id from share_receivers where share_id = ${p.share_id} and kind = 'department'
        union
        select d.id from departments d join below on d.parent_id = below.id
      )
      select u.id from users u where u.id > ${p.after} and u.status = 0 and u.id <> ${p.owner_id} and (
        u.department_id in (select id from below)
        or u.id in (select receiver_id from share_receivers where share_id = ${p.share_id} and kind = 'user')
        or u.id in (select m.user_id from user_group_members m join share_receivers r on r.receiver_id = m.group_id
          where r.share_id = ${p.share_id} and r.kind = 'group')
      ) order by u.id limit ${p.limit}`,
  ),
)
