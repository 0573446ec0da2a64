import assert from 'node:assert/strict'
import { argon2Sync } from 'node:crypto'
import { test } from 'node:test'
import { hashPassword, HashingBusyError, isPassword, pretendPassword } from './passwords.ts'

test('a password fits its own hash only, however it was typed', async () => {
  const hashed = await hashPassword('Åse 密码 1843')
  assert.ok(await isPassword('Åse 密码 1843', hashed))
  assert.ok(await isPassword('Åse 密码 1843', hashed), 'composed or not')
  assert.ok(!(await isPassword('Åse 密码 1844', hashed)))
  assert.notEqual(await hashPassword('Åse 密码 1843'), hashed)
  assert.equal(await pretendPassword('x'), false)
})

test('hashes are standard argon2id', async () => {
  const [, , , , salt = '', tag = ''] = (await hashPassword('plain')).split('$')
  const expected = argon2Sync('argon2id', {
    message: Buffer.from('plain'),
    nonce: Buffer.from(salt, 'base64url'),
    parallelism: 1,
    tagLength: 32,
    memory: 19_456,
    passes: 2,
  })
  assert.equal(tag, expected.toString('base64url'))
})

test('many at once are answered or told that the service is busy, and it goes on afterwards', async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 90 }, () => hashPassword('flood')))
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
  assert.ok(refused.length > 0 && refused.length < 90)
  assert.ok(refused.every((outcome) => outcome.reason instanceof HashingBusyError))
  assert.ok(await isPassword('after', await hashPassword('after')))
})
