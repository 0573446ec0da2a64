import { sql } from 'kysely'
import { columns, engineOf, prepared, textsOf } from '../../db/prepared.ts'
import type { Db, Schema } from '../../db/schema.ts'

export type JobRow = Schema['jobs']
export type ItemRow = Schema['job_items']

export const insertJob = prepared((db, p: JobRow) =>
  db
    .insertInto('jobs')
    .values(
      columns(p, [
        'id',
        'kind',
        'action',
        'owner_id',
        'status',
        'result',
        'error_code',
        'total',
        'done',
        'failed',
        'source_space_id',
        'target_space_id',
        'target_id',
        'created_at',
        'started_at',
        'ended_at',
        'lease_until',
        'lease_owner',
      ]),
    ),
)

/** Adds the items of a JSON array `[{"number", "node_id", "path"}]`, all waiting. */
export const insertItems = prepared((db, p: { job_id: string; items: string }) => {
  type Given = Pick<ItemRow, 'number' | 'node_id' | 'path'>
  const given =
    engineOf(db) === 'postgres'
      ? sql<Given>`(select number, node_id, path from json_to_recordset(${p.items}::json) as item (number bigint, node_id text, path text))`
      : sql<Given>`(select value ->> 'number' as number, value ->> 'node_id' as node_id, value ->> 'path' as path
          from json_each(${p.items}))`
  return db
    .insertInto('job_items')
    .columns(['job_id', 'number', 'node_id', 'path', 'status'])
    .expression(
      db
        .selectFrom(given.as('given'))
        .select([
          sql<string>`cast(${p.job_id} as text)`.as('job_id'),
          'number',
          'node_id',
          'path',
          sql<number>`0`.as('status'),
        ]),
    )
})

/** Jobs of a person, newest first; `kind` and `status` -1 for any. */
export const selectJobsOf = prepared(
  (db, p: { owner_id: string; kind: number; status: number; offset: number; limit: number }) =>
    db
      .selectFrom('jobs')
      .selectAll()
      .where('owner_id', '=', p.owner_id)
      .where(sql<boolean>`(cast(${p.kind} as integer) = -1 or kind = ${p.kind})`)
      .where(sql<boolean>`(cast(${p.status} as integer) = -1 or status = ${p.status})`)
      .orderBy('id', 'desc')
      .limit(p.limit)
      .offset(p.offset),
)

export const findJob = prepared((db, p: { id: string }) => db.selectFrom('jobs').selectAll().where('id', '=', p.id))

export const selectItems = prepared((db, p: { job_id: string }) =>
  db.selectFrom('job_items').selectAll().where('job_id', '=', p.job_id).orderBy('number').limit(1000),
)

/** Cancels a job that is waiting or running; 0 rows when it is neither. */
export const cancelOpenJob = prepared((db, p: { id: string; owner_id: string; ended_at: string }) =>
  db
    .updateTable('jobs')
    .set({ status: 3, ended_at: p.ended_at })
    .where('id', '=', p.id)
    .where('owner_id', '=', p.owner_id)
    .where('status', '<', 2),
)

function openJobs(db: Db, p: { kinds: string; now: string }) {
  const kinds =
    engineOf(db) === 'postgres'
      ? sql<number>`(select value::bigint from json_array_elements_text(${p.kinds}::json))`
      : sql<number>`(select value from json_each(${p.kinds}))`
  return db
    .selectFrom('jobs')
    .select('id')
    .where('status', '<', sql.lit(2))
    .where((where) => where.or([where.eb('lease_until', 'is', null), where.eb('lease_until', '<', p.now)]))
    .where('kind', 'in', kinds)
    .orderBy('id')
    .limit(sql.lit(1))
}

/** Whether there is something to take; much cheaper than trying. */
export const findOpenJob = prepared((db, p: { kinds: string; now: string }) => openJobs(db, p))

/** Takes the oldest open job nobody holds. `kinds` is a JSON array. */
export const takeJob = prepared((db, p: { kinds: string; now: string; lease_owner: string; lease_until: string }) => {
  const open = openJobs(db, p)
  return db
    .updateTable('jobs')
    .set({
      status: 1,
      started_at: sql<string>`coalesce(started_at, ${p.now})`,
      lease_owner: p.lease_owner,
      lease_until: p.lease_until,
    })
    .where('id', '=', engineOf(db) === 'postgres' ? open.forUpdate().skipLocked() : open)
    .where('status', '<', sql.lit(2))
    .returningAll()
})

interface Lease {
  id: string
  lease_owner: string
}

/** Keeps a job for longer; 0 rows when it was cancelled or taken over. */
export const renewLease = prepared((db, p: Lease & { lease_until: string }) =>
  db
    .updateTable('jobs')
    .set({ lease_until: p.lease_until })
    .where('id', '=', p.id)
    .where('lease_owner', '=', p.lease_owner)
    .where('status', '=', 1),
)

/** Gives a job back, for anybody to take at once. */
export const dropLease = prepared((db, p: Lease) =>
  db
    .updateTable('jobs')
    .set({ lease_until: null, lease_owner: null })
    .where('id', '=', p.id)
    .where('lease_owner', '=', p.lease_owner)
    .where('status', '=', 1),
)

/** Notes how far a job is, cancelled or not. */
export const noteProgress = prepared((db, p: Lease & { total: number; done: number; failed: number }) =>
  db
    .updateTable('jobs')
    .set(columns(p, ['total', 'done', 'failed']))
    .where('id', '=', p.id)
    .where('lease_owner', '=', p.lease_owner),
)

/** Ends a job; 0 rows when it was cancelled or taken over. */
export const finishJob = prepared(
  (
    db,
    p: Lease & { total: number; done: number; failed: number; result: number; error_code: number; ended_at: string },
  ) =>
    db
      .updateTable('jobs')
      .set({ status: 2, ...columns(p, ['total', 'done', 'failed', 'result', 'error_code', 'ended_at']) })
      .where('id', '=', p.id)
      .where('lease_owner', '=', p.lease_owner)
      .where('status', '=', 1),
)

/** The next items of a job that wait. */
export const selectWaitingItems = prepared((db, p: { job_id: string }) =>
  db
    .selectFrom('job_items')
    .select(['number', 'node_id'])
    .where('job_id', '=', p.job_id)
    .where('status', '=', sql.lit(0))
    .orderBy('number')
    .limit(sql.lit(100)),
)

/** Notes the outcome of an item that waits; 0 rows when somebody else has. */
export const settleItem = prepared(
  (
    db,
    p: { job_id: string; number: number; status: number; new_node_id: string | null; error_reason: string | null },
  ) =>
    db
      .updateTable('job_items')
      .set(columns(p, ['status', 'new_node_id', 'error_reason']))
      .where('job_id', '=', p.job_id)
      .where('number', '=', p.number)
      .where('status', '=', 0),
)

/** Fails all items that wait. */
export const failWaitingItems = prepared((db, p: { job_id: string; error_reason: string }) =>
  db
    .updateTable('job_items')
    .set({ status: 2, error_reason: p.error_reason })
    .where('job_id', '=', p.job_id)
    .where('status', '=', 0),
)

export const countItems = prepared((db, p: { job_id: string }) =>
  db
    .selectFrom('job_items')
    .select(['status', sql<number>`count(*)`.as('count')])
    .where('job_id', '=', p.job_id)
    .groupBy('status'),
)

export const findFirstFailure = prepared((db, p: { job_id: string }) =>
  db
    .selectFrom('job_items')
    .select('error_reason')
    .where('job_id', '=', p.job_id)
    .where('status', '=', 2)
    .orderBy('number')
    .limit(sql.lit(1)),
)

/** Which of some jobs are waiting or running; `ids` is a JSON array. */
export const selectOpenAmong = prepared((db, p: { ids: string }) =>
  db.selectFrom('jobs').select('id').where('id', 'in', textsOf(db, p.ids)).where('status', '<', 2),
)

/** Some jobs that ended before a moment. */
export const selectEndedJobs = prepared((db, p: { before: string }) =>
  db
    .selectFrom('jobs')
    .select('id')
    .where('status', '>=', 2)
    .where('ended_at', '<', p.before)
    .orderBy('id')
    .limit(sql.lit(20)),
)

export const deleteItemsOf = prepared((db, p: { ids: string }) =>
  db.deleteFrom('job_items').where('job_id', 'in', textsOf(db, p.ids)),
)

export const deleteJobs = prepared((db, p: { ids: string }) =>
  db.deleteFrom('jobs').where('id', 'in', textsOf(db, p.ids)),
)

/** The enterprise's id. */
export const findTenant = prepared((db, _p: object) => db.selectFrom('enterprise').select('id').limit(sql.lit(1)))
