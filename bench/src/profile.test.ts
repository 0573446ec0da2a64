import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Profile, summariseProfiles } from './profile.ts'

const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 9 })

const profile: Profile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2] },
    { id: 2, callFrame: frame('listShareFiles', 'server/src/a.ts'), children: [3] },
    { id: 3, callFrame: frame('all', 'node_modules/kysely/dist/x.js') },
  ],
  startTime: 1_000_000,
  samples: [2, 3, 3, 2],
  timeDeltas: [0, 1000, 2000, 1000],
}

test('only samples inside the windows count, for the function itself and for those that called it', () => {
  const summary = summariseProfiles([profile], [{ from: 1_000_500, to: 1_003_500 }])
  assert.equal(summary.milliseconds, 3)
  assert.deepEqual(summary.self, [['all kysely/dist/x.js:10', 3]])
  assert.deepEqual(summary.byFile, [['kysely', 3]])
  assert.deepEqual(summary.inclusive, [['listShareFiles server/src/a.ts:10', 3]])
})
