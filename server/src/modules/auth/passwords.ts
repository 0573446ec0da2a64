import { randomBytes, timingSafeEqual } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

const memory = 19_456
const passes = 2
// hashing is slow on purpose; half of the machine at most leaves the other half to everybody else
const maxThreads = Math.min(4, Math.max(1, Math.floor(availableParallelism() / 2)))
const maxWaiting = 64

/** What a hashing thread is given. */
export interface Derivation {
  message: Buffer
  nonce: Buffer
  memory: number
  passes: number
}

/** Too many hashes are asked for at once; the caller should answer that the service is busy. */
export class HashingBusyError extends Error {}

interface Task {
  derivation: Derivation
  resolve: (tag: Buffer) => void
  reject: (error: Error) => void
}

const idle: HashingThread[] = []
const waiting: Task[] = []
let threads = 0

/** A thread of lowered priority that makes one hash at a time; it keeps the process alive only while it works. */
class HashingThread {
  readonly #worker = new Worker(new URL('./password-worker.ts', import.meta.url), { execArgv: [] })
  #task: Task | undefined
  #isEnded = false

  constructor() {
    this.#worker.on('message', (tag: Uint8Array) => this.#finish((task) => task.resolve(Buffer.from(tag))))
    this.#worker.on('error', (error) => this.#end(error instanceof Error ? error : new Error(String(error))))
    this.#worker.on('exit', () => this.#end(new Error('the hashing thread ended')))
    this.#worker.unref()
  }

  run(task: Task): void {
    this.#task = task
    this.#worker.ref()
    this.#worker.postMessage(task.derivation)
  }

  #finish(settle: (task: Task) => void): void {
    if (this.#task) settle(this.#task)
    this.#task = undefined
    const next = waiting.shift()
    if (next) return this.run(next)
    this.#worker.unref()
    idle.push(this)
  }

  #end(error: Error): void {
    if (this.#isEnded) return
    this.#isEnded = true
    threads--
    if (idle.includes(this)) idle.splice(idle.indexOf(this), 1)
    this.#task?.reject(error)
    this.#task = undefined
    const next = waiting.shift()
    if (next) start(next)
  }
}

function start(task: Task): void {
  const thread = idle.pop()
  if (thread) return thread.run(task)
  if (threads >= maxThreads) {
    waiting.push(task)
    return
  }
  threads++
  new HashingThread().run(task)
}

function hash(password: string, nonce: Buffer): Promise<Buffer> {
  if (waiting.length >= maxWaiting) return Promise.reject(new HashingBusyError())
  const message = Buffer.from(password.normalize('NFC'), 'utf8')
  return new Promise((resolve, reject) => start({ derivation: { message, nonce, memory, passes }, resolve, reject }))
}

/** Slow salted hash of a password or access code (argon2id, 19 MiB, 2 passes), made off the event loop. Throws HashingBusyError. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const tag = await hash(password, salt)
  return `$argon2id$v=19$m=${memory},t=${passes},p=1$${salt.toString('base64url')}$${tag.toString('base64url')}`
}

/** Whether the password is the one that was hashed. Takes as long for a wrong one. Throws HashingBusyError. */
export async function isPassword(password: string, hashed: string): Promise<boolean> {
  const [, , , , salt = '', tag = ''] = hashed.split('$')
  const expected = Buffer.from(tag, 'base64url')
  const actual = await hash(password, Buffer.from(salt, 'base64url'))
  return expected.length === actual.length && timingSafeEqual(actual, expected)
}

let decoy: Promise<string> | undefined

/** Spends the time of a check without a hash to check against, so that unknown accounts look like known ones. */
export async function pretendPassword(password: string): Promise<false> {
  decoy ??= hashPassword(randomBytes(16).toString('hex'))
  await isPassword(password, await decoy)
  return false
}
