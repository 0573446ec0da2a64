import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partOf, planTests } from './test-plan.ts'

const allFiles = [
  'contract/src/shares.test.ts',
  'server/src/blobs/disk.test.ts',
  'server/src/blobs/s3.test.ts',
  'server/src/modules/files/files.test.ts',
  'server/src/modules/transfers/redirect.s3.test.ts',
  'server/src/testing/postgres.test.ts',
  'e2e/share.test.ts',
]

test('without words everything runs, on both engines, with all it needs', () => {
  const plan = planTests([], allFiles)
  assert.deepEqual(plan.files, allFiles.toSorted())
  assert.deepEqual(plan.engines, ['sqlite', 'postgres'])
  assert.deepEqual(plan.needs, ['browser', 's3', 'postgres', 'web'])
  assert.deepEqual(plan.omissions, [])
})

test('a part that is left out takes its files along and is named', () => {
  const plan = planTests(['--without', 's3,browser'], allFiles)
  assert.ok(!plan.files.some((file) => ['s3', 'browser'].includes(partOf(file) ?? '')))
  assert.deepEqual(plan.needs, ['postgres', 'web'])
  assert.deepEqual(plan.omissions, ['s3 (2 test files of its own)', 'browser (1 test file of its own)'])
})

test('an engine that is left out is neither started nor tested', () => {
  const plan = planTests(['--without=postgres'], allFiles)
  assert.deepEqual(plan.engines, ['sqlite'])
  assert.ok(!plan.needs.includes('postgres'))
  assert.ok(!plan.files.includes('server/src/testing/postgres.test.ts'))
})

test('a path, a piece of a path or a glob chooses files, and the run says that it was not all of them', () => {
  for (const word of ['./contract/src/shares.test.ts', 'contract', 'contract/**/*.test.ts']) {
    const plan = planTests([word], allFiles)
    assert.deepEqual(plan.files, ['contract/src/shares.test.ts'])
    assert.deepEqual(plan.needs, [])
    assert.deepEqual(plan.omissions, ['all but 1 of 7 test files'])
  }
})

test('options of node:test are passed on', () => {
  assert.deepEqual(planTests(['--test-name-pattern=link'], allFiles).nodeOptions, ['--test-name-pattern=link'])
})

test('a word that is not understood and a choice without files are refused', () => {
  assert.throws(() => planTests(['--without', 'tests'], allFiles), /"tests" cannot be left out: the parts are sqlite/)
  assert.throws(() => planTests(['--without'], allFiles), /cannot be left out/)
  assert.throws(() => planTests(['--fast'], allFiles), /unknown option --fast/)
  assert.throws(() => planTests(['nowhere'], allFiles), /no test file is left/)
})

test('a test file belongs to a part by its name', () => {
  assert.equal(partOf('server/src/blobs/s3-parts.test.ts'), 's3')
  assert.equal(partOf('server/src/testing/chromium.browser.test.ts'), 'browser')
  assert.equal(partOf('e2e/journeys/upload.test.ts'), 'browser')
  assert.equal(partOf('server/src/db/sqlite.test.ts'), 'sqlite')
  assert.equal(partOf('server/src/db/durability.postgres.test.ts'), 'postgres')
  assert.equal(partOf('server/src/app.test.ts'), undefined)
})
