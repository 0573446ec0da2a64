/** A file that is wanted in the space, with the folders it lies in below the target. */
export interface Wanted {
  file: File
  folders: string[]
}

/** Where uploads go. */
export interface Target {
  containerId: string
  folderId: string
}

/** One file on its way. */
export interface UploadTask {
  id: number
  name: string
  folders: string[]
  size: number
  sent: number
  state: 'waiting' | 'sending' | 'done' | 'failed' | 'cancelled'
  error?: unknown
}

/** What the queue needs of the world. */
export interface QueuePorts {
  /** The id of a folder by name below a parent; makes it when it is missing. */
  ensureFolder: (containerId: string, parentId: string, name: string) => Promise<string>
  /** Sends one file; a repeated call for the same `key` goes on where the last one stopped. */
  send: (input: {
    key: number
    file: File
    target: Target
    onProgress: (sent: number) => void
    signal: AbortSignal
  }) => Promise<unknown>
  /** Told after each file that arrived. */
  onArrived: () => void
}

const atOnce = 2

interface Entry {
  task: UploadTask
  file: File
  target: Target
  abort: AbortController
}

/** Uploads that run beside each other, each of which can be cancelled and tried again. */
export class UploadQueue {
  readonly #ports: QueuePorts
  readonly #entries = new Map<number, Entry>()
  readonly #folders = new Map<string, Promise<string>>()
  readonly #listeners = new Set<() => void>()
  #snapshot: readonly UploadTask[] = []
  #lastId = 0

  constructor(ports: QueuePorts) {
    this.#ports = ports
  }

  /** Tells a listener about every change; answers what ends that. */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The tasks as they are; the same array until something changes. */
  tasks = (): readonly UploadTask[] => this.#snapshot

  /** Puts files at the end of the queue. */
  add(wanted: Wanted[], target: Target): void {
    for (const { file, folders } of wanted) {
      const id = (this.#lastId += 1)
      const task: UploadTask = { id, name: file.name, folders, size: file.size, sent: 0, state: 'waiting' }
      this.#entries.set(id, { task, file, target, abort: new AbortController() })
    }
    this.#publish()
    this.#fill()
  }

  /** Stops a task that waits or runs. */
  cancel = (id: number): void => {
    const entry = this.#entries.get(id)
    if (!entry || !isRunning(entry.task)) return
    entry.abort.abort()
    if (entry.task.state === 'waiting') this.#change(entry, { state: 'cancelled' })
  }

  /** Stops all that waits or runs, the last ones first so that none moves up. */
  cancelAll = (): void => [...this.#entries.keys()].toReversed().forEach(this.cancel)

  /** Puts a failed or cancelled task back into the queue. */
  retry(id: number): void {
    const entry = this.#entries.get(id)
    if (!entry || isRunning(entry.task) || entry.task.state === 'done') return
    entry.abort = new AbortController()
    this.#change(entry, { state: 'waiting', error: undefined })
    this.#fill()
  }

  /** Forgets what is over. */
  clear = (): void => {
    for (const [id, { task }] of this.#entries) if (!isRunning(task)) this.#entries.delete(id)
    this.#publish()
  }

  #publish(): void {
    this.#snapshot = [...this.#entries.values()].map(({ task }) => task)
    for (const listener of this.#listeners) listener()
  }

  #change(entry: Entry, to: Partial<UploadTask>): void {
    entry.task = { ...entry.task, ...to }
    this.#publish()
  }

  #fill(): void {
    const all = [...this.#entries.values()]
    const free = Math.max(0, atOnce - all.filter(({ task }) => task.state === 'sending').length)
    for (const entry of all.filter(({ task }) => task.state === 'waiting').slice(0, free)) void this.#run(entry)
    if (!all.some(({ task }) => isRunning(task))) this.#folders.clear()
  }

  async #run(entry: Entry): Promise<void> {
    const { file, abort, task } = entry
    const { signal } = abort
    this.#change(entry, { state: 'sending', error: undefined })
    try {
      const target = { ...entry.target, folderId: await this.#folderOf(entry.target, task.folders) }
      signal.throwIfAborted()
      const onProgress = (sent: number): void => this.#change(entry, { sent })
      await this.#ports.send({ key: task.id, file, target, onProgress, signal })
      this.#change(entry, { state: 'done', sent: task.size })
      this.#ports.onArrived()
    } catch (error) {
      this.#change(entry, signal.aborted ? { state: 'cancelled' } : { state: 'failed', error })
    }
    this.#fill()
  }

  async #folderOf(target: Target, names: string[]): Promise<string> {
    if (names.length === 0) return target.folderId
    const key = [target.containerId, target.folderId, ...names].join('/')
    const known = this.#folders.get(key)
    if (known) return known
    const parent = this.#folderOf(target, names.slice(0, -1))
    const made = parent.then((id) => this.#ports.ensureFolder(target.containerId, id, names.at(-1) ?? ''))
    this.#folders.set(key, made)
    made.catch(() => this.#folders.delete(key))
    return made
  }
}

/** Whether a task still has something to do. */
export function isRunning({ state }: UploadTask): boolean {
  return state === 'waiting' || state === 'sending'
}
