import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpoints, errorKinds } from '@driveway/contract'
import { writeSlimContract } from './slim-contract.ts'

test('the slim contract names every endpoint, field and failure', async () => {
  const slim = (await import(`data:text/javascript,${encodeURIComponent(writeSlimContract())}`)) as {
    endpoints: Record<string, { method: string; path: string; body?: { properties: object } }>
    errorKinds: unknown
  }
  assert.deepEqual(Object.keys(slim.endpoints), Object.keys(endpoints))
  assert.deepEqual(slim.errorKinds, errorKinds)
  assert.deepEqual(
    Object.keys(slim.endpoints['createShare']?.body?.properties ?? {}),
    Object.keys(endpoints.createShare.body?.properties ?? {}),
  )
  assert.equal(slim.endpoints['getSpace']?.path, endpoints.getSpace.path)
})
