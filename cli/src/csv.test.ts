import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeText, readCsv } from './csv.ts'

test('a table is read by its headings, with quotes, line breaks inside fields, and blank lines', () => {
  const text = '\ufeffAccount, Name,department\r\nada,"Lovelace, Ada",Sales/North\r\n\r\nbob,"Bob ""the\nbuilder""",\n'
  assert.deepEqual(readCsv(text), [
    { account: 'ada', name: 'Lovelace, Ada', department: 'Sales/North' },
    { account: 'bob', name: 'Bob "the\nbuilder"', department: '' },
  ])
})

test('semicolons and tabs separate when the header says so', () => {
  assert.deepEqual(readCsv('account;name\nada;Ada, Countess\n'), [{ account: 'ada', name: 'Ada, Countess' }])
  assert.deepEqual(readCsv('account\tname\nada\tAda'), [{ account: 'ada', name: 'Ada' }])
})

test('lines may end in any way, also in one file, and a row of nothing but separators is none', () => {
  assert.deepEqual(readCsv('\ufeff"account",name\r\nada,Ada\rbob,Bob\n,\n\ncy,"Cy\r\nTwo"'), [
    { account: 'ada', name: 'Ada' },
    { account: 'bob', name: 'Bob' },
    { account: 'cy', name: 'Cy\r\nTwo' },
  ])
  assert.deepEqual(readCsv('account,name,\nada,Ada,,more'), [{ account: 'ada', name: 'Ada', '': '' }])
  assert.throws(() => readCsv('account,name\nada,"Ada'), /Row 2 has a quotation mark/)
})

test('a header alone has no rows, a short row has empty fields, and a stray quote is refused with its row', () => {
  assert.deepEqual(readCsv('account,name'), [])
  assert.deepEqual(readCsv('account,name\nada'), [{ account: 'ada', name: '' }])
  assert.throws(() => readCsv('account,name\nada,a"b'), /Row 2 has a quotation mark/)
  assert.throws(() => readCsv(''), /empty/)
})

test('ten thousand rows are read in a blink', () => {
  const rows = readCsv(`account,name\n${'ada,"Ada, Countess"\n'.repeat(10_000)}`)
  assert.equal(rows.length, 10_000)
})

test('tables saved by spreadsheets in other encodings keep their Chinese names', () => {
  assert.equal(decodeText(new TextEncoder().encode('张三')), '张三')
  assert.equal(decodeText(Uint8Array.of(0xd5, 0xc5, 0xc8, 0xfd)), '张三')
  assert.equal(decodeText(Uint8Array.of(0xff, 0xfe, 0x20, 0x5f)), '张')
})
