import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileTypeOf } from './file-types.ts'

test('the kind of a file follows the extension of its name', () => {
  const kinds = {
    'a.JPG': '15',
    'clip.mp4': '20',
    'letter.docx': '26',
    'sheet.xlsx': '27',
    'talk.pptx': '28',
    'song.mp3': '30',
    'backup.tar.gz': '35',
    'setup.exe': '40',
    'report.pdf': '45',
    README: '45',
    '.zip': '45',
    'a.constructor': '45',
    'a.': '45',
  }
  for (const [name, kind] of Object.entries(kinds)) assert.equal(fileTypeOf(name), kind, name)
})
