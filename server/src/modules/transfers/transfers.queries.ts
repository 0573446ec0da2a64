import { columns, prepared } from '../../db/prepared.ts'
import type { Schema } from '../../db/schema.ts'

export type UploadRow = Schema['uploads']
export type PartRow = Schema['upload_parts']

export const insertUpload = prepared((db, p: UploadRow) =>
  db
    .insertInto('uploads')
    .values(
      columns(p, [
        'id',
        'space_id',
        'parent_id',
        'name',
        'clash_mode',
        'file_type',
        'mime_type',
        'description',
        'length',
        'sha256',
        'blob_key',
        'blob_ref',
        'created_by',
        'created_at',
        'edited_at',
        'expires_at',
      ]),
    ),
)

/** Notes the store's handle of an upload; 0 rows when another call has noted one. */
export const setUploadRef = prepared((db, p: { id: string; blob_ref: string }) =>
  db.updateTable('uploads').set({ blob_ref: p.blob_ref }).where('id', '=', p.id).where('blob_ref', '=', ''),
)

export const findUpload = prepared((db, p: { id: string }) =>
  db.selectFrom('uploads').selectAll().where('id', '=', p.id),
)

/** Ends an upload; 0 rows when somebody else has ended it. */
export const deleteUpload = prepared((db, p: { id: string }) => db.deleteFrom('uploads').where('id', '=', p.id))

export const deleteParts = prepared((db, p: { upload_id: string }) =>
  db.deleteFrom('upload_parts').where('upload_id', '=', p.upload_id),
)

/** Declares a part; 0 rows when another place or size was declared under its number and bytes are here already. */
export const putPart = prepared((db, p: PartRow) =>
  db
    .insertInto('upload_parts')
    .values(columns(p, ['upload_id', 'number', 'start', 'size', 'received_at']))
    .onConflict((conflict) =>
      conflict
        .columns(['upload_id', 'number'])
        .doUpdateSet({ start: p.start, size: p.size })
        .where('upload_parts.received_at', 'is', null),
    ),
)

export const selectParts = prepared((db, p: { upload_id: string }) =>
  db.selectFrom('upload_parts').selectAll().where('upload_id', '=', p.upload_id).orderBy('number').limit(10_001),
)

/** A part with its upload, for the route that takes its bytes. */
export const findPartOfUpload = prepared((db, p: { upload_id: string; number: number }) =>
  db
    .selectFrom('uploads')
    .innerJoin('upload_parts', 'upload_parts.upload_id', 'uploads.id')
    .select([
      'uploads.blob_key',
      'uploads.blob_ref',
      'uploads.length',
      'uploads.expires_at',
      'upload_parts.start',
      'upload_parts.size',
      'upload_parts.received_at',
    ])
    .where('uploads.id', '=', p.upload_id)
    .where('upload_parts.number', '=', p.number),
)

export const markPart = prepared((db, p: { upload_id: string; number: number; received_at: string | null }) =>
  db
    .updateTable('upload_parts')
    .set({ received_at: p.received_at })
    .where('upload_id', '=', p.upload_id)
    .where('number', '=', p.number),
)

export const selectExpiredUploads = prepared((db, p: { now: string; limit: number }) =>
  db.selectFrom('uploads').selectAll().where('expires_at', '<', p.now).orderBy('expires_at').limit(p.limit),
)
