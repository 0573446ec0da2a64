import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pages } from './pages.ts'

test('walking a list asks with each cursor once and ends at the page without one', async () => {
  const asked: (string | undefined)[] = []
  const answers = [
    { n: 1, nextCursor: 'b' },
    { n: 2, nextCursor: 'c' },
    { n: 3, nextCursor: '' },
  ]
  const seen: number[] = []
  for await (const page of pages((cursor) => {
    asked.push(cursor)
    return Promise.resolve(answers[asked.length - 1]!)
  })) {
    seen.push(page.n)
  }
  assert.deepEqual(seen, [1, 2, 3])
  assert.deepEqual(asked, [undefined, 'b', 'c'])
})
