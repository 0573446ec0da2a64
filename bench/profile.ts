import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { JobKind, Jobs } from './src/jobs.ts'
import { readOptions } from './src/options.ts'
import { type Ranking, readProfiles, summariseProfiles, type Window } from './src/profile.ts'
import { root } from './src/programs.ts'
import { openStage, type Stage } from './src/stage.ts'
import { workloads } from './src/workloads/all.ts'

// node bench/profile.ts W2 [connections]: one workload with the server under --cpu-prof; prints where its main thread's time went.
const [name = 'W2', connections = '32'] = process.argv.slice(2)
const [workload = 'W2'] = readOptions([name]).workloads
const workDir = join(root, 'bench/work', `profile-${process.pid}`)
const profileDir = join(workDir, 'profiles')
mkdirSync(profileDir, { recursive: true })

try {
  const options = { ...readOptions([name]), isShort: true, pairs: 1, seconds: 4, connections: [Number(connections)] }
  const stage = await openStage(options, workDir, ['--cpu-prof', `--cpu-prof-dir=${profileDir}`])
  const phases = watchLoad(stage)
  try {
    await workloads[workload](stage)
  } finally {
    await stage.stop()
  }
  print(phases)
} finally {
  rmSync(workDir, { recursive: true, force: true })
}

interface Phase {
  /** The first request of the phase, which tells one part of a workload from the next. */
  label: string
  windows: Window[]
}

/** Notes when load ran against the product, by the kind of request. */
function watchLoad(stage: Stage): Phase[] {
  const phases: Phase[] = []
  const { run } = stage.client
  stage.client.run = async <K extends JobKind>(kind: K, job: Jobs[K]['job']) => {
    const from = now()
    const result = await run(kind, job)
    const isLoad = kind === 'uploads' ? workload === 'W6' : true
    if (job.port !== stage.product.port || !isLoad) return result
    const label = `${kind} ${'requests' in job ? `${job.requests.length} × ${job.requests[0]?.split('\r\n', 1)[0] ?? ''}` : ''}`
    const phase = phases.find((known) => known.label === label) ?? { label, windows: [] }
    if (phase.windows.length === 0) phases.push(phase)
    phase.windows.push({ from, to: now() })
    return result
  }
  return phases
}

function now(): number {
  return Number(process.hrtime.bigint() / 1000n)
}

function print(phases: Phase[]): void {
  const profiles = readProfiles(profileDir)
  for (const { label, windows } of phases) {
    const summary = summariseProfiles(profiles, windows)
    process.stdout.write(`\n=== ${label}: ${(summary.milliseconds / 1000).toFixed(2)} s of the main thread\n`)
    printRanking('by file or package', summary.byFile, summary.milliseconds, 20)
    printRanking('functions, their own time', summary.self, summary.milliseconds, 40)
    printRanking('functions of the product, with what they call', summary.inclusive, summary.milliseconds, 40)
  }
}

function printRanking(title: string, ranking: Ranking, total: number, count: number): void {
  process.stdout.write(`\n${title}\n`)
  for (const [item, milliseconds] of ranking.slice(0, count)) {
    process.stdout.write(`${((milliseconds * 100) / total).toFixed(1).padStart(6)} %  ${item}\n`)
  }
}
