import type { Socket } from 'node:net'
import { openExchange, type WireAnswer } from './exchange.ts'
import { type Latency, summariseLatency } from './statistics.ts'

/** Requests sent at a fixed rate whether answers come or not, as strangers do. */
export interface PacedJob {
  port: number
  perSecond: number
  seconds: number
  requests: string[]
  offset?: number
}

/** Latencies count from sending; requests are sent through a stall too, so everyone who waits in it is counted. */
export interface PacedResult {
  latency: Latency
  /** How often each outcome came: the HTTP status and, for JSON, the code of the answer, such as `400 13000907`. */
  outcomes: Record<string, number>
  failures: number
  nextOffset: number
}

interface Pool {
  port: number
  free: Lane[]
  latencies: number[]
  outcomes: Record<string, number>
  failures: number
  waiting: number
  onIdle: () => void
}

interface Lane {
  socket: Socket
  /** Set while an answer is awaited. */
  sentAt?: number
}

/** Runs one slice of open-loop load in this process; connections are added as they are needed and kept. */
export async function runPaced(job: PacedJob): Promise<PacedResult> {
  const requests = job.requests.map((text) => Buffer.from(text))
  const pool: Pool = {
    port: job.port,
    free: [],
    latencies: [],
    outcomes: {},
    failures: 0,
    waiting: 0,
    onIdle: () => {},
  }
  const total = Math.round(job.perSecond * job.seconds)
  const offset = job.offset ?? 0
  const startedAt = performance.now()
  for (let index = 0; index < total; index++) {
    const dueAt = startedAt + (index * 1000) / job.perSecond
    const early = dueAt - performance.now()
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early))
    const request = requests[(offset + index) % requests.length]
    if (request) sendOn(pool, request)
  }
  await drain(pool)
  for (const lane of pool.free) lane.socket.destroy()
  return {
    latency: summariseLatency(pool.latencies),
    outcomes: pool.outcomes,
    failures: pool.failures,
    nextOffset: (offset + total) % requests.length,
  }
}

async function drain(pool: Pool): Promise<void> {
  if (pool.waiting === 0) return
  const idle = new Promise<void>((resolve) => {
    pool.onIdle = resolve
  })
  const timer = setTimeout(() => {
    pool.failures += pool.waiting
    pool.onIdle()
  }, 10_000)
  await idle
  clearTimeout(timer)
}

function sendOn(pool: Pool, request: Buffer): void {
  const lane = pool.free.pop() ?? openLane(pool)
  lane.sentAt = performance.now()
  pool.waiting++
  lane.socket.write(request)
}

function openLane(pool: Pool): Lane {
  const lane: Lane = {
    socket: openExchange(pool.port, true, {
      onOpen: () => {},
      onAnswer: (answer) => take(pool, lane, answer),
      onFailure: () => {
        pool.free = pool.free.filter((other) => other !== lane)
        if (lane.sentAt !== undefined) pool.failures++
        settle(pool, lane)
      },
    }),
  }
  return lane
}

function take(pool: Pool, lane: Lane, answer: WireAnswer): void {
  if (lane.sentAt !== undefined) pool.latencies.push(performance.now() - lane.sentAt)
  const outcome = `${answer.status} ${/"code":(\d+)/.exec(answer.body)?.[1] ?? ''}`.trim()
  pool.outcomes[outcome] = (pool.outcomes[outcome] ?? 0) + 1
  pool.free.push(lane)
  settle(pool, lane)
}

function settle(pool: Pool, lane: Lane): void {
  if (lane.sentAt === undefined) return
  delete lane.sentAt
  pool.waiting--
  if (pool.waiting === 0) pool.onIdle()
}
