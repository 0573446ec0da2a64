import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { findStale, generateDocs } from './docs.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

test('the generated pages are what the code says', () => {
  assert.deepEqual(findStale(generateDocs()), [])
})

test('a page that differs, or is missing, is found', () => {
  assert.deepEqual(findStale({ 'docs/openapi.json': '', 'docs/no-such-page.md': '' }), [
    'docs/openapi.json',
    'docs/no-such-page.md',
  ])
})

const pages = globSync('{*.md,docs/**/*.md}', { cwd: root })

for (const page of pages) {
  test(`every link of ${page} leads to a file and a heading`, () => {
    for (const [, target = ''] of readText(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue
      const [path = '', heading] = target.split('#')
      const file = path === '' ? page : join(dirname(page), path)
      assert.ok(existsSync(join(root, file)), `${page} links to ${target}`)
      if (heading) assert.ok(headings(file).includes(heading), `${page} links to ${target}`)
    }
  })
}

function readText(page: string): string {
  return readFileSync(join(root, page), 'utf8')
}

/** The anchors of a page, as GitHub makes them from its headings. */
function headings(page: string): string[] {
  const lines = [...readText(page).matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? '')
  return lines.map((line) =>
    line
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
