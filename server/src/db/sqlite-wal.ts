import { type FileHandle, open } from 'node:fs/promises'
import { fdatasync, fstat } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'

const datasync = promisify(fdatasync)
const stat = promisify(fstat)
const checkpointAt = 8 * 1024 * 1024
const roundsBetweenLooks = 32

/** The write-ahead log of one SQLite file: shared syncs, and checkpoints in a thread of their own. */
export interface Wal {
  /**
   * Resolves when everything committed before the call is safe from a power cut; callers share one fdatasync. Rejects for ever
   * once a sync has failed.
   */
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
  return new WriteAheadLog(file, log)
}

interface Waiter {
  resolve: () => void
  reject: (error: unknown) => void
}

class WriteAheadLog implements Wal {
  readonly #log: FileHandle
  readonly #worker: Checkpointer
  /** A reader that holds its place, so that no writer begins a finished log anew while a checkpoint runs. */
  readonly #guard: DatabaseSync
  #waiting: Waiter[] = []
  #isSyncing = false
  /** Why a sync failed: the system may have dropped what it could not write, so no later sync proves anything. */
  #failure: Error | undefined
  #rounds = 0
  #checkpoint: Promise<void> | undefined
  #withoutWriters: (<T>(work: () => Promise<T>) => Promise<T>) | undefined
  #onFailure = (): void => undefined

  constructor(file: string, log: FileHandle) {
    this.#log = log
    this.#worker = new Checkpointer(file)
    this.#guard = new DatabaseSync(file, { readOnly: true })
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure)
      this.#waiting.push({ resolve, reject })
      if (!this.#isSyncing) void this.#syncWaiting()
    })
  }

  start(withoutWriters: <T>(work: () => Promise<T>) => Promise<T>, onFailure: () => void): void {
    this.#withoutWriters = withoutWriters
    this.#onFailure = onFailure
  }

  async settle(): Promise<void> {
    this.#withoutWriters = undefined
    await this.#checkpoint?.catch(() => undefined)
  }

  async close(): Promise<void> {
    this.#guard.close()
    await datasync(this.#log.fd)
    await this.#worker.close()
    await this.#log.close()
  }

  async #syncWaiting(): Promise<void> {
    this.#isSyncing = true
    while (this.#waiting.length > 0) {
      await this.#syncRound()
      if (++this.#rounds % roundsBetweenLooks === 0 && !this.#checkpoint) {
        this.#watchLength().catch((error: unknown) => process.emitWarning(String(error), 'CheckpointWarning'))
      }
    }
    this.#isSyncing = false
  }

  async #syncRound(): Promise<void> {
    const round = this.#waiting
    this.#waiting = []
    try {
      await datasync(this.#log.fd)
      for (const one of round) one.resolve()
    } catch (cause) {
      this.#failure = new Error('the log could not be synced; nothing more is acknowledged before a restart', { cause })
      for (const one of round.concat(this.#waiting.splice(0))) one.reject(this.#failure)
    }
  }

  async #watchLength(): Promise<void> {
    const { size } = await stat(this.#log.fd)
    const run = this.#withoutWriters
    if (size < checkpointAt || this.#checkpoint || !run) return
    this.#checkpoint = this.#foldIn(run).finally(() => {
      if (this.#guard.isTransaction) this.#guard.exec('rollback')
      this.#checkpoint = undefined
    })
    await this.#checkpoint
  }

  async #foldIn(withoutWriters: <T>(work: () => Promise<T>) => Promise<T>): Promise<void> {
    this.#guard.exec('begin; select count(*) from migrations')
    await this.#worker.run('passive')
    await withoutWriters(async () => {
      this.#guard.exec('commit')
      await this.#worker.run('truncate').catch((error: unknown) => {
        this.#onFailure()
        throw error
      })
    })
  }
}

/** fsyncs a folder, so that the names in it survive a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync()
  await handle.close()
}

/** The thread that folds the log into the database file: its fsyncs never meet the event loop. One that dies is replaced. */
class Checkpointer {
  readonly #file: string
  #worker: Worker
  #isLost = false
  #done: Waiter[] = []

  constructor(file: string) {
    this.#file = file
    this.#worker = this.#start()
  }

  #start(): Worker {
    const url = new URL('./sqlite-checkpointer.ts', import.meta.url)
    // options of this process, such as a script given with -e, are not for the thread
    const worker = new Worker(url, { workerData: { file: this.#file }, execArgv: [] })
    worker.unref()
    worker.on('message', (answer: { error?: string }) => {
      const next = this.#done.shift()
      if (answer.error === undefined) next?.resolve()
      else next?.reject(new Error(answer.error))
    })
    const lose = (cause: unknown): void => {
      if (worker !== this.#worker) return
      this.#isLost = true
      for (const one of this.#done.splice(0)) one.reject(new Error('the checkpoint thread is lost', { cause }))
    }
    worker.on('error', lose)
    worker.on('exit', lose)
    this.#isLost = false
    return worker
  }

  run(mode: 'passive' | 'truncate' | 'close'): Promise<void> {
    if (this.#isLost) this.#worker = this.#start()
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
