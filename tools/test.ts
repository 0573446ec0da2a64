import { spawn, type ChildProcess } from 'node:child_process'
import { globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildStale } from './build.ts'
import { planTests, type TestPlan } from './test-plan.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const testFiles = '{contract,server,sdk,cli,web,tools,e2e,bench}/**/*.test.ts'

/** What was prepared for the tests: what they find in their environment, and how to end it. */
interface Prepared {
  env: Record<string, string>
  stop?: () => Promise<unknown>
}

type Need = TestPlan['needs'][number]

const preparations: Record<Need, () => Promise<Prepared>> = {
  async browser() {
    const { findChromium } = await import('../server/src/testing/chromium.ts')
    return { env: { DRIVEWAY_TEST_CHROMIUM: findChromium() } }
  },
  async s3() {
    const { startRadosgw } = await import('../server/src/testing/radosgw.ts')
    const { endpoint, accessKeyId, secretAccessKey, stop } = await startRadosgw()
    return { env: { DRIVEWAY_TEST_S3: JSON.stringify({ endpoint, accessKeyId, secretAccessKey }) }, stop }
  },
  async postgres() {
    const { startPostgres } = await import('../server/src/testing/postgres.ts')
    const { url, stop } = await startPostgres()
    return { env: { DRIVEWAY_TEST_POSTGRES: url }, stop }
  },
  async web() {
    buildStale()
    return { env: {} }
  },
}

async function prepare(need: Need): Promise<Prepared> {
  try {
    return await preparations[need]()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const without = need === 'web' ? '' : `\nTo test all but that: npm test -- --without ${need}`
    throw new Error(`The tests need ${need}, and it cannot be had: ${reason}${without}`)
  }
}

interface Outcome {
  exitCode: number
  /** The last counts that node:test printed, by name, and the lines themselves. */
  counts: Map<string, number>
  closing: string[]
}

let running: ChildProcess | undefined

async function runTests(plan: TestPlan, env: Record<string, string>): Promise<Outcome> {
  const options = ['--test', '--test-concurrency=2', '--test-timeout=300000', '--test-reporter=spec']
  const flags = ['--disable-warning=ExperimentalWarning', ...options, ...plan.nodeOptions]
  const child = spawn(process.execPath, [...flags, ...plan.files], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}), ...env },
  })
  running = child
  const closing: string[] = []
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text)
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    closing.push(...lines.map(stripColour).filter((line) => closingLine.test(line)))
  })
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
  return { exitCode, closing, counts: readCounts(closing) }
}

const closingLine = /^ℹ (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/

function stripColour(line: string): string {
  // oxlint-disable-next-line no-control-regex -- colours are control characters
  return line.replaceAll(/\u001b\[[\d;]*m/g, '')
}

function readCounts(lines: string[]): Map<string, number> {
  const matches = lines.map((line) => closingLine.exec(line))
  return new Map(matches.map((match) => [match?.[1] ?? '', Number(match?.[2])]))
}

/** What speaks against calling this run a success; a run that skips or tests nothing proves nothing. */
function findObjections({ exitCode, counts }: Outcome): string[] {
  const objections: string[] = []
  if (exitCode !== 0) objections.push(`node:test ended with exit code ${exitCode}`)
  if (!counts.has('tests') || counts.get('tests') === 0) objections.push('no test was run')
  const skipped = (counts.get('skipped') ?? 0) + (counts.get('todo') ?? 0)
  if (skipped > 0) objections.push(`${skipped} tests were skipped: a part is left out by name, with --without`)
  if ((counts.get('cancelled') ?? 0) > 0) objections.push('tests were cancelled')
  return objections
}

function conclude(plan: TestPlan, outcome: Outcome): void {
  const objections = findObjections(outcome)
  if (objections.length > 0) {
    console.log(['', ...outcome.closing.slice(-8), ...objections.map((objection) => `FAILED: ${objection}`)].join('\n'))
    process.exitCode = outcome.exitCode === 0 ? 1 : outcome.exitCode
  }
  if (plan.omissions.length > 0) console.log(`left out: ${plan.omissions.join(', ')}`)
}

async function main(): Promise<void> {
  const exclude = (name: string): boolean => name === 'node_modules' || name === 'dist'
  const plan = planTests(process.argv.slice(2), globSync(testFiles, { cwd: root, exclude }))
  const prepared: Prepared[] = []
  try {
    for (const need of plan.needs) prepared.push(await prepare(need))
    const env = Object.assign({ DRIVEWAY_TEST_ENGINES: plan.engines.join(',') }, ...prepared.map((part) => part.env))
    conclude(plan, await runTests(plan, env as Record<string, string>))
  } finally {
    for (const part of prepared.toReversed()) await part.stop?.()
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    process.exitCode = 130
    // While the tests run they are ended, and what they were given after them; before, there is nothing to wait for.
    if (running === undefined) process.exit()
    running.kill(signal)
  })
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
