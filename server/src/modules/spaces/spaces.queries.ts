import { sql } from 'kysely'
import { columns, prepared } from '../../db/prepared.ts'
import type { Schema } from '../../db/schema.ts'

type Space = Schema['spaces']

export const insertSpace = prepared((db, p: Space) =>
  db
    .insertInto('spaces')
    .values(
      columns(p, [
        'id',
        'kind',
        'owner_id',
        'root_id',
        'status',
        'capacity',
        'used',
        'created_at',
        'created_by',
        'updated_at',
        'updated_by',
      ]),
    ),
)

export const findSpace = prepared((db, p: { id: string }) => db.selectFrom('spaces').selectAll().where('id', '=', p.id))

export const selectSpacesOf = prepared((db, p: { owner_id: string; kind: number }) =>
  db
    .selectFrom('spaces')
    .selectAll()
    .where('owner_id', '=', p.owner_id)
    .where('kind', '=', p.kind)
    .orderBy('id')
    .limit(100),
)

/** Takes bytes of a space's quota; 0 rows when they are not there. */
export const takeBytes = prepared((db, p: { id: string; bytes: number }) =>
  db
    .updateTable('spaces')
    .set({ used: sql<number>`used + ${p.bytes}` })
    .where('id', '=', p.id)
    .where(sql<boolean>`used + ${p.bytes} <= capacity`),
)

export const giveBytes = prepared((db, p: { id: string; bytes: number }) =>
  db
    .updateTable('spaces')
    .set({ used: sql<number>`case when used > ${p.bytes} then used - ${p.bytes} else 0 end` })
    .where('id', '=', p.id),
)

/** Resizes; 0 rows when more is in use. */
export const resizeSpaces = prepared(
  (db, p: { owner_id: string; kind: number; capacity: number; updated_at: string; updated_by: string }) =>
    db
      .updateTable('spaces')
      .set(columns(p, ['capacity', 'updated_at', 'updated_by']))
      .where('owner_id', '=', p.owner_id)
      .where('kind', '=', p.kind)
      .where('used', '<=', p.capacity),
)
