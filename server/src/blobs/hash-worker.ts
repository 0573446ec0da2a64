import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { crc32 } from 'node:zlib'

/** What is computed over every content: lower-case hex and an unsigned integer. */
export interface Digest {
  sha256: string
  crc32: number
}

/** What the worker is asked. `file` opens a hash that reads by itself up to `extend.to`; `bytes` feeds one that does not. */
export type HashRequest =
  | { kind: 'file'; id: number; path: string }
  | { kind: 'extend'; id: number; to: number }
  | { kind: 'bytes'; id: number; bytes: Uint8Array<ArrayBuffer>; length: number }
  | { kind: 'finish'; id: number; size: number }
  | { kind: 'drop'; id: number }

/** What the worker answers. `taken` gives a buffer back for its next filling. */
export type HashReply =
  | { kind: 'taken'; id: number; bytes: Uint8Array<ArrayBuffer> }
  | { kind: 'digest'; id: number; digest: Digest }
  | { kind: 'failed'; id: number; message: string }

interface Session {
  hash: Hash
  crc: number
  position: number
  goal: number
  isLast: boolean
  file?: number
}

const sliceBytes = 4 << 20
/** Small enough to stay in the cache between the copy out of the kernel and the two sums over it. */
const buffer = Buffer.allocUnsafeSlow(256 << 10)
const sessions = new Map<number, Session>()
const port = parentPort
let isScheduled = false

port?.on('message', (request: HashRequest) => attempt(request.id, () => take(request)))

function take(request: HashRequest): void {
  if (request.kind === 'drop') return end(request.id)
  const session = sessions.get(request.id) ?? openSession(request.id)
  if (request.kind === 'file') session.file = openSync(request.path, constants.O_RDONLY | constants.O_NOFOLLOW)
  if (request.kind === 'extend') session.goal = Math.max(session.goal, request.to)
  if (request.kind === 'bytes') takeBytes(request.id, session, request.bytes, request.length)
  if (request.kind === 'finish') {
    session.goal = request.size
    session.isLast = true
  }
  schedule()
}

function openSession(id: number): Session {
  const session: Session = { hash: createHash('sha256'), crc: 0, position: 0, goal: 0, isLast: false }
  sessions.set(id, session)
  return session
}

function takeBytes(id: number, session: Session, bytes: Uint8Array<ArrayBuffer>, length: number): void {
  update(session, bytes.subarray(0, length))
  session.goal = session.position
  reply({ kind: 'taken', id, bytes }, [bytes.buffer])
}

function update(session: Session, bytes: Uint8Array): void {
  session.hash.update(bytes)
  session.crc = crc32(bytes, session.crc)
  session.position += bytes.length
}

function schedule(): void {
  if (isScheduled) return
  isScheduled = true
  setImmediate(() => {
    isScheduled = false
    for (const [id, session] of sessions) attempt(id, () => advance(id, session))
  })
}

/** Hashes one slice at a time, so that a huge file does not keep the small ones waiting. */
function advance(id: number, session: Session): void {
  const stop = Math.min(session.goal, session.position + sliceBytes)
  while (session.position < stop) {
    if (session.file === undefined) throw new Error('bytes are missing')
    const length = Math.min(buffer.length, stop - session.position)
    const count = readSync(session.file, buffer, 0, length, session.position)
    if (count === 0) throw new Error('the file ends early')
    update(session, buffer.subarray(0, count))
  }
  if (session.position < session.goal) return schedule()
  if (!session.isLast) return
  if (session.position !== session.goal) throw new Error('more was hashed than there is')
  const digest = { sha256: session.hash.digest('hex'), crc32: session.crc }
  end(id)
  reply({ kind: 'digest', id, digest })
}

function attempt(id: number, step: () => void): void {
  try {
    step()
  } catch (error) {
    end(id)
    reply({ kind: 'failed', id, message: error instanceof Error ? error.message : String(error) })
  }
}

function end(id: number): void {
  const file = sessions.get(id)?.file
  sessions.delete(id)
  if (file !== undefined) closeSync(file)
}

function reply(message: HashReply, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer)
}
