import { columns, prepared } from '../../db/prepared.ts'
import type { Schema } from '../../db/schema.ts'

type Row = Schema['audit_events']

export const insertAuditEvent = prepared((db, p: Row) =>
  db
    .insertInto('audit_events')
    .values(columns(p, ['id', 'at', 'actor_id', 'action', 'subject_id', 'detail', 'trace_id'])),
)
