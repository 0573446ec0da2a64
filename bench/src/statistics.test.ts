import assert from 'node:assert/strict'
import { test } from 'node:test'
import { median, percentile, ratioOfPairs, spread, summariseLatency } from './statistics.ts'

test('a median is the middle value, or the mean of the two middle ones', () => {
  assert.equal(median([3, 1, 2]), 2)
  assert.equal(median([10, 2, 9, 4]), 6.5)
  assert.throws(() => median([]))
})

test('a spread keeps the extremes', () => {
  assert.deepEqual(spread([0.4, 0.6, 0.5]), { median: 0.5, low: 0.4, high: 0.6 })
})

test('the ratio is taken pair by pair, so a slow second of the machine changes nothing', () => {
  const pairs = [
    { ours: 500, limit: 1000 },
    { ours: 50, limit: 100 },
    { ours: 550, limit: 1000 },
  ]
  const ratio = ratioOfPairs(pairs)
  assert.equal(ratio.median, 0.5)
  assert.equal(ratio.high, 0.55)
})

test('percentiles are values that were seen', () => {
  const sorted = Array.from({ length: 1000 }, (_, index) => index + 1)
  assert.equal(percentile(sorted, 0.5), 500)
  assert.equal(percentile(sorted, 0.99), 990)
  assert.equal(percentile(sorted, 1), 1000)
  assert.equal(percentile([], 0.5), 0)
})

test('latencies are summarised whatever their order', () => {
  assert.deepEqual(summariseLatency([3, 1, 2]), { p50: 2, p99: 3, p999: 3, max: 3 })
})
