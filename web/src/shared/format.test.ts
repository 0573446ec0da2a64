import assert from 'node:assert/strict'
import { test } from 'node:test'
import { daysUntil, formatClock, formatMoment, formatShortMoment, formatSize } from './format.ts'

test('sizes have at most three digits and a unit', () => {
  const cases: [number, string][] = [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 KB'],
    [1536, '1.5 KB'],
    [1024 * 1024 - 1, '1 MB'],
    [123_456_789, '118 MB'],
    [5 * 1024 ** 3, '5 GB'],
    [3 * 1024 ** 6, '3,072 PB'],
  ]
  for (const [bytes, text] of cases) assert.equal(formatSize(bytes, 'en-US'), text)
})

test('a moment of today is a time, one of this year a day, an older one has its year', () => {
  const now = new Date(2026, 10, 21, 18)
  assert.match(formatShortMoment(new Date(2026, 10, 21, 9, 5).toISOString(), 'en-US', now), /09:05/)
  assert.equal(formatShortMoment(new Date(2026, 1, 3).toISOString(), 'en-US', now), 'Feb 3')
  assert.equal(formatShortMoment(new Date(2024, 1, 3).toISOString(), 'zh-CN', now), '2024年2月3日')
})

test('a full moment names its zone', () => {
  assert.match(formatMoment('2026-11-28T10:00:00.000Z', 'en-US'), /Nov 28, 2026.*(UTC|GMT|[A-Z]{2,4})/)
})

test('days until a moment are rounded up and never negative', () => {
  const now = Date.parse('2026-11-21T10:00:00.000Z')
  assert.equal(daysUntil('2026-11-28T10:00:00.000Z', now), 7)
  assert.equal(daysUntil('2026-11-21T10:00:01.000Z', now), 1)
  assert.equal(daysUntil('2026-11-20T10:00:00.000Z', now), 0)
})

test('waiting time is shown as a clock', () => {
  assert.equal(formatClock(65), '1:05')
  assert.equal(formatClock(9.4), '0:09')
})
