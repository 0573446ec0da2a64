import { open } from 'node:fs/promises'
import { fdatasync, fstat } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'

const datasync = promisify(fdatasync)
const stat = promisify(fstat)
const checkpointAt = 8 * 1024 * 1024

/** The write-ahead log of one SQLite file: shared syncs, and checkpoints in a thread of their own. */
export interface Wal {
  /** Resolves when everything committed before the call is safe from a power cut; callers share one fdatasync. */
  sync(): Promise<void>
  /** Begins to keep the log short. `withoutWriters` runs work while no transaction is open; `onFailure` is told, still without
   * writers, when the log could not be emptied and may be begun anew in place. */
  start(withoutWriters: <T>(work: () => Promise<T>) => Promise<T>, onFailure: () => void): void
  /** Begins no further checkpoint and waits for the one that runs. */
  settle(): Promise<void>
  /** Folds the log into the file and ends; all other connections are closed before. */
  close(): Promise<void>
}

/** Opens the log beside `file`, which exists already. */
export async function openWal(file: string): Promise<Wal> {
  // one descriptor for the whole life: closing a second one of the database file itself would drop SQLite's locks
  const log = await open(`${file}-wal`, 'r+')
  await syncFolder(dirname(file))
  const worker = new Checkpointer(file)
  const guard = new DatabaseSync(file, { readOnly: true })
  let waiting: { resolve: () => void; reject: (error: unknown) => void }[] = []
  let isSyncing = false
  let rounds = 0
  let checkpointing: Promise<void> | undefined
  let onFailure = (): void => undefined
  let withoutWriters: (<T>(work: () => Promise<T>) => Promise<T>) | undefined

  const checkpoint = async (run: NonNullable<typeof withoutWriters>): Promise<void> => {
    // the open read keeps the first pass from completing the log, so that no writer restarts it without a synced header
    guard.exec('begin; select count(*) from migrations')
    await worker.run('passive')
    await run(async () => {
      guard.exec('commit')
      await worker.run('truncate').catch((error: unknown) => {
        onFailure()
        throw error
      })
    })
  }
  const watchLength = async (): Promise<void> => {
    if (++rounds % 32 !== 0) return
    const { size } = await stat(log.fd)
    if (size < checkpointAt || checkpointing || !withoutWriters) return
    checkpointing = checkpoint(withoutWriters).finally(() => {
      if (guard.isTransaction) guard.exec('rollback')
      checkpointing = undefined
    })
    await checkpointing
  }
  const syncRound = async (): Promise<void> => {
    const round = waiting
    waiting = []
    try {
      await datasync(log.fd)
      for (const one of round) one.resolve()
    } catch (error) {
      for (const one of round) one.reject(error)
    }
  }
  const syncWaiting = async (): Promise<void> => {
    isSyncing = true
    while (waiting.length > 0) {
      await syncRound()
      if (!checkpointing)
        watchLength().catch((error: unknown) => process.emitWarning(String(error), 'CheckpointWarning'))
    }
    isSyncing = false
  }

  return {
    sync: () =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
        if (!isSyncing) void syncWaiting()
      }),
    start: (run, fall) => {
      withoutWriters = run
      onFailure = fall
    },
    settle: async () => {
      withoutWriters = undefined
      await checkpointing?.catch(() => undefined)
    },
    close: async () => {
      guard.close()
      await datasync(log.fd)
      await worker.close()
      await log.close()
    },
  }
}

/** fsyncs a folder, so that the names in it survive a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync()
  await handle.close()
}

/** The thread that folds the log into the database file: its fsyncs never meet the event loop. */
class Checkpointer {
  readonly #worker: Worker
  #done: { resolve: () => void; reject: (error: Error) => void }[] = []

  constructor(file: string) {
    this.#worker = new Worker(new URL('./sqlite-checkpointer.ts', import.meta.url), { workerData: { file } })
    this.#worker.unref()
    this.#worker.on('message', (answer: { error?: string }) => {
      const next = this.#done.shift()
      if (answer.error === undefined) next?.resolve()
      else next?.reject(new Error(answer.error))
    })
    this.#worker.on('error', (error) => {
      for (const one of this.#done.splice(0)) one.reject(error instanceof Error ? error : new Error(String(error)))
    })
  }

  run(mode: 'passive' | 'truncate' | 'close'): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#done.push({ resolve, reject })
      this.#worker.postMessage(mode)
    })
  }

  async close(): Promise<void> {
    this.#worker.ref()
    await this.run('close')
    await this.#worker.terminate()
  }
}
