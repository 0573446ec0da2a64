import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isCode, linkWithCode, makeCode } from './code.ts'

test('codes are valid, different, and without look-alikes', () => {
  const codes = Array.from({ length: 500 }, makeCode)
  assert.ok(codes.every((code) => isCode(code) && code.length === 8 && !/[0O1lIo]/.test(code)))
  assert.equal(new Set(codes).size, 500)
})

test('the code travels in the fragment only', () => {
  const url = new URL(linkWithCode('https://drive.example.com/s/abc', 'MDg2K0vU'))
  assert.equal(url.hash, '#code=MDg2K0vU')
  assert.equal(url.pathname + url.search, '/s/abc')
})
