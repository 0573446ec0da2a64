import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextSort } from './listed-item.ts'
import { extendTo, keepOnly, noSelection, toggle, toggleAll } from './selection.ts'

const order = ['a', 'b', 'c', 'd']

test('a row is added and removed again', () => {
  const chosen = toggle(noSelection, 'b')
  assert.deepEqual([...chosen.ids], ['b'])
  assert.deepEqual([...toggle(chosen, 'b').ids], [])
})

test('a range reaches from the last chosen row, upwards too', () => {
  assert.deepEqual([...extendTo(toggle(noSelection, 'c'), 'a', order).ids].sort(), ['a', 'b', 'c'])
  assert.deepEqual([...extendTo(noSelection, 'd', order).ids], ['d'])
})

test('all are chosen, and none when all were', () => {
  const all = toggleAll(toggle(noSelection, 'a'), order)
  assert.equal(all.ids.size, 4)
  assert.equal(toggleAll(all, order).ids.size, 0)
})

test('rows that are gone leave the selection', () => {
  const all = toggleAll(noSelection, order)
  assert.deepEqual([...keepOnly(all, ['b', 'd']).ids], ['b', 'd'])
  assert.equal(keepOnly(all, order), all)
})

test('a click on the sorted column turns the order round', () => {
  assert.deepEqual(nextSort({ key: 'name', isDescending: false }, 'name'), { key: 'name', isDescending: true })
  assert.deepEqual(nextSort({ key: 'name', isDescending: false }, 'size'), { key: 'size', isDescending: true })
})
