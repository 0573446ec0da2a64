import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanCode, codeInFragment, shortUrlOf } from './door.ts'

test('the short code is the part after /s/', () => {
  assert.equal(shortUrlOf('/s/h2Rk0nGd8VbqT5yLw3XsMp'), 'h2Rk0nGd8VbqT5yLw3XsMp')
  assert.equal(shortUrlOf('/s/h2Rk/more'), 'h2Rk')
  assert.equal(shortUrlOf('/s/%'), '%')
  assert.equal(shortUrlOf('/'), '')
})

test('the access code is read from the fragment', () => {
  assert.equal(codeInFragment('#code=MDg2K0vU'), 'MDg2K0vU')
  assert.equal(codeInFragment('#'), '')
  assert.equal(codeInFragment('#other=1'), '')
})

test('a pasted message gives its code', () => {
  const cases: [string, string][] = [
    [' MDg2 K0vU\n', 'MDg2K0vU'],
    ['https://drive.example.com/s/h2Rk0nGd8VbqT5yLw3XsMp\nAccess code: MDg2K0vU', 'MDg2K0vU'],
    ['链接：https://drive.example.com/s/x 提取码：MDg2K0vU', 'MDg2K0vU'],
    ['code', 'code'],
    ['Code7abc', 'Code7abc'],
  ]
  for (const [pasted, code] of cases) assert.equal(cleanCode(pasted), code)
})
