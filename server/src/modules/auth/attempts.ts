import type { Context } from '../../context.ts'
import { DriveError } from '../../errors.ts'
import { deleteAttempts, findAttempts, holdAttempts, putAttempts } from './auth.queries.ts'

/** How wrong tries of one kind are slowed down. Durations are seconds. */
export interface AttemptRule {
  /** Tries before waiting begins. */
  free: number
  /** First wait; each further wrong try doubles it up to `longest`. */
  first: number
  longest: number
  /** Quiet time after which everything is forgotten. */
  forget: number
}

const turns = new Map<string, { last: Promise<unknown>; waiting: number }>()
const mostWaiting = 64

/**
 * Runs tries on one key one after the other, so that many at once are counted like many in a row, and right ones never count.
 * UNAVAILABLE when too many wait. Each process has a line of its own.
 */
export async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
  const turn = turns.get(key) ?? { last: Promise.resolve(), waiting: 0 }
  if (turn.waiting >= mostWaiting) throw new DriveError('UNAVAILABLE', { data: { retryAfter: 1 } })
  turns.set(key, turn)
  turn.waiting += 1
  const mine = turn.last.then(work)
  turn.last = mine.catch(() => undefined)
  try {
    return await mine
  } finally {
    turn.waiting -= 1
    if (turn.waiting === 0) turns.delete(key)
  }
}

/** Throws TOO_MANY_ATTEMPTS, with the seconds to wait, while the key is blocked. Answers whether there were wrong tries of late. */
export async function requireAttempt(ctx: Context, key: string): Promise<boolean> {
  const row = await findAttempts.first(ctx.db, { key })
  const wait = row ? (Date.parse(row.blocked_until) - ctx.now().getTime()) / 1000 : 0
  if (wait > 0) throw new DriveError('TOO_MANY_ATTEMPTS', { data: { retryAfter: Math.ceil(wait), triesLeft: 0 } })
  return row !== undefined && Date.parse(row.forget_at) > ctx.now().getTime()
}

/** Counts a wrong try; answers the tries left before waiting begins, and the wait in seconds when it has begun. */
export async function countFailure(
  ctx: Context,
  key: string,
  rule: AttemptRule,
): Promise<{ triesLeft: number; retryAfter: number }> {
  const now = ctx.now().getTime()
  return ctx.db.transaction().execute(async (tx) => {
    const row = await holdAttempts.first(tx, { key })
    const failures = (row && Date.parse(row.forget_at) > now ? row.failures : 0) + 1
    const over = failures - rule.free
    const retryAfter = over < 0 ? 0 : Math.min(rule.longest, rule.first * 2 ** Math.min(over, 20))
    await putAttempts.run(tx, {
      key,
      failures,
      blocked_until: new Date(now + retryAfter * 1000).toISOString(),
      forget_at: new Date(now + (retryAfter + rule.forget) * 1000).toISOString(),
    })
    return { triesLeft: Math.max(0, -over), retryAfter }
  })
}

/** Forgets the wrong tries of a key. */
export async function forgetFailures(ctx: Context, key: string): Promise<void> {
  if (await findAttempts.first(ctx.db, { key })) await deleteAttempts.run(ctx.db, { key })
}

/** The part of an address that stands for one client: IPv4 whole, IPv6 its /64. */
export function clientPrefix(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '')
  if (!plain.includes(':')) return plain
  const [head = '', tail = ''] = plain.split('::')
  const front = head ? head.split(':') : []
  const back = plain.includes('::') && tail ? tail.split(':') : []
  const middle = plain.includes('::')
    ? Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0')
    : []
  return [...front, ...middle, ...back]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
