import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDrive, DriveError } from './index.ts'
import { errorOfAnswer } from './errors.ts'

const headers = (entries: Record<string, string> = {}) => new Headers(entries)

test('a refused call tells its reason, what to go on with, and where it went wrong', () => {
  const error = errorOfAnswer(
    { status: 429, headers: headers({ 'x-traceid': 't1', 'retry-after': '9' }) },
    {
      code: 13000908,
      msg: 'Too many wrong tries. Wait and try again.',
      error: {
        errorData: { triesLeft: 0 },
        errorDetail: [
          { reason: 'TOO_MANY_ATTEMPTS', description: 'wait', errorPos: 'body', errorParam: 'extractCode' },
        ],
        code: 429,
        description: 'Too Many Requests',
      },
    },
  )
  assert.ok(error instanceof DriveError)
  assert.equal(error.reason, 'TOO_MANY_ATTEMPTS')
  assert.equal(error.message, 'Too many wrong tries. Wait and try again.')
  assert.deepEqual([error.code, error.status, error.traceId], [13000908, 429, 't1'])
  assert.deepEqual(error.data, { triesLeft: 0, retryAfter: 9 })
  assert.deepEqual(error.details, [
    { errorPos: 'body', errorParam: 'extractCode', reason: 'TOO_MANY_ATTEMPTS', description: 'wait' },
  ])
})

test('a refused field has its own reason, and the error that of its kind', () => {
  const errorDetail = [{ reason: 'MISSING', description: 'is required', errorPos: 'body', errorParam: 'fileIds' }]
  const error = errorOfAnswer({ status: 400, headers: headers() }, { code: 13000102, msg: 'x', error: { errorDetail } })
  assert.equal(error.reason, 'PARAMETER_INVALID')
  assert.equal(error.details[0]?.reason, 'MISSING')
})

test('an answer with a code and text alone is still understood', () => {
  const error = errorOfAnswer({ status: 400, headers: headers() }, { code: '13000903', msg: 'expired' })
  assert.deepEqual([error.code, error.reason, error.message], [13000903, 'SHARE_EXPIRED', 'expired'])
})

test('an answer that is not of this API says so, and a gateway that finds no server says unavailable', () => {
  assert.equal(errorOfAnswer({ status: 404, headers: headers() }, undefined).reason, 'BAD_ANSWER')
  assert.equal(errorOfAnswer({ status: 200, headers: headers() }, [1]).reason, 'BAD_ANSWER')
  assert.equal(errorOfAnswer({ status: 502, headers: headers() }, undefined).reason, 'UNAVAILABLE')
})

test('a server that cannot be reached is a NETWORK error with its cause', async () => {
  const drive = createDrive({ baseUrl: 'http://127.0.0.1:1' })
  await assert.rejects(drive.listApps(), (error) => {
    assert.ok(error instanceof DriveError)
    assert.deepEqual([error.reason, error.status], ['NETWORK', 0])
    assert.ok(error.cause instanceof Error)
    return true
  })
})

test('an aborted call rejects with the reason of the abort', async () => {
  const drive = createDrive({ baseUrl: 'http://127.0.0.1:1' })
  const reason = new Error('the tab was closed')
  await assert.rejects(drive.listApps({}, { signal: AbortSignal.abort(reason) }), reason)
})
