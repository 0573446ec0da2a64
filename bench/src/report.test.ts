import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cellsOf, formatNumber, writeMarkdown } from './report.ts'
import { isReached, type Row } from './rows.ts'

const row: Row = {
  workload: 'W2',
  name: 'unchanged, 8 connections',
  unit: '/s',
  ours: 10_500,
  limitName: 'buffer',
  limit: 20_000,
  ratio: { median: 0.525, low: 0.51, high: 0.55 },
  target: { sign: '≥', value: 0.5, of: 'ratio' },
}

test('a row reaches a target by its median ratio or by its own value', () => {
  assert.equal(isReached(row), true)
  assert.equal(isReached({ ...row, target: { sign: '≤', value: 0.5, of: 'ratio' } }), false)
  assert.equal(isReached({ ...row, ours: 120, target: { sign: '≤', value: 110, of: 'ours' } }), false)
  const { target: _target, ...without } = row
  assert.equal(isReached(without), undefined)
})

test('a row prints ours, the limit, the ratio with its spread and whether it is enough', () => {
  assert.deepEqual(cellsOf(row).slice(2, 5), ['10,500 /s', 'buffer 20,000', '0.53 (0.51–0.55)'])
  assert.deepEqual(cellsOf(row).slice(7), ['≥ 0.5', 'yes'])
})

test('numbers keep about three digits', () => {
  assert.deepEqual([12_345.6, 45.67, 0.5].map(formatNumber), ['12,346', '45.7', '0.50'])
})

test('a workload that failed is named in the report', () => {
  const machine = { cores: 2, processor: 'x', memoryGiB: 4, kernel: 'Linux', node: '24', sqlite: '3', tools: [] }
  const failures = [{ workload: 'W1', reason: 'HTTP 500' }]
  const facts = { startedAt: '2026-01-01', commit: 'abc', isShort: false, machine, load: [0.1, 2] }
  const text = writeMarkdown({ ...facts, rows: [row], failures })
  assert.match(text, /\*\*W1 failed:\*\* HTTP 500/)
})
