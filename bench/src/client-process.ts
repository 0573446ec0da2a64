import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { JobKind, JobOutcome, Jobs } from './jobs.ts'

/** A client in its own process, so that its work is never charged to the server or to the bench. */
export interface ClientProcess {
  run: <K extends JobKind>(kind: K, job: Jobs[K]['job']) => Promise<Jobs[K]['result']>
  stop: () => void
}

/** Starts a client process; it takes one job at a time and ends with its parent. */
export function startClient(): ClientProcess {
  const child = fork(fileURLToPath(new URL('client.ts', import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return {
    run: async <K extends JobKind>(kind: K, job: Jobs[K]['job']) => {
      const outcome = await ask(child, { kind, job })
      if ('error' in outcome) throw new Error(outcome.error)
      return outcome.result as Jobs[K]['result']
    },
    stop: () => child.disconnect(),
  }
}

function ask(child: ChildProcess, message: { kind: JobKind; job: Jobs[JobKind]['job'] }): Promise<JobOutcome> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('the client process ended'))
    child.once('exit', onExit)
    child.once('message', (outcome) => {
      child.off('exit', onExit)
      resolve(outcome as JobOutcome)
    })
    child.send(message)
  })
}
