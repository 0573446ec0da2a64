import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpoints } from '@driveway/contract'
import { toRequest } from './request.ts'

test('a flat input is distributed over path and body', () => {
  const request = toRequest(endpoints.listFiles, { type: 0, containerId: 'IAA1', parentFileId: 'root' })
  assert.equal(request.method, 'POST')
  assert.equal(request.target, '/koodrive/ose/v1/files/0')
  assert.deepEqual(JSON.parse(request.body ?? ''), { containerId: 'IAA1', parentFileId: 'root' })
  assert.equal(request.headers['content-type'], 'application/json')
})

test('a flat input is distributed over path and query', () => {
  const request = toRequest(endpoints.getSpace, { ownerId: 'u1', type: 1, containerId: undefined })
  assert.equal(request.target, '/koodrive/ose/v1/space/u1?type=1')
  assert.equal(request.body, undefined)
  assert.deepEqual(request.headers, {})
})

test('a field of a header goes into that header', () => {
  const request = toRequest(endpoints.refreshSession, { 'x-session-id': 'abc' })
  assert.deepEqual(request.headers, { 'x-session-id': 'abc' })
  assert.equal(request.body, undefined)
})

test('hostile text in a path cannot address another endpoint', () => {
  const { target } = toRequest(endpoints.getFile, { fileId: '../../share?x=1#y', containerId: 'c' })
  assert.equal(target, '/koodrive/ose/v1/files/..%2F..%2Fshare%3Fx%3D1%23y/detail')
  for (const fileId of ['', '.', '..', undefined]) {
    assert.throws(() => toRequest(endpoints.getFile, { fileId, containerId: 'c' }), /getFile needs the field fileId/)
  }
})

test('fields of no schema stay at home', () => {
  const request = toRequest(endpoints.getFilePath, { fileId: 'F1', containerId: 'c', password: 'secret' })
  assert.equal(request.target, '/koodrive/ose/v1/files/path?fileId=F1&containerId=c')
})

test('every endpoint with a body sends one, even when all its fields are absent', () => {
  assert.equal(toRequest(endpoints.emptyBin, {}).body, '{}')
})
