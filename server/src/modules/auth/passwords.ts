import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(argon2)
const memory = 19_456
const passes = 2
// hashing is slow on purpose; two at a time leave the machine to everybody else
const slots = 2
const maxWaiting = 64
let running = 0
const waiting: (() => void)[] = []

/** Too many hashes are asked for at once; the caller should answer that the service is busy. */
export class HashingBusyError extends Error {}

async function inSlot<T>(work: () => Promise<T>): Promise<T> {
  if (running >= slots) {
    if (waiting.length >= maxWaiting) throw new HashingBusyError()
    await new Promise<void>((resolve) => waiting.push(resolve))
  } else {
    running++
  }
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}

function hash(password: string, salt: Buffer): Promise<Buffer> {
  const message = Buffer.from(password.normalize('NFC'), 'utf8')
  return inSlot(
    () =>
      derive('argon2id', { message, nonce: salt, parallelism: 1, tagLength: 32, memory, passes }) as Promise<Buffer>,
  )
}

/** Slow salted hash of a password or access code (argon2id, 19 MiB, 2 passes), made off the event loop. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const tag = await hash(password, salt)
  return `$argon2id$v=19$m=${memory},t=${passes},p=1$${salt.toString('base64url')}$${tag.toString('base64url')}`
}

/** Whether the password is the one that was hashed. Takes as long for a wrong one. */
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
