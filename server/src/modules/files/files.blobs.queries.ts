import { type RawBuilder, sql } from 'kysely'
import { engineOf, prepared, textsOf } from '../../db/prepared.ts'
import type { Db } from '../../db/schema.ts'

interface Count {
  key: string
  count: number
}

/** The objects of a JSON array `[{"key", "count"}]` as rows. */
function countsOf(db: Db, json: string): RawBuilder<Count> {
  return engineOf(db) === 'postgres'
    ? sql<Count>`(select key, count from json_to_recordset(${json}::json) as given (key text, count bigint))`
    : sql<Count>`(select value ->> 'key' as key, value ->> 'count' as count from json_each(${json}))`
}

/** Takes the locks of many blobs in one order, so that two transactions never wait for each other. */
export const lockBlobs = prepared((db, p: { keys: string }) => {
  const query = db.selectFrom('blobs').select('key').where('key', 'in', textsOf(db, p.keys)).orderBy('key')
  return engineOf(db) === 'postgres' ? query.forUpdate() : query
})

export const addReferences = prepared((db, p: { counts: string }) =>
  db
    .updateTable('blobs')
    .from(countsOf(db, p.counts).as('given'))
    .set({ refs: sql<number>`refs + given.count`, unreferenced_at: null })
    .whereRef('blobs.key', '=', 'given.key'),
)

export const dropReferences = prepared((db, p: { counts: string; at: string }) =>
  db
    .updateTable('blobs')
    .from(countsOf(db, p.counts).as('given'))
    .set({
      refs: sql<number>`case when refs > given.count then refs - given.count else 0 end`,
      unreferenced_at: sql<string | null>`case when refs > given.count then null else ${p.at} end`,
    })
    .whereRef('blobs.key', '=', 'given.key'),
)
