import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { signRequest } from '../sdk/src/index.ts'
import { findStale, generateDocs } from './docs.ts'
import { moduleOrder } from './import-rules.ts'

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

test('the architecture page gives the modules the order that is checked', () => {
  const page = readText('ARCHITECTURE.md').replaceAll('\n  ', ' ')
  assert.ok(page.includes(moduleOrder.join(' · ')), moduleOrder.join(' · '))
})

test('the signature worked out in the integration guide is right', async () => {
  const guide = readText('docs/guide/integration.md')
  const signed = await signRequest({
    appId: /AppId {5}(\w+)/.exec(guide)?.[1] ?? '',
    appSecret: /AppSecret (\w+)/.exec(guide)?.[1] ?? '',
    userId: '1505084218764547200',
    method: 'GET',
    url: 'https://drive.example.com/koodrive/ose/v1/share/visit?shortUrl=h2Rk0nGd8VbqT5yLw3XsMp',
    now: new Date('2026-11-21T10:00:00Z'),
  })
  for (const [name, value] of Object.entries(signed)) assert.ok(guide.includes(`${name}: ${value}\n`), name)
  const canonical = /\n(GET\n[^`]+)\n```/.exec(guide)?.[1] ?? ''
  assert.ok(guide.includes(hash(canonical).toString('hex')), 'the hash of the canonical request')
})

test('the proof of possession worked out in the integration guide is right', () => {
  const guide = readText('docs/guide/integration.md')
  const token = '6ebb6266dd5cdefa1d7126af2eb6173ce0a054d8ba4295be'
  const content = Buffer.from('driveway'.repeat(1000))
  const offset = Number(hash(token).readBigUInt64BE() % BigInt(content.length - 4096))
  const proof = hash(Buffer.concat([Buffer.from(token), content.subarray(offset, offset + 4096)])).toString('base64url')
  const preHash = hash(content.subarray(0, 1024)).toString('hex')
  for (const value of [hash(content).toString('hex'), preHash, ` = ${offset}\n`, proof]) {
    assert.ok(guide.includes(value), value)
  }
})

function hash(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest()
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
