import { type Context, requireUser, timestamp } from '../../context.ts'
import { runRetrying } from '../../db/retry.ts'
import type { Db } from '../../db/schema.ts'
import { DriveError } from '../../errors.ts'
import { open, seal, sha256 } from '../../secrets.ts'
import { claimKey, deleteOldKeys, findKey, keepAnswer } from './idempotency.queries.ts'

const life = 24 * 3600_000

/**
 * Runs `work` in one transaction. With an `Idempotency-Key` the same call by the same person within 24 hours gets the first
 * answer again and nothing is done twice; another call under that key is IDEMPOTENCY_CONFLICT (decision S16).
 */
export async function once<T>(
  ctx: Context,
  operation: string,
  input: unknown,
  work: (tx: Db) => Promise<T>,
): Promise<T> {
  const key = ctx.idempotencyKey
  if (key === undefined) return runRetrying(ctx.db, work)
  const place = { user_id: requireUser(ctx).userId, key }
  const requestHash = sha256(`${operation}\n${JSON.stringify(input)}`)
  return runRetrying(ctx.db, async (tx) => {
    const oldest = new Date(ctx.now().getTime() - life).toISOString()
    const claimed = await claimKey.run(tx, { ...place, request_hash: requestHash, created_at: timestamp(ctx), oldest })
    if (claimed === 0) return repeat<T>(tx, ctx, place, requestHash)
    const answer = await work(tx)
    // sealed: an answer may hold an access code
    await keepAnswer.run(tx, { ...place, answer: seal(ctx.keys.seal, JSON.stringify(answer)) })
    return answer
  })
}

/** The answer of an earlier call under this key, if there is one; for work that is dear before the transaction. */
async function repeat<T>(
  db: Db,
  ctx: Context,
  place: { user_id: string; key: string },
  requestHash: string,
): Promise<T> {
  const known = await findKey.first(db, place)
  if (!known || known.answer === null) throw new DriveError('IN_PROGRESS', { data: { retryAfter: 1 } })
  if (known.request_hash !== requestHash) throw new DriveError('IDEMPOTENCY_CONFLICT')
  return JSON.parse(open(ctx.keys.seal, known.answer)) as T
}

/** Deletes keys whose day is over. */
export async function forgetOldKeys(ctx: Context): Promise<void> {
  await deleteOldKeys.run(ctx.db, { before: new Date(ctx.now().getTime() - life).toISOString() })
}
