import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalPath, canonicalQuery, signRequest } from './sign.ts'

// Both signatures were computed by hand with openssl from the formula of common.md 11.3.
const key = { appId: 'a'.repeat(64), appSecret: 's3cr3t' }
const now = new Date('2024-09-09T03:33:25.120Z')

test('a signed call with query and body carries the signature of the published formula', async () => {
  const headers = await signRequest({
    ...key,
    userId: '1505084218764547200',
    method: 'post',
    url: 'https://drive.example.com/koodrive/ose/v1/departments?b=%C3%A4%20x&F=1',
    body: '{"name":"Sales"}',
    now,
  })
  assert.deepEqual(headers, {
    Authorization: `HMAC-SHA256 AppId=${key.appId},SignedHeaders=host;x-date;x-user-id,Signature=5542d4e4d5d37f138d35bbcc99465087565a0eff81ee0523b47c329121b8cd2b`,
    'X-Date': '20240909T033325Z',
    'X-User-Id': '1505084218764547200',
  })
})

test('a signed call without query and body signs the hash of nothing, and the port belongs to the host', async () => {
  const url = 'http://127.0.0.1:8080/koodrive/ose/v1/userList'
  const { Authorization } = await signRequest({ ...key, userId: '7', method: 'GET', url, now })
  assert.match(Authorization ?? '', /Signature=883d7fec627ea0f3b010393d2025936ba869370e48ab072d2a005f1b54b6769e$/)
})

test('a signed path is encoded once and ends in a slash', () => {
  assert.equal(canonicalPath('/a%20b/(c)'), '/a%20b/%28c%29/')
  assert.equal(canonicalPath('/a/'), '/a/')
})

test('a signed query is sorted by character code and keeps the equals sign of empty values', () => {
  assert.equal(canonicalQuery(new URLSearchParams('b=2&F=1&a=')), 'F=1&a=&b=2')
  assert.equal(canonicalQuery(new URLSearchParams("q=it's+*~")), 'q=it%27s%20%2A~')
})

test('a trace id is signed too, so that equal calls in one second differ', async () => {
  const url = 'http://127.0.0.1:8080/koodrive/ose/v1/userList'
  const headers = await signRequest({ ...key, userId: '7', method: 'GET', url, now, traceId: 't1' })
  assert.equal(headers['X-Traceid'], 't1')
  assert.match(
    headers['Authorization'] ?? '',
    /SignedHeaders=host;x-date;x-traceid;x-user-id,Signature=11fec2c4272fba1e4978ef74bf6ef2c4867266ec789d02cc139d4407659976a3$/,
  )
})
