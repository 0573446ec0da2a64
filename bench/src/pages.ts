import { type Caller, openCaller } from './caller.ts'
import { type WireAnswer, type WireRequest, writeRequest } from './exchange.ts'
import { type Latency, summariseLatency } from './statistics.ts'

/** One page to time, after an untimed write that makes what the server knows of it stale; the writes are used in turn. */
export interface TimedPage {
  label: string
  before: string[]
  page: string
}

/** Pages timed one after the other, in turn, `rounds` times. */
export interface PagesJob {
  port: number
  pages: TimedPage[]
  rounds: number
  /** Rows every page must have. */
  rows: number
}

/** Latency of each page by its label. */
export interface PagesResult {
  latencies: Record<string, Latency>
}

/** Times single pages on one connection. */
export async function runPages(job: PagesJob): Promise<PagesResult> {
  const caller = openCaller(job.port)
  const times: Record<string, number[]> = {}
  for (let round = 0; round < job.rounds; round++) {
    for (const { label, before, page } of job.pages) {
      const write = before[round % before.length]
      if (write) requireOk(await caller.call(write), `the write before ${label}`)
      const startedAt = performance.now()
      const answer = await caller.call(page)
      ;(times[label] ??= []).push(performance.now() - startedAt)
      requireOk(answer, label)
      const rows = countRows(answer.body)
      if (rows !== job.rows) throw new Error(`${label} has ${rows} rows, not ${job.rows}`)
    }
  }
  caller.close()
  return {
    latencies: Object.fromEntries(Object.entries(times).map(([label, list]) => [label, summariseLatency(list)])),
  }
}

/** A listing followed from its first page by its cursors. */
export interface WalkJob {
  port: number
  request: WireRequest
  /** Fields of the body of each page; `pageCursor` is added. */
  fields: Record<string, unknown>
  /** Stop after so many pages. */
  maxPages?: number
}

/** How long the walk took, how much it saw, and the cursor after its last page. */
export interface WalkResult {
  seconds: number
  pages: number
  rows: number
  cursor: string
}

const cursorField = /"nextCursor":"([^"]+)"/

/** Follows a listing on one connection. */
export async function runWalk({ port, request, fields, maxPages = Infinity }: WalkJob): Promise<WalkResult> {
  const caller = openCaller(port)
  const startedAt = performance.now()
  let [cursor, pages, rows] = ['', 0, 0]
  while (pages < maxPages) {
    const answer = await askPage(caller, request, { ...fields, pageCursor: cursor })
    pages++
    rows += countRows(answer.body)
    cursor = cursorField.exec(answer.body)?.[1] ?? ''
    if (!cursor) break
  }
  caller.close()
  return { seconds: (performance.now() - startedAt) / 1000, pages, rows, cursor }
}

async function askPage(caller: Caller, request: WireRequest, body: Record<string, unknown>): Promise<WireAnswer> {
  const answer = await caller.call(writeRequest({ ...request, body: JSON.stringify(body) }))
  requireOk(answer, 'a page of the walk')
  return answer
}

function requireOk(answer: WireAnswer, what: string): void {
  if (answer.status !== 200) throw new Error(`${what}: HTTP ${answer.status} ${answer.body.slice(0, 300)}`)
}

function countRows(body: string): number {
  return body.split('"fileName":').length - 1
}
