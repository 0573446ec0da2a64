import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mostParts, partSizeFor, planParts, smallestPart, usualPart } from './parts.ts'

const MiB = 1024 ** 2
const longest = 214_748_364_800

test('parts cover every byte of any file once, in order, within the limits of the API', () => {
  const lengths = fc.oneof(fc.integer({ min: 0, max: 64 * MiB }), fc.integer({ min: 0, max: longest }))
  fc.assert(
    fc.property(lengths, (length) => {
      const partSize = partSizeFor(length)
      const parts = planParts(length, partSize)
      assert.ok(parts.length <= mostParts)
      assert.ok(partSize >= smallestPart && partSize % 64 === 0)
      let offset = 0
      for (const [index, part] of parts.entries()) {
        assert.equal(part.partNumber, index + 1)
        assert.equal(part.partOffset, offset)
        if (index < parts.length - 1) assert.equal(part.partSize, partSize)
        offset += part.partSize
      }
      assert.equal(offset, length)
    }),
    { numRuns: 200 },
  )
})

test('an empty file has no parts', () => {
  assert.deepEqual(planParts(0, partSizeFor(0)), [])
})

test('small files go in one part, middling ones in three, big ones in parts of 16 MiB or as large as 10,000 parts need', () => {
  assert.equal(planParts(5 * MiB, partSizeFor(5 * MiB)).length, 1)
  assert.equal(planParts(30 * MiB, partSizeFor(30 * MiB)).length, 3)
  assert.equal(partSizeFor(1024 * MiB), usualPart)
  assert.equal(partSizeFor(longest), 21 * MiB)
})
