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

/** Uploads that run beside each other, each of which can be cancelled and tried again. */
export interface UploadQueue {
  subscribe: (listener: () => void) => () => void
  /** The tasks as they are; the same array until something changes. */
  tasks: () => readonly UploadTask[]
  add: (wanted: Wanted[], target: Target) => void
  cancel: (id: number) => void
  cancelAll: () => void
  retry: (id: number) => void
  /** Forgets what is over. */
  clear: () => void
}

const atOnce = 2

interface Entry {
  task: UploadTask
  file: File
  target: Target
  abort: AbortController
}

/** Makes an empty queue. */
export function createUploadQueue(ports: QueuePorts): UploadQueue {
  const entries = new Map<number, Entry>()
  const folders = new Map<string, Promise<string>>()
  const listeners = new Set<() => void>()
  let snapshot: readonly UploadTask[] = []
  let lastId = 0

  const publish = (): void => {
    snapshot = [...entries.values()].map(({ task }) => task)
    for (const listener of listeners) listener()
  }
  const change = (entry: Entry, to: Partial<UploadTask>): void => {
    entry.task = { ...entry.task, ...to }
    publish()
  }
  const folderOf = async (target: Target, names: string[]): Promise<string> => {
    if (names.length === 0) return target.folderId
    const key = [target.containerId, target.folderId, ...names].join('/')
    const known = folders.get(key)
    if (known) return known
    const parent = folderOf(target, names.slice(0, -1))
    const made = parent.then((id) => ports.ensureFolder(target.containerId, id, names.at(-1) ?? ''))
    folders.set(key, made)
    made.catch(() => folders.delete(key))
    return made
  }
  const run = async (entry: Entry): Promise<void> => {
    const { signal } = entry.abort
    change(entry, { state: 'sending', error: undefined })
    try {
      const folderId = await folderOf(entry.target, entry.task.folders)
      signal.throwIfAborted()
      const onProgress = (sent: number): void => change(entry, { sent })
      await ports.send({
        key: entry.task.id,
        file: entry.file,
        target: { ...entry.target, folderId },
        onProgress,
        signal,
      })
      change(entry, { state: 'done', sent: entry.task.size })
      ports.onArrived()
    } catch (error) {
      change(entry, signal.aborted ? { state: 'cancelled' } : { state: 'failed', error })
    }
    fill()
  }
  const fill = (): void => {
    const all = [...entries.values()]
    const free = atOnce - all.filter(({ task }) => task.state === 'sending').length
    for (const entry of all.filter(({ task }) => task.state === 'waiting').slice(0, Math.max(0, free))) void run(entry)
    if (!all.some(({ task }) => isRunning(task))) folders.clear()
  }
  const cancel = (id: number): void => {
    const entry = entries.get(id)
    if (!entry || !isRunning(entry.task)) return
    entry.abort.abort()
    if (entry.task.state === 'waiting') change(entry, { state: 'cancelled' })
  }
  return {
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    tasks: () => snapshot,
    add: (wanted, target) => {
      for (const { file, folders: path } of wanted) {
        const id = (lastId += 1)
        const task: UploadTask = { id, name: file.name, folders: path, size: file.size, sent: 0, state: 'waiting' }
        entries.set(id, { task, file, target, abort: new AbortController() })
      }
      publish()
      fill()
    },
    cancel,
    cancelAll: () => [...entries.keys()].toReversed().forEach(cancel),
    retry: (id) => {
      const entry = entries.get(id)
      if (!entry || isRunning(entry.task) || entry.task.state === 'done') return
      entry.abort = new AbortController()
      change(entry, { state: 'waiting', error: undefined })
      fill()
    },
    clear: () => {
      for (const [id, { task }] of entries) if (!isRunning(task)) entries.delete(id)
      publish()
    },
  }
}

/** Whether a task still has something to do. */
export function isRunning({ state }: UploadTask): boolean {
  return state === 'waiting' || state === 'sending'
}
