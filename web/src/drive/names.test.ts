import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nameProblem, stemLength, stepsOf } from './names.ts'

test('names of any script are allowed, forbidden characters and edges are not', () => {
  for (const name of ['报告 2026.pdf', 'تقرير.docx', '🎉', 'a'.repeat(250)]) assert.equal(nameProblem(name), null)
  const cases: [string, string][] = [
    ['a/b', 'badCharacter'],
    ['a\tb', 'badCharacter'],
    ['..', 'reserved'],
    [' a', 'badEdge'],
    ['a'.repeat(251), 'tooLong'],
  ]
  for (const [name, problem] of cases) assert.equal(nameProblem(name), problem)
})

test('the extension is left out of the part to change', () => {
  assert.equal(stemLength('report.pdf'), 6)
  assert.equal(stemLength('.env'), 4)
})

test('a path becomes steps without the root, with or without its name', () => {
  const expected = [
    { id: 'F1', name: 'Plans' },
    { id: 'F2', name: '2026' },
  ]
  assert.deepEqual(stepsOf({ fileIdPath: '/root1/F1/F2', namePath: '/My space/Plans/2026' }), expected)
  assert.deepEqual(stepsOf({ fileIdPath: 'root1/F1/F2', namePath: 'Plans/2026' }), expected)
})
