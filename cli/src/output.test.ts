import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DriveError } from '@driveway/sdk'
import { describeFailure, exitCodeOf } from './failure.ts'
import { count, formatSize, plain } from './output.ts'
import { UserError } from './user-error.ts'

test('what a server says cannot drive the terminal', () => {
  assert.equal(plain('\u001b[2Jgone\r\nmore\u202e'), '[2Jgone more')
})

test('sizes and counts read well', () => {
  assert.deepEqual([0, 999, 1000, 1_550_000, 214_748_364_800].map(formatSize), [
    '0 B',
    '999 B',
    '1.0 kB',
    '1.6 MB',
    '215 GB',
  ])
  assert.deepEqual([count(1, 'file'), count(2, 'entry')], ['1 file', '2 entries'])
})

test('an error is one line that says what to do next', () => {
  const refused = (reason: string, more: Partial<DriveError> = {}) =>
    new DriveError({ code: 1, reason, status: 400, message: 'It was refused.', ...more })
  assert.match(describeFailure(refused('TOKEN_INVALID')), /refused\. Run: driveway login$/)
  assert.match(describeFailure(refused('TOO_MANY_ATTEMPTS', { data: { retryAfter: 8.2 } })), /Try again in 9 s\.$/)
  const details = [{ errorPos: 'body', errorParam: 'rows[0].role', reason: 'X', description: 'must be a string' }]
  assert.match(describeFailure(refused('PARAMETER_INVALID', { details })), /\(rows\[0\]\.role must be a string\)/)
  assert.equal(
    describeFailure(Object.assign(new Error('ENOENT: …'), { code: 'ENOENT', path: 'a\nb' })),
    'a b: there is no such file or folder',
  )
})

test('exit codes tell a wrong command line and an interrupt from a failure', () => {
  const errors = [new UserError('x', 2), new UserError('x', 130), new UserError('x'), new Error('x')]
  assert.deepEqual(errors.map(exitCodeOf), [2, 130, 1, 1])
})
