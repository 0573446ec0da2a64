import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DriveError, networkError } from './errors.ts'
import { delayBefore, mayPass, pause, withRetries } from './retry.ts'

const policy = { attempts: 4, firstDelayMs: 2, longestDelayMs: 4 }
const busy = (data = {}) =>
  new DriveError({ code: 13000201, reason: 'UNAVAILABLE', status: 503, message: 'busy', data })

test('a step is tried again while its error can pass', async () => {
  const tries: number[] = []
  const result = await withRetries(
    (attempt) => {
      tries.push(attempt)
      return attempt < 3 ? Promise.reject(networkError(new Error('cut'))) : Promise.resolve('there')
    },
    { policy },
  )
  assert.equal(result, 'there')
  assert.deepEqual(tries, [1, 2, 3])
})

test('a refusal is not tried again, and patience ends', async () => {
  let tries = 0
  const refusal = new DriveError({ code: 13000405, reason: 'DUPLICATE_NAME', status: 400, message: 'there' })
  const refused = withRetries(() => Promise.reject(((tries += 1), refusal)), { policy })
  await assert.rejects(refused, refusal)
  assert.equal(tries, 1)
  tries = 0
  await assert.rejects(
    withRetries(() => Promise.reject(((tries += 1), busy())), { policy }),
    { reason: 'UNAVAILABLE' },
  )
  assert.equal(tries, 4)
})

test('pauses grow, differ, stay bounded, and are at least what the server asks for', () => {
  const usual = { attempts: 8, firstDelayMs: 500, longestDelayMs: 15_000 }
  for (const [attempt, bound] of [
    [1, 500],
    [3, 2000],
    [20, 15_000],
  ] as const) {
    const delay = delayBefore(attempt, usual, busy())
    assert.ok(delay >= bound / 2 && delay <= bound, `${delay} of ${bound}`)
  }
  assert.notEqual(delayBefore(5, usual, busy()), delayBefore(5, usual, busy()))
  assert.equal(delayBefore(1, usual, busy({ retryAfter: 30 })), 30_000)
})

test('an abort ends a pause at once', async () => {
  const controller = new AbortController()
  const reason = new Error('enough')
  setTimeout(() => controller.abort(reason), 5)
  await assert.rejects(pause(60_000, controller.signal), reason)
})

test('a call that is still running elsewhere can be asked again', () => {
  assert.ok(mayPass(new DriveError({ code: 13000926, reason: 'IN_PROGRESS', status: 400, message: '' })))
  assert.ok(!mayPass(new TypeError('ours')))
})
