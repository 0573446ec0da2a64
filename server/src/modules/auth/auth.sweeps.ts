import type { Context } from '../../context.ts'
import { deleteDeadSessions, deleteForgottenAttempts, deleteOldSignatures } from './auth.queries.ts'

/** Deletes sessions, wrong tries and used signatures whose time is over; they have no effect any more. */
export async function deleteOverdue(ctx: Context): Promise<void> {
  const now = ctx.now().toISOString()
  await deleteDeadSessions.run(ctx.db, { now })
  await deleteForgottenAttempts.run(ctx.db, { now })
  await deleteOldSignatures.run(ctx.db, { now })
}

/** What housekeeping does for signing in. */
export const authSweeps = [deleteOverdue]
