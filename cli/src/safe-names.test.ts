import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve, win32 } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { createNamer, safeName } from './safe-names.ts'

test('an ordinary name stays as it is, in any script', () => {
  for (const name of ['Report (final).pdf', '.bashrc', '年度报告.docx', 'a b', '..a', 'Ünïcödé 🎉']) {
    assert.equal(safeName(name), name)
  }
})

test('a hostile name becomes one harmless component', () => {
  const cases = {
    '..': '__',
    '.': '_',
    '': '_',
    ' ': '_',
    '../../etc/passwd': '.._.._etc_passwd',
    '/etc/passwd': '_etc_passwd',
    'C:\\x': 'C__x',
    '..\\..\\x': '.._.._x',
    'a\u0000b': 'a_b',
    'a\u001b[31mb\n': 'a_[31mb_',
    'gpj.\u202eexe': 'gpj._exe',
    CON: '_CON',
    'nul.txt': '_nul.txt',
    'x...': 'x___',
    'a:stream': 'a_stream',
  }
  for (const [name, expected] of Object.entries(cases)) assert.equal(safeName(name), expected, JSON.stringify(name))
})

test('whatever the server calls a file, it lands in the folder it was meant for', () => {
  const target = resolve('/target')
  const names = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc
      .array(fc.constantFrom('..', '/', '\\', '.', ' ', '\u0000', 'C:', 'CON', '\ud800'), { maxLength: 6 })
      .map((all) => all.join('')),
  )
  fc.assert(
    fc.property(names, (name) => {
      const safe = safeName(name)
      assert.equal(dirname(join(target, safe)), target)
      assert.equal(basename(safe), safe)
      assert.equal(win32.basename(safe), safe)
      assert.ok(Buffer.byteLength(safe) <= 241)
    }),
  )
})

test('a name as long as the drive allows can be written to the disk, its suffix kept', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'driveway-names-'))
  const name = safeName(`${'报'.repeat(240)}.pdf`)
  assert.match(name, /\.pdf$/)
  await writeFile(join(folder, `${name}.part.json`), '')
  await rm(folder, { recursive: true })
})

test('entries that would meet on the disk get names of their own', () => {
  const nameFor = createNamer()
  assert.equal(nameFor('a/b.txt'), 'a_b.txt')
  assert.equal(nameFor('a_b.txt'), 'a_b (2).txt')
  assert.equal(nameFor('A_B.TXT'), 'A_B (3).TXT')
  assert.equal(nameFor('film'), 'film')
  assert.equal(nameFor('film.part'), 'film (2).part')
})
