import type { Socket } from 'node:net'
import { openExchange, type WireAnswer } from './exchange.ts'
import { readCpuSeconds } from './proc.ts'
import { type Latency, summariseLatency } from './statistics.ts'

/** What a good answer looks like; `bytes` absent means any length. */
export interface Expectation {
  status: number
  bytes?: number
}

/** Keep-alive connections that each send their next request as soon as the answer is there. */
export interface LoadJob {
  port: number
  connections: number
  /** Raw requests, sent in turn by whichever connection is free. */
  requests: string[]
  /** Where in `requests` to begin. */
  offset?: number
  expect: Expectation
  /** Ends by time … */
  seconds?: number
  /** … or by number of answers. */
  count?: number
  warmupSeconds?: number
  /** Process whose CPU time is charged to the requests. */
  cpuPid?: number
}

/** What a slice of load measured; `bad` answers make the workload fail. */
export interface LoadResult {
  count: number
  seconds: number
  rate: number
  latency: Latency
  cpuMsPerRequest: number
  bad: number
  firstBad: string
  /** Where in `requests` the next slice should begin. */
  nextOffset: number
}

/** Runs one slice of closed-loop load in this process. */
export async function runLoad(job: LoadJob): Promise<LoadResult> {
  const state = createState(job)
  const lanes = await openLanes(state)
  if (job.warmupSeconds) {
    await drive(state, lanes, { seconds: job.warmupSeconds })
    state.latencies = []
  }
  const cpuBefore = readCpuSeconds(job.cpuPid)
  const seconds = await drive(state, lanes, job)
  const cpuSeconds = readCpuSeconds(job.cpuPid) - cpuBefore
  for (const { socket } of lanes) socket.destroy()
  const count = state.latencies.length
  return {
    count,
    seconds,
    rate: count / seconds,
    latency: summariseLatency(state.latencies),
    cpuMsPerRequest: (cpuSeconds * 1000) / Math.max(1, count),
    bad: state.bad,
    firstBad: state.firstBad,
    nextOffset: state.next % job.requests.length,
  }
}

interface State {
  job: LoadJob
  requests: Buffer[]
  next: number
  sent: number
  waiting: number
  isSending: boolean
  limit: number
  latencies: number[]
  bad: number
  firstBad: string
  onIdle: () => void
  lastAnswerAt: number
}

function createState(job: LoadJob): State {
  return {
    job,
    requests: job.requests.map((text) => Buffer.from(text)),
    next: job.offset ?? 0,
    sent: 0,
    waiting: 0,
    isSending: false,
    limit: Infinity,
    latencies: [],
    bad: 0,
    firstBad: '',
    onIdle: () => {},
    lastAnswerAt: 0,
  }
}

function blame(state: State, reason: string): void {
  state.bad++
  if (!state.firstBad) state.firstBad = reason
}

interface Lane {
  socket: Socket
  sentAt: number
}

async function openLanes(state: State): Promise<Lane[]> {
  return Promise.all(Array.from({ length: state.job.connections }, () => openLane(state)))
}

function openLane(state: State): Promise<Lane> {
  return new Promise((resolve, reject) => {
    const socket = openExchange(state.job.port, false, {
      onOpen: () => resolve(lane),
      onAnswer: (answer) => take(state, lane, answer),
      onFailure: (reason) => {
        reject(new Error(reason))
        if (state.waiting === 0) return
        blame(state, reason)
        state.isSending = false
        state.onIdle()
      },
    })
    const lane: Lane = { socket, sentAt: 0 }
  })
}

function take(state: State, lane: Lane, answer: WireAnswer): void {
  const now = performance.now()
  state.waiting--
  const { status, bytes } = state.job.expect
  if (answer.status !== status || (bytes !== undefined && answer.bytes !== bytes)) {
    blame(state, `HTTP ${answer.status} with ${answer.bytes} bytes`)
  }
  if (state.isSending || state.limit !== Infinity) {
    state.latencies.push(now - lane.sentAt)
    state.lastAnswerAt = now
  }
  if (state.isSending) send(state, lane, now)
  if (state.waiting === 0) state.onIdle()
}

function send(state: State, lane: Lane, now: number): void {
  if (state.sent >= state.limit) return
  const request = state.requests[state.next % state.requests.length]
  if (!request) throw new Error('a load needs a request')
  state.next++
  state.sent++
  state.waiting++
  lane.sentAt = now
  lane.socket.write(request)
}

async function drive(state: State, lanes: Lane[], end: { seconds?: number; count?: number }): Promise<number> {
  state.isSending = true
  state.sent = 0
  state.limit = end.count ?? Infinity
  const idle = new Promise<void>((resolve) => {
    state.onIdle = resolve
  })
  const startedAt = performance.now()
  for (const lane of lanes) send(state, lane, performance.now())
  const timer = setTimeout(() => (state.isSending = false), (end.seconds ?? 600) * 1000)
  await idle
  clearTimeout(timer)
  return (state.lastAnswerAt - startedAt) / 1000
}
