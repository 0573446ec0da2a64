import { type Context, type Parts, systemContext } from '../../context.ts'
import { DriveError } from '../../errors.ts'
import { randomHex } from '../../ids.ts'
import { findActiveUser } from '../auth/auth.service.ts'
import { Interrupted } from '../files/files.interruption.ts'
import { failItems, type JobKind, type JobResult, type Progress } from './jobs.items.ts'
import {
  dropLease,
  findJob,
  findOpenJob,
  finishJob,
  type JobRow,
  noteProgress,
  renewLease,
  takeJob,
} from './jobs.queries.ts'
import { onWake } from './jobs.queue.ts'

export type { JobKind, JobResult, Progress, RunningJob } from './jobs.items.ts'

/** How a runner keeps time; other than the defaults in tests only. */
export interface RunnerOptions {
  atOnce?: number
  leaseMs?: number
  pollMs?: number
  watchMs?: number
}

interface Run {
  job: JobRow
  /** Of this run alone: a job whose lease has ended may be taken again by the same process. */
  lease: { id: string; lease_owner: string }
  controller: AbortController
  renewedAt: number
  ended: Promise<void>
}

/**
 * Carries out open jobs of some kinds until `stop`, at once when `wakeJobs` is called and otherwise by looking every two seconds.
 * Each process may have one: a job is leased to one of them, and goes to another when that one has been gone for a minute.
 */
export function startJobs(parts: Parts, kinds: JobKind[], options: RunnerOptions = {}): { stop(): Promise<void> } {
  const runner = new Runner(parts, kinds, options)
  runner.start()
  return { stop: () => runner.stop() }
}

const progressEveryMs = 250

class Runner {
  readonly #parts: Parts
  readonly #kinds: Map<number, JobKind>
  readonly #kindNumbers: string
  readonly #runs = new Set<Run>()
  readonly #timing: Required<RunnerOptions>
  #ends: (() => void)[] = []
  #isStopped = false
  #pumping: Promise<void> | undefined
  #isWoken = false

  constructor(parts: Parts, kinds: JobKind[], options: RunnerOptions) {
    this.#parts = parts
    this.#kinds = new Map(kinds.map((kind) => [kind.kind, kind]))
    this.#kindNumbers = JSON.stringify([...this.#kinds.keys()])
    this.#timing = { atOnce: 2, leaseMs: 60_000, pollMs: 2000, watchMs: 1000, ...options }
  }

  start(): void {
    const poll = setInterval(() => this.#pump(), this.#timing.pollMs).unref()
    const watch = setInterval(() => this.#watch(), this.#timing.watchMs).unref()
    const unsubscribe = onWake(() => {
      this.#pump()
      this.#watch()
    })
    this.#ends = [() => clearInterval(poll), () => clearInterval(watch), unsubscribe]
    this.#pump()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    for (const end of this.#ends) end()
    await this.#pumping
    for (const run of this.#runs) run.controller.abort(new Interrupted(false))
    await Promise.all([...this.#runs].map((run) => run.ended))
  }

  /** Takes jobs as long as there are some and hands are free. */
  #pump(): void {
    this.#isWoken = true
    this.#pumping ??= this.#takeAll()
      .catch((error: unknown) => this.#parts.log.error({ err: error }, 'jobs could not be taken'))
      .finally(() => {
        this.#pumping = undefined
        if (this.#isWoken && !this.#isStopped) this.#pump()
      })
  }

  async #takeAll(): Promise<void> {
    while (this.#isWoken && !this.#isStopped) {
      this.#isWoken = false
      while (!this.#isStopped && this.#runs.size < this.#timing.atOnce && (await this.#takeOne()));
    }
  }

  async #takeOne(): Promise<boolean> {
    const open = { kinds: this.#kindNumbers, now: this.#parts.now().toISOString() }
    if (!(await findOpenJob.first(this.#parts.db, open))) return false
    const lease_owner = randomHex(8)
    const job = await takeJob.first(this.#parts.db, { ...open, lease_owner, lease_until: this.#leaseEnd() })
    if (!job) return false
    const run: Run = {
      job,
      lease: { id: job.id, lease_owner },
      controller: new AbortController(),
      renewedAt: performance.now(),
      ended: Promise.resolve(),
    }
    this.#runs.add(run)
    run.ended = this.#carryOut(run)
      .catch((error: unknown) => this.#parts.log.error({ err: error, jobId: job.id }, 'a job ended without an outcome'))
      .finally(() => {
        this.#runs.delete(run)
        if (!this.#isStopped) this.#pump()
      })
    return true
  }

  #leaseEnd(): string {
    return new Date(this.#parts.now().getTime() + this.#timing.leaseMs).toISOString()
  }

  async #carryOut(run: Run): Promise<void> {
    const { job, lease, controller } = run
    const progress: Progress = { total: job.total, done: job.done, failed: job.failed }
    try {
      const { errorCode, ...counts } = await this.#result(run, progress)
      const total = Math.max(progress.total, counts.done + counts.failed)
      const result = counts.failed === 0 && errorCode === 0 ? 1 : counts.done === 0 ? 3 : 2
      const ended_at = this.#parts.now().toISOString()
      const outcome = { ...lease, ...counts, total }
      const ended = await finishJob.run(this.#parts.db, { ...outcome, result, error_code: errorCode, ended_at })
      if (ended === 0) await noteProgress.run(this.#parts.db, outcome)
    } catch (error) {
      if (!(error instanceof Interrupted) && !controller.signal.aborted) throw error
      await noteProgress.run(this.#parts.db, { ...lease, ...progress })
      await dropLease.run(this.#parts.db, lease)
    }
  }

  async #result({ job, lease, controller }: Run, progress: Progress): Promise<JobResult> {
    const kind = this.#kinds.get(job.kind)
    const actor = await findActiveUser(this.#parts, job.owner_id)
    if (!kind || !actor) return failItems(this.#parts.db, job.id, 'NOT_PERMITTED')
    const ctx: Context = { ...systemContext(this.#parts), actor, traceId: `job-${job.id}` }
    let reportedAt = 0
    const report = async (now: Progress): Promise<void> => {
      Object.assign(progress, now)
      if (performance.now() - reportedAt < progressEveryMs) return
      reportedAt = performance.now()
      await noteProgress.run(this.#parts.db, { ...lease, ...now })
    }
    try {
      const result = await kind.run(ctx, { ...job, report }, controller.signal)
      controller.signal.throwIfAborted()
      return result ?? { done: job.total, failed: 0, errorCode: 0 }
    } catch (error) {
      if (error instanceof Interrupted || controller.signal.aborted) throw error
      if (!(error instanceof DriveError)) ctx.log.error({ err: error, traceId: ctx.traceId }, 'a job failed')
      return failItems(this.#parts.db, job.id, error instanceof DriveError ? error.reason : 'INTERNAL')
    }
  }

  /** Ends runs that were cancelled or lost, and keeps the others. */
  #watch(): void {
    for (const run of this.#runs) {
      this.#look(run).catch((error: unknown) => this.#parts.log.error({ err: error }, 'a job could not be watched'))
    }
  }

  async #look(run: Run): Promise<void> {
    const { job, lease, controller } = run
    const now = await findJob.first(this.#parts.db, { id: job.id })
    if (!now || now.status !== 1 || now.lease_owner !== lease.lease_owner) {
      controller.abort(new Interrupted(now?.status === 3 && now.lease_owner === lease.lease_owner))
      return
    }
    if (performance.now() - run.renewedAt < this.#timing.leaseMs / 3) return
    run.renewedAt = performance.now()
    await renewLease.run(this.#parts.db, { ...lease, lease_until: this.#leaseEnd() })
  }
}
