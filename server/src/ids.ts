import { randomFillSync, randomInt } from 'node:crypto'

const epoch = Date.UTC(2010, 10, 4)
// so that 19 digits hold from 2018 to 2080: 41 bits of time, 10 of node, 12 of sequence
const node = BigInt(randomInt(1024)) << 12n
let lastTime = 0
let sequence = 0

/** A 19-digit id that sorts by time, for people, departments, groups, shares and jobs. */
export function newId(now: number = Date.now()): string {
  const time = Math.max(now, lastTime)
  if (time === lastTime) sequence++
  else sequence = randomInt(64)
  // a full sequence borrows the next millisecond rather than waiting for it
  lastTime = sequence > 4095 ? time + 1 : time
  sequence &= 4095
  return ((BigInt(lastTime - epoch) << 22n) | node | BigInt(sequence)).toString()
}

const pool = Buffer.alloc(8192)
let used = pool.length

/** Random bytes of the operating system, fetched many at a time and given out once each. */
function randomBytes(count: number): Buffer {
  if (used + count > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const bytes = Buffer.from(pool.subarray(used, used + count))
  pool.fill(0, used, used + count)
  used += count
  return bytes
}

// in ASCII order, so that the time prefix sorts
const alphabet = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz'

function encode(bytes: Buffer): string {
  let text = ''
  for (const byte of bytes) text += alphabet[byte & 63]
  return text
}

/** A file or folder id: `F`, 8 characters of time, 24 random ones (144 bits). */
export function newNodeId(now: number = Date.now()): string {
  let time = ''
  for (let rest = now, index = 0; index < 8; index++, rest = Math.floor(rest / 64)) time = alphabet[rest % 64] + time
  return `F${time}${encode(randomBytes(24))}`
}

/** A space id of 47 characters. */
export function newSpaceId(): string {
  return `IAA${encode(randomBytes(14))}${randomBytes(15).toString('hex')}`
}

const rootPrefix = 'DEUI7pa0C24Aroot'

/** The id of a space's root folder. */
export function rootIdOf(spaceId: string): string {
  return rootPrefix + spaceId
}

const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The 22 random characters of a link (131 bits): its only secret when it has no code. */
export function newShortUrl(): string {
  let text = ''
  while (text.length < 22) {
    for (const byte of randomBytes(32)) {
      // 248 is the last multiple of 62 below 256: no letter is likelier than another
      if (byte < 248 && text.length < 22) text += letters[byte % 62]
    }
  }
  return text
}

/** `bytes` random bytes in lower-case hex. */
export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}
