import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BoundedCache } from './bounded-cache.ts'

const value = (length: number) => ({ bytes: Buffer.alloc(length) })

test('a cache holds what fits, and lets the least used go', () => {
  const cache = new BoundedCache<{ bytes: Buffer }>(100_000)
  for (let index = 0; index < 20; index++) cache.set(`key ${index}`, value(4000))
  assert.ok(cache.get('key 0'))
  for (let index = 20; index < 30; index++) cache.set(`key ${index}`, value(4000))
  assert.ok(cache.get('key 0'), 'used lately')
  assert.equal(cache.get('key 1'), undefined)
  assert.ok(cache.get('key 29'))
})

test('a value that would crowd out the others is not kept', () => {
  const cache = new BoundedCache<{ bytes: Buffer }>(100_000)
  cache.set('small', value(10))
  cache.set('big', value(50_000))
  assert.equal(cache.get('big'), undefined)
  assert.ok(cache.get('small'))
})
