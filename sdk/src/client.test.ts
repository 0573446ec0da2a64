import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpoints } from '@driveway/contract'
import { createDrive } from './index.ts'

test('a drive has a method for every endpoint of the contract', () => {
  const drive = createDrive() as unknown as Record<string, unknown>
  for (const name of Object.keys(endpoints)) assert.equal(typeof drive[name], 'function', name)
})

test('byte addresses are reached where the server is, and those of object storage where they are', () => {
  const { resolveUrl } = createDrive({ baseUrl: 'https://drive.example.com/team/' })
  const base = 'https://drive.example.com/team'
  for (const [url, expected] of [
    ['http://10.0.0.7:8080/bytes/upload/abc.def', `${base}/bytes/upload/abc.def`],
    ['http://10.0.0.7/team/bytes/download/abc/a%2Fb.txt', `${base}/bytes/download/abc/a%2Fb.txt`],
    ['/bytes/upload/abc', `${base}/bytes/upload/abc`],
    ['https://s3.example.com/bucket/bytes/upload/k?X-Amz-Signature=1', undefined],
    ['https://s3.example.com/bucket/k', undefined],
  ] as const) {
    assert.equal(resolveUrl(url), expected ?? url)
  }
  assert.equal(createDrive().resolveUrl('http://127.0.0.1:8080/bytes/upload/x'), '/bytes/upload/x')
})
