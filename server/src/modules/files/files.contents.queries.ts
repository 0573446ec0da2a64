import { sql } from 'kysely'
import { columns, prepared } from '../../db/prepared.ts'
import type { Schema } from '../../db/schema.ts'

export const findBlobBySha256 = prepared((db, p: { sha256: string }) =>
  db.selectFrom('blobs').select(['key', 'size']).where('sha256', '=', p.sha256),
)

export const referBlobBySha256 = prepared((db, p: { sha256: string }) =>
  db
    .updateTable('blobs')
    .set({ refs: sql<number>`refs + 1`, unreferenced_at: null })
    .where('sha256', '=', p.sha256)
    .returning(['key', 'size']),
)

export const insertBlob = prepared((db, p: Schema['blobs']) =>
  db
    .insertInto('blobs')
    .values(columns(p, ['key', 'sha256', 'size', 'crc32', 'refs', 'unreferenced_at', 'created_at']))
    .onConflict((conflict) => conflict.column('sha256').doNothing()),
)

export const doomBlob = prepared((db, p: Schema['doomed_blobs']) =>
  db
    .insertInto('doomed_blobs')
    .values(columns(p, ['key', 'ref', 'size', 'doomed_at']))
    .onConflict((conflict) => conflict.column('key').doNothing()),
)

/** Contents nobody has referred to since `before`, made doomed by `doomUnreferenced`. */
export const selectUnreferenced = prepared((db, p: { before: string; limit: number }) =>
  db
    .selectFrom('blobs')
    .select(['key', 'size'])
    .where('unreferenced_at', 'is not', null)
    .where('unreferenced_at', '<', p.before)
    .orderBy('unreferenced_at')
    .limit(p.limit),
)

/** Forgets content if still nobody refers to it. */
export const deleteUnreferenced = prepared((db, p: { key: string }) =>
  db.deleteFrom('blobs').where('key', '=', p.key).where('refs', '=', 0),
)

export const selectDoomed = prepared((db, p: { limit: number }) =>
  db.selectFrom('doomed_blobs').selectAll().orderBy('doomed_at').limit(p.limit),
)

export const deleteDoomed = prepared((db, p: { key: string }) => db.deleteFrom('doomed_blobs').where('key', '=', p.key))
