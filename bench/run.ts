import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { describeCommit, describeMachine } from './src/machine.ts'
import { type Options, readOptions, type WorkloadName } from './src/options.ts'
import { root } from './src/programs.ts'
import { type Run, writeMarkdown } from './src/report.ts'
import { isReached } from './src/rows.ts'
import { openStage } from './src/stage.ts'
import { workloads } from './src/workloads/all.ts'

// npm run bench [W1 W2 …] [--short] [--install]: the product beside the limits, in one run, as ratios.
const options = readOptions(process.argv.slice(2))
const workDir = join(root, 'bench/work', `run-${process.pid}`)
mkdirSync(workDir, { recursive: true })

const run: Run = {
  startedAt: new Date().toISOString(),
  commit: describeCommit(),
  isShort: options.isShort,
  machine: describeMachine(),
  load: [readLoad()],
  rows: [],
  failures: [],
}

try {
  for (const name of options.workloads) await runOne(name, options)
} finally {
  rmSync(workDir, { recursive: true, force: true })
}
keep()

/** Each workload has a data folder of its own, so what one leaves behind never slows the next. */
async function runOne(name: WorkloadName, of: Options): Promise<void> {
  const folder = join(workDir, name)
  mkdirSync(folder)
  try {
    const stage = await openStage(of, folder)
    try {
      run.rows.push(...(await workloads[name](stage)))
    } finally {
      await stage.stop()
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    process.stderr.write(`${name} failed: ${reason}\n`)
    run.failures.push({ workload: name, reason: reason.replaceAll(root, '') })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readLoad(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10
}

function keep(): void {
  run.load.push(readLoad())
  run.rows.sort((a, b) => a.workload.localeCompare(b.workload))
  const text = writeMarkdown(run)
  const results = join(root, 'bench/results')
  mkdirSync(results, { recursive: true })
  const file = join(results, `${run.startedAt.slice(0, 10)}-${run.commit}`)
  writeFileSync(`${file}.md`, text)
  writeFileSync(`${file}.json`, `${JSON.stringify(run, undefined, 2)}\n`)
  writeFileSync(join(results, 'latest.md'), text)
  process.stdout.write(text)
  const missed = run.rows.filter((row) => isReached(row) === false).length
  process.stdout.write(`\n${missed === 0 ? 'Every target' : `All but ${missed} targets`} of this run reached.\n`)
  // a target that is missed is a finding; only a workload that could not be measured fails the run
  process.exitCode = run.failures.length > 0 ? 1 : 0
}
