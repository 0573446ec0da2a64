import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readPssMegabytes } from '../proc.ts'
import { startProduct } from '../product.ts'
import { findPort, root } from '../programs.ts'
import type { Row } from '../rows.ts'
import type { Stage } from '../stage.ts'
import { median, spread } from '../statistics.ts'

/** W8: how soon a start answers, how much memory an idle server holds, and on request how long an installation takes. */
export async function runW8(stage: Stage): Promise<Row[]> {
  const dataDir = join(stage.workDir, 'idle-data')
  const first = await timeStart(stage, dataDir)
  const starts: Start[] = []
  for (let start = 0; start < stage.options.pairs; start++) starts.push(await timeStart(stage, dataDir))
  const seconds = spread(starts.map((start) => start.seconds))
  const rows: Row[] = [
    {
      workload: 'W8',
      name: 'start to first answer, warm cache',
      unit: 's',
      ours: seconds.median,
      target: { sign: '≤', value: 1, of: 'ours' },
      note: `${seconds.low.toFixed(2)}–${seconds.high.toFixed(2)} s; the first start with an empty data folder took ${first.seconds.toFixed(2)} s`,
    },
    {
      workload: 'W8',
      name: 'idle memory (PSS)',
      unit: 'MB',
      ours: median(starts.map((start) => start.megabytes)),
      target: { sign: '≤', value: 110, of: 'ours' },
    },
  ]
  if (stage.options.withInstall) rows.push(await timeInstall(stage))
  for (const row of rows) stage.say(`W8 ${row.name}: ${row.ours.toFixed(2)} ${row.unit}`)
  return rows
}

interface Start {
  seconds: number
  megabytes: number
}

async function timeStart({ workDir, options }: Stage, dataDir: string): Promise<Start> {
  const port = await findPort()
  const startedAt = performance.now()
  const product = await startProduct({ dataDir, workDir, port, pollMs: 2 })
  const seconds = (performance.now() - startedAt) / 1000
  await sleep(options.isShort ? 2000 : 5000)
  const megabytes = readPssMegabytes(product.pid) ?? Number.NaN
  await product.stop()
  return { seconds, megabytes }
}

/** `npm ci` in a clone of the commit, then the first start of what it brought, with an empty data folder. */
async function timeInstall({ workDir }: Stage): Promise<Row> {
  const clone = join(workDir, 'clone')
  mkdirSync(clone, { recursive: true })
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', root, clone])
  const startedAt = performance.now()
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: clone, stdio: 'ignore' })
  const installedAt = performance.now()
  const product = await startProduct({ dataDir: join(workDir, 'clone-data'), workDir, checkout: clone })
  const endedAt = performance.now()
  await product.stop()
  rmSync(clone, { recursive: true, force: true })
  return {
    workload: 'W8',
    name: 'npm ci and first start',
    unit: 's',
    ours: (endedAt - startedAt) / 1000,
    target: { sign: '≤', value: 60, of: 'ours' },
    note: `npm ci ${((installedAt - startedAt) / 1000).toFixed(1)} s, start ${((endedAt - installedAt) / 1000).toFixed(2)} s`,
  }
}
