import type { Context } from '../../context.ts'
import type { Db } from '../../db/schema.ts'
import { newId } from '../../ids.ts'
import { insertAuditEvent } from './audit.queries.ts'

/** Something that was done, for the record. `detail` never holds a password, a code or a token. */
export interface AuditEntry {
  action: string
  subjectId: string
  detail?: Record<string, unknown>
}

/** Adds a line to the record, in the caller's transaction. */
export async function recordAudit(db: Db, ctx: Context, entry: AuditEntry): Promise<void> {
  await insertAuditEvent.run(db, {
    id: newId(),
    at: ctx.now().toISOString(),
    actor_id: ctx.actor.kind === 'user' ? ctx.actor.userId : ctx.actor.kind,
    action: entry.action,
    subject_id: entry.subjectId,
    detail: JSON.stringify(entry.detail ?? {}),
    trace_id: ctx.traceId,
  })
}
