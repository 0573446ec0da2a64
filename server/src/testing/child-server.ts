import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { testPassword } from './server.ts'

const program = fileURLToPath(new URL('../../../bin/driveway.js', import.meta.url))

/** The real server as a process of its own, which ends with this one however that happens. */
export interface ChildServer {
  url: string
  /** Process id of the server itself, also when it runs under another command. */
  pid: number
  /** What it has printed so far, errors included. */
  output(): string
  hasEnded(): boolean
  /** `kill -9`, and waits until the process is gone. */
  kill(): Promise<void>
  /** Lets it drain and end; answers its exit code. */
  stop(): Promise<number | null>
}

export interface ChildOptions {
  dataFolder: string
  /** Settings and test variables that come on top. */
  env?: Record<string, string>
  /** Words before the command, such as a tracer's. */
  under?: string[]
  /** Options of node itself. */
  nodeOptions?: string[]
}

/** Begins to start a server and does not wait for it. */
export function spawnServer({ dataFolder, env = {}, under = [], nodeOptions = [] }: ChildOptions): ChildProcess {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('DRIVEWAY_') && !name.startsWith('NODE_'),
  )
  const mortal = ['setpriv', '--pdeathsig=KILL']
  const words = [...(under.length > 0 ? [...mortal, ...under] : []), ...mortal, process.execPath, ...nodeOptions]
  return spawn(words[0] ?? '', [...words.slice(1), program, 'serve'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...Object.fromEntries(inherited),
      DRIVEWAY_DATA: dataFolder,
      DRIVEWAY_PORT: '0',
      DRIVEWAY_ADMIN_PASSWORD: testPassword,
      DRIVEWAY_LOG_LEVEL: 'error',
      ...env,
    },
  })
}

/** Starts `driveway serve` on a free port and resolves when it listens; rejects with what it printed when it ends before. */
export async function startChildServer(options: ChildOptions): Promise<ChildServer> {
  const child = spawnServer(options)
  const closed = once(child, 'close')
  let output = ''
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      const ready = /Driveway is ready at (\S+)/.exec(output)?.[1]
      if (ready !== undefined) resolve(ready)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('error', reject)
    child.once('close', () => reject(new Error(`the server ended before it listened:\n${output}`)))
  })
  const pid = await findServer(child.pid ?? 0, options.under !== undefined)
  return {
    url,
    pid,
    output: () => output,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    async kill() {
      child.kill('SIGKILL')
      await closed
    },
    async stop() {
      process.kill(pid, 'SIGTERM')
      await closed
      return child.exitCode
    },
  }
}

async function findServer(pid: number, isUnder: boolean): Promise<number> {
  return isUnder ? Number((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim()) : pid
}
