import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readOptions, workloadNames } from './options.ts'

test('without names every workload runs', () => {
  const options = readOptions([])
  assert.deepEqual(options.workloads, [...workloadNames])
  assert.equal(options.pairs, 5)
  assert.equal(options.seconds, 3)
})

test('names pick workloads, in any case and order, once each', () => {
  assert.deepEqual(readOptions(['w4B', 'W2', 'w2']).workloads, ['W2', 'W4b'])
})

test('--short shortens, --install adds the installation', () => {
  const options = readOptions(['W8', '--short', '--install'])
  assert.deepEqual([options.pairs, options.seconds, options.withInstall], [3, 1, true])
})

test('an unknown workload is refused with the known ones', () => {
  assert.throws(() => readOptions(['W99']), /there is no workload W99; there are W1, W2/)
})
