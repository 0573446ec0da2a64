import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { hmacSha256, isSigned, open, seal, sign } from './secrets.ts'

test('our HMAC is the standard one for keys and texts of every length', () => {
  for (const keyLength of [0, 1, 32, 63, 64, 65, 200]) {
    const key = randomBytes(keyLength)
    for (const text of ['', 'a', 'ü'.repeat(100), 'x'.repeat(10_000)]) {
      assert.deepEqual(hmacSha256(key, text), createHmac('sha256', key).update(text).digest())
    }
  }
})

test('a signature holds for its key and text only', () => {
  const key = randomBytes(32)
  const signature = sign(key, 'text', 'hex')
  assert.ok(isSigned(key, 'text', signature, 'hex'))
  assert.ok(!isSigned(key, 'texts', signature, 'hex'))
  assert.ok(!isSigned(randomBytes(32), 'text', signature, 'hex'))
  assert.ok(!isSigned(key, 'text', signature.toUpperCase(), 'hex'))
  assert.ok(!isSigned(key, 'text', '', 'hex'))
})

test('what is sealed opens with its key only, and never when it was changed', () => {
  const key = randomBytes(32)
  const sealed = seal(key, 'MDg2K0vU')
  assert.equal(open(key, sealed), 'MDg2K0vU')
  assert.notEqual(seal(key, 'MDg2K0vU'), sealed)
  assert.throws(() => open(randomBytes(32), sealed))
  assert.throws(() => open(key, `${sealed.slice(0, -2)}AA`))
})
