import type { WorkloadName } from './options.ts'
import type { Latency, Spread } from './statistics.ts'

/** What a row of the table has to reach. */
export interface Target {
  sign: '≥' | '≤'
  value: number
  /** What is compared: the median ratio, or our own value. */
  of: 'ratio' | 'ours'
}

/** One line of the table. */
export interface Row {
  workload: WorkloadName
  name: string
  /** Of `ours` and `limit`, such as `/s`, `ms`, `MB/s`. */
  unit: string
  ours: number
  limitName?: string
  limit?: number
  ratio?: Spread
  latency?: Latency
  limitLatency?: Latency
  /** CPU milliseconds of the server per request. */
  cpuMs?: number
  limitCpuMs?: number
  target?: Target
  note?: string
}

/** Whether a row reaches its target; undefined when it has none. */
export function isReached({ target, ratio, ours }: Row): boolean | undefined {
  if (!target) return undefined
  const value = target.of === 'ratio' ? ratio?.median : ours
  if (value === undefined) return undefined
  return target.sign === '≥' ? value >= target.value : value <= target.value
}
