import { openCaller } from './caller.ts'
import { type WireRequest, writeRequest } from './exchange.ts'
import type { Expectation } from './load.ts'
import type { WorkloadName } from './options.ts'
import type { Program } from './programs.ts'
import type { Row, Target } from './rows.ts'
import type { Stage } from './stage.ts'
import { type Latency, median, ratioOfPairs } from './statistics.ts'

/** What one slice of one side measured. */
export interface Slice {
  value: number
  latency?: Latency
  cpuMs?: number
}

/** One side of a comparison: a name and how to run a slice of it. */
export interface Side {
  name: string
  run: () => Promise<Slice>
  target?: Target
}

/** A comparison of ours with one or more limits. */
export interface Comparison {
  workload: WorkloadName
  name: string
  unit: string
  ours: () => Promise<Slice>
  limits: Side[]
  /** Ours measures the limit in the same slice; the limit then only hands its figure over, so ours always goes first. */
  isPaired?: boolean
  note?: string
}

/**
 * Runs ours and the limits in turn, the order reversed every other time so that a drift of the machine favours nobody, and
 * makes one row per limit.
 */
export async function compare(stage: Stage, comparison: Comparison): Promise<Row[]> {
  const { workload, name, unit, limits, note } = comparison
  const sides: Side[] = [{ name: 'ours', run: comparison.ours }, ...limits]
  const slices = new Map<string, Slice[]>(sides.map((side) => [side.name, []]))
  for (let pair = 0; pair < stage.options.pairs; pair++) {
    for (const side of comparison.isPaired || pair % 2 === 0 ? sides : sides.toReversed())
      slices.get(side.name)?.push(await side.run())
  }
  const ours = slices.get('ours') ?? []
  return limits.map((side) => {
    const limit = slices.get(side.name) ?? []
    const row: Row = {
      workload,
      name,
      unit,
      ...summarise(ours, 'ours'),
      ...summarise(limit, 'limit'),
      limitName: side.name,
      ratio: ratioOfPairs(ours.map(({ value }, index) => ({ ours: value, limit: limit[index]?.value ?? Number.NaN }))),
      ...(side.target && { target: side.target }),
      ...(note && { note }),
    }
    stage.say(
      `${workload} ${name}: ${Math.round(row.ours)} ${unit}, ratio ${row.ratio?.median.toFixed(2)} of ${side.name}`,
    )
    return row
  })
}

type Summary<S extends 'ours' | 'limit'> = S extends 'ours'
  ? Pick<Row, 'ours' | 'latency' | 'cpuMs'>
  : Pick<Row, 'limit' | 'limitLatency' | 'limitCpuMs'>

function summarise<S extends 'ours' | 'limit'>(slices: readonly Slice[], side: S): Summary<S> {
  const value = median(slices.map((slice) => slice.value))
  const latencies = slices.flatMap(({ latency }) => latency ?? [])
  const cpus = slices.flatMap(({ cpuMs }) => cpuMs ?? [])
  const latency = latencies.length > 0 ? medianLatency(latencies) : undefined
  const cpuMs = cpus.length > 0 ? median(cpus) : undefined
  const summary =
    side === 'ours'
      ? { ours: value, ...(latency && { latency }), ...(cpuMs !== undefined && { cpuMs }) }
      : { limit: value, ...(latency && { limitLatency: latency }), ...(cpuMs !== undefined && { limitCpuMs: cpuMs }) }
  return summary as Summary<S>
}

/** The median of each figure over several slices. */
export function medianLatency(latencies: readonly Latency[]): Latency {
  const of = (pick: (latency: Latency) => number) => median(latencies.map(pick))
  return { p50: of((l) => l.p50), p99: of((l) => l.p99), p999: of((l) => l.p999), max: of((l) => l.max) }
}

/** One side of a request workload: a program and the requests it gets. */
export interface Requests {
  program: Program
  requests: string[]
  expect: Expectation
}

/** Runs slices of closed-loop load against one program, going on in its requests where the slice before stopped. */
export function createLoadSlices(stage: Stage, { program, requests, expect }: Requests) {
  let offset = 0
  return async (connections: number): Promise<Slice> => {
    const result = await stage.client.run('load', {
      port: program.port,
      connections,
      requests,
      offset,
      expect,
      seconds: stage.options.seconds,
      warmupSeconds: stage.options.seconds / 5,
      cpuPid: program.pid,
    })
    if (result.bad > 0) throw new Error(`${result.bad} bad answers, the first: ${result.firstBad}`)
    offset = result.nextOffset
    return { value: result.rate, latency: result.latency, cpuMs: result.cpuMsPerRequest }
  }
}

/** A limit of a request workload. */
export interface LoadLimit extends Requests {
  name: string
  target?: Target
}

/** A request workload: ours beside its limits at each number of connections. */
export interface LoadComparison {
  workload: WorkloadName
  name: string
  ours: Requests
  limits: LoadLimit[]
  note?: string
}

/** Compares requests per second, one row per limit and number of connections. */
export async function compareLoads(stage: Stage, comparison: LoadComparison): Promise<Row[]> {
  const runOurs = createLoadSlices(stage, comparison.ours)
  const limits = comparison.limits.map((limit) => ({ ...limit, run: createLoadSlices(stage, limit) }))
  const rows: Row[] = []
  for (const connections of stage.options.connections) {
    rows.push(
      ...(await compare(stage, {
        workload: comparison.workload,
        name: `${comparison.name}, ${connections} ${connections === 1 ? 'connection' : 'connections'}`,
        unit: '/s',
        ours: () => runOurs(connections),
        limits: limits.map(({ name, run, target }) => ({
          name,
          run: () => run(connections),
          ...(target && { target }),
        })),
        ...(comparison.note && { note: comparison.note }),
      })),
    )
  }
  return rows
}

/** Asks once and again: the body, and the status and length that every answer must have (no length when it varies). */
export async function probe(
  port: number,
  request: WireRequest,
  times = 3,
): Promise<{ body: string; expect: Expectation }> {
  const caller = openCaller(port)
  const lengths = new Set<number>()
  let [body, status] = ['', 0]
  for (let time = 0; time < times; time++) {
    const answer = await caller.call(writeRequest(request))
    lengths.add(answer.bytes)
    body = answer.body
    status = answer.status
  }
  caller.close()
  const [bytes] = lengths
  return { body, expect: { status, ...(lengths.size === 1 && bytes !== undefined && { bytes }) } }
}
