import { parseArgs } from 'node:util'

/** The workloads that can be run, in the order they run. */
export const workloadNames = ['W8', 'W1', 'W4', 'W5', 'W2', 'W4b', 'W6', 'W3'] as const

export type WorkloadName = (typeof workloadNames)[number]

/** What to run and for how long. */
export interface Options {
  workloads: WorkloadName[]
  isShort: boolean
  /** Also record the time of `npm ci` and the first start in a temporary clone. */
  withInstall: boolean
  /** Pairs of slices, limit and product, per row of the table. */
  pairs: number
  /** Length of one slice. */
  seconds: number
  /** Numbers of keep-alive connections each request workload is repeated with. */
  connections: number[]
}

/** Reads the command line of `npm run bench`; throws a sentence for the user when it makes no sense. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { short: { type: 'boolean' }, install: { type: 'boolean' } },
  })
  const wanted = new Set(positionals.map(requireWorkload))
  const isShort = values.short ?? false
  return {
    workloads: workloadNames.filter((name) => wanted.size === 0 || wanted.has(name)),
    isShort,
    withInstall: values.install ?? false,
    pairs: isShort ? 3 : 5,
    seconds: isShort ? 1 : 3,
    connections: [1, 8, 32],
  }
}

function requireWorkload(text: string): WorkloadName {
  const name = workloadNames.find((known) => known.toLowerCase() === text.toLowerCase())
  if (!name) throw new Error(`there is no workload ${text}; there are ${workloadNames.toSorted().join(', ')}`)
  return name
}
