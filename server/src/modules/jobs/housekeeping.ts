import { type Context, type Parts, systemContext } from '../../context.ts'
import { Interrupted } from '../files/files.interruption.ts'
import { purgeLeftovers, purgeOldBins } from '../files/files.purge.ts'
import { deleteItemsOf, deleteJobs, selectEndedJobs, selectOpenAmong } from './jobs.queries.ts'

/**
 * Tidies something, now and then; its name is for the log. Several processes may run it at once, and it may end anywhere, with the
 * signal's reason between two batches.
 */
export type Sweep = (ctx: Context, signal: AbortSignal) => Promise<void>

/** The sweeps of files and jobs. */
export const jobSweeps: Sweep[] = [purgeOldBins, clearLeftovers, deleteOldJobs]

async function clearLeftovers(ctx: Context, signal: AbortSignal): Promise<void> {
  await purgeLeftovers(ctx, (tags) => selectOpenTags(ctx, tags), signal)
}

/** Those tags whose job is still to be carried out. */
async function selectOpenTags(ctx: Context, tags: string[]): Promise<Set<string>> {
  const jobOf = (tag: string) => tag.split(':')[0] ?? ''
  const rows = await selectOpenAmong.all(ctx.db, { ids: JSON.stringify(tags.map(jobOf)) })
  const open = new Set(rows.map((row) => row.id))
  return new Set(tags.filter((tag) => open.has(jobOf(tag))))
}

const keptDays = 30

async function deleteOldJobs(ctx: Context, signal: AbortSignal): Promise<void> {
  const before = new Date(ctx.now().getTime() - keptDays * 24 * 3_600_000).toISOString()
  for (;;) {
    signal.throwIfAborted()
    const jobs = await selectEndedJobs.all(ctx.db, { before })
    if (jobs.length === 0) return
    const ids = JSON.stringify(jobs.map((job) => job.id))
    await ctx.db.transaction().execute(async (tx) => {
      await deleteItemsOf.run(tx, { ids })
      await deleteJobs.run(tx, { ids })
    })
  }
}

const minute = 60_000

/** Runs our sweeps and some more, one after the other, a minute after the start and then every hour, until `stop`. */
export function startHousekeeping(
  parts: Parts,
  more: Sweep[] = [],
  { firstMs = minute, everyMs = 60 * minute } = {},
): { stop(): Promise<void> } {
  const controller = new AbortController()
  let running = Promise.resolve()
  let timer: NodeJS.Timeout
  const plan = (ms: number) => {
    timer = setTimeout(() => {
      running = sweepAll(parts, [...jobSweeps, ...more], controller.signal).finally(() => {
        if (!controller.signal.aborted) plan(everyMs)
      })
    }, ms).unref()
  }
  plan(firstMs)
  return {
    async stop() {
      clearTimeout(timer)
      controller.abort(new Interrupted(false))
      await running
    },
  }
}

/** Runs each sweep once; one that fails is logged and does not keep the others from running. */
export async function sweepAll(parts: Parts, sweeps: Sweep[], signal: AbortSignal): Promise<void> {
  for (const sweep of sweeps) {
    if (signal.aborted) return
    try {
      await sweep(systemContext(parts), signal)
    } catch (error) {
      if (!signal.aborted) parts.log.error({ err: error, sweep: sweep.name }, 'a sweep failed')
    }
  }
}
