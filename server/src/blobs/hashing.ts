import { availableParallelism } from 'node:os'
import type { Readable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import type { Digest, HashReply, HashRequest } from './hash-worker.ts'

export type { Digest } from './hash-worker.ts'

/** A hash over a growing file, computed in another thread while the file grows. */
export interface FileHash {
  /** Says that the first `to` bytes are in the file and stay as they are. */
  extend(to: number): void
  /** The digest of the first `size` bytes. Rejects when the file ends before, cannot be read, or the worker is lost. */
  finish(size: number): Promise<Digest>
  /** Gives up what was computed. */
  drop(): void
}

interface Waiter {
  resolve(digest: Digest): void
  reject(error: Error): void
  taken?(bytes: Uint8Array<ArrayBuffer>): void
}

interface HashThread {
  worker: Worker
  waiters: Map<number, Waiter>
  isLost: boolean
}

const feedBytes = 1 << 20
const feedsInFlight = 3
const maxThreads = Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2)))
const threads: HashThread[] = []
let lastId = 0

/** Starts hashing the file at `path` in the background, as far as `extend` allows. */
export function followFile(path: string): FileHash {
  const id = ++lastId
  const thread = threadFor(id)
  send(thread, { kind: 'file', id, path })
  return {
    extend: (to) => send(thread, { kind: 'extend', id, to }),
    drop: () => send(thread, { kind: 'drop', id }),
    finish: (size) => {
      const digest = expect(thread, id)
      send(thread, { kind: 'finish', id, size })
      return digest
    },
  }
}

/** The digest of the first `size` bytes of the file at `path`, computed off the event loop. */
export function hashFile(path: string, size: number): Promise<Digest> {
  return followFile(path).finish(size)
}

/** The digest and length of everything `body` gives, computed off the event loop with a few MiB in flight. */
export async function hashStream(body: Readable): Promise<Digest & { size: number }> {
  const id = ++lastId
  const thread = threadFor(id)
  const feed = openFeed(thread, id)
  let size = 0
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      size += chunk.length
      await feed.push(chunk)
    }
    feed.flush()
    send(thread, { kind: 'finish', id, size })
    return { ...(await feed.digest), size }
  } catch (error) {
    feed.cancel(error instanceof Error ? error : new Error(String(error)))
    send(thread, { kind: 'drop', id })
    throw error
  }
}

/** Copies chunks into a few large buffers that travel to the thread and back. */
function openFeed(thread: HashThread, id: number) {
  const spare = Array.from({ length: feedsInFlight }, () => new Uint8Array(feedBytes))
  let current = spare.pop()
  let filled = 0
  let wake = (): void => {}
  const digest = expect(thread, id, (bytes) => {
    spare.push(bytes)
    wake()
  })
  // Without this a worker lost between two pushes would be an unhandled rejection; `finish` still sees it.
  let failure: Error | undefined
  digest.catch((error: Error) => {
    failure = error
    wake()
  })

  const nextBuffer = async (): Promise<Uint8Array<ArrayBuffer>> => {
    while (spare.length === 0 && failure === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    if (failure !== undefined) throw failure
    return spare.pop() ?? new Uint8Array(feedBytes)
  }
  const flush = (): void => {
    if (current === undefined || filled === 0) return
    send(thread, { kind: 'bytes', id, bytes: current, length: filled }, [current.buffer])
    current = undefined
    filled = 0
  }
  const push = async (chunk: Uint8Array): Promise<void> => {
    for (let done = 0; done < chunk.length;) {
      current ??= await nextBuffer()
      const piece = chunk.subarray(done, done + feedBytes - filled)
      current.set(piece, filled)
      filled += piece.length
      done += piece.length
      if (filled === feedBytes) flush()
    }
  }
  const cancel = (error: Error): void => settle(thread, id, (waiter) => waiter.reject(error))
  return { push, flush, digest, cancel }
}

/** A digest that is waited for keeps the process alive; an idle thread never does. */
function expect(thread: HashThread, id: number, taken?: Waiter['taken']): Promise<Digest> {
  return new Promise((resolve, reject) => {
    if (thread.isLost) return reject(new Error('the hash thread is lost'))
    thread.waiters.set(id, { resolve, reject, taken })
    thread.worker.ref()
  })
}

function settle(thread: HashThread, id: number, answer: (waiter: Waiter) => void): void {
  const waiter = thread.waiters.get(id)
  if (waiter === undefined) return
  thread.waiters.delete(id)
  if (thread.waiters.size === 0) thread.worker.unref()
  answer(waiter)
}

function threadFor(id: number): HashThread {
  const index = id % maxThreads
  const running = threads[index]
  return running !== undefined && !running.isLost ? running : (threads[index] = startThread())
}

function startThread(): HashThread {
  const worker = new Worker(new URL('./hash-worker.ts', import.meta.url), { name: 'hash', execArgv: [] })
  const thread: HashThread = { worker, waiters: new Map(), isLost: false }
  const lose = (cause: unknown): void => {
    thread.isLost = true
    for (const id of thread.waiters.keys()) {
      settle(thread, id, (waiter) => waiter.reject(new Error('the hash thread is lost', { cause })))
    }
  }
  worker.on('message', (message: HashReply) => take(thread, message))
  worker.on('error', lose)
  worker.on('exit', lose)
  worker.unref()
  return thread
}

function take(thread: HashThread, message: HashReply): void {
  if (message.kind === 'taken') return thread.waiters.get(message.id)?.taken?.(message.bytes)
  settle(thread, message.id, (waiter) => {
    if (message.kind === 'digest') waiter.resolve(message.digest)
    else waiter.reject(new Error(`hashing failed: ${message.message}`))
  })
}

function send(thread: HashThread, request: HashRequest, transfer: ArrayBuffer[] = []): void {
  if (!thread.isLost) thread.worker.postMessage(request, transfer)
}
