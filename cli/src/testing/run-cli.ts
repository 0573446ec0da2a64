import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

const launcher = fileURLToPath(new URL('../../../bin/driveway.js', import.meta.url))
const homes = new WeakMap<TestContext, string>()

/** What one run of the program left. */
export interface CliRun {
  code: number | null
  out: string
  err: string
}

/** The home folder that runs of one test share; gone after the test. */
export function homeOf(t: TestContext): string {
  const known = homes.get(t)
  if (known) return known
  const home = mkdtempSync(join(tmpdir(), 'driveway-cli-'))
  homes.set(t, home)
  t.after(() => rm(home, { recursive: true, force: true }))
  return home
}

/** Runs the program as a person's shell would, in a home of its own; interrupts it as Ctrl+C does once `stopWhen` holds. */
export async function runCli(
  t: TestContext,
  args: string[],
  options: { env?: Record<string, string>; input?: string; cwd?: string; stopWhen?: () => boolean } = {},
): Promise<CliRun> {
  const home = homeOf(t)
  const env = { PATH: process.env['PATH'], HOME: home, TZ: 'UTC', ...options.env }
  const child = spawn(process.execPath, [launcher, ...args], { env, cwd: options.cwd ?? home })
  const run: CliRun = { code: null, out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (run.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (run.err += chunk.toString()))
  child.stdin.end(options.input ?? '')
  const watch = setInterval(() => {
    if (!options.stopWhen?.()) return
    clearInterval(watch)
    child.kill('SIGINT')
  }, 10)
  run.code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  clearInterval(watch)
  return run
}
