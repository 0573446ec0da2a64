import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

/** The root of the checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** A server process that the bench started, on loopback. */
export interface Program {
  pid: number
  port: number
  /** Ends the process by its pid and waits for it. */
  stop: () => Promise<void>
}

/** A free port below the range the system hands to outgoing connections. */
export async function findPort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    if (await isFree(port)) return port
  }
  throw new Error('no free port was found')
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.on('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** What to run: a command that listens on `port`, its output kept in a file. */
export interface Start {
  command: string
  args: string[]
  env?: Record<string, string>
  port: number
  logFile: string
  /** Path that answers once the program is ready. */
  readyPath: string
  /** Milliseconds between two looks whether it is. */
  pollMs?: number
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGTERM')
})
// without a handler a signal would skip the line above and leave servers behind
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

/** Starts a program and waits until it answers; throws with the end of its output when it does not. */
export async function startProgram(start: Start): Promise<Program> {
  const log = openSync(start.logFile, 'a')
  const child = spawn(start.command, start.args, {
    cwd: root,
    env: { ...withoutSettings(process.env), ...start.env },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  running.add(child)
  child.once('exit', () => running.delete(child))
  const failure = new Promise<never>((_, reject) => child.once('error', reject))
  await Promise.race([failure, untilReady(child, start)])
  const { pid } = child
  if (pid === undefined) throw new Error(`${start.command} did not start`)
  return { pid, port: start.port, stop: () => stop(child) }
}

/** The environment without the product's own settings: the bench measures its defaults. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('DRIVEWAY_')))
}

async function untilReady(child: ChildProcess, { port, readyPath, logFile, pollMs = 5 }: Start): Promise<void> {
  const deadline = performance.now() + 30_000
  while (performance.now() < deadline && child.exitCode === null && child.signalCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}${readyPath}`, {
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(2_000),
    }).catch(() => undefined)
    await answer?.arrayBuffer()
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
  await stop(child)
  throw new Error(`a program did not answer ${readyPath}: ${readFileSync(logFile, 'utf8').slice(-2000)}`)
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
  await ended
  clearTimeout(timer)
}
