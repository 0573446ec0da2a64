import { get, type IncomingMessage } from 'node:http'
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import Fastify from 'fastify'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { mountPages } from './pages.ts'

const script = 'console.log("drive")\n'.repeat(100)
const folder = mkdtempSync(join(tmpdir(), 'driveway-pages-'))
const app = Fastify({ routerOptions: { ignoreTrailingSlash: true } })

before(async () => {
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<title>the drive</title>')
  writeFileSync(join(folder, 'share.html'), '<title>a link</title>')
  writeFileSync(join(folder, 'assets', 'index-abc.js'), script)
  writeFileSync(join(folder, 'assets', 'index-abc.js.br'), brotliCompressSync(script))
  writeFileSync(join(folder, 'assets', 'index-abc.js.gz'), gzipSync(script))
  writeFileSync(join(folder, 'assets', 'plain-abc.js'), '1')
  await mountPages(app, folder)
  await app.listen({ host: '127.0.0.1', port: 0 })
})
after(async () => {
  await app.close()
  await rm(folder, { recursive: true, force: true })
})

/** A GET whose body stays as it was sent. */
async function fetchRaw(path: string, encoding: string): Promise<IncomingMessage & { body: Buffer }> {
  const { port } = app.server.address() as AddressInfo
  const headers = encoding === '' ? {} : { 'accept-encoding': encoding }
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, headers, agent: false }, resolve).on('error', reject)
  })
  return Object.assign(answer, { body: await buffer(answer) })
}

const decoders: Record<string, (bytes: Buffer) => Buffer> = { br: brotliDecompressSync, gzip: gunzipSync }

test('scripts and pages come as small as the browser takes them', async () => {
  for (const [path, text, type] of [
    ['/assets/index-abc.js', script, 'application/javascript; charset=utf-8'],
    ['/', '<title>the drive</title>', 'text/html; charset=utf-8'],
    ['/s/a', '<title>a link</title>', 'text/html; charset=utf-8'],
  ] as const) {
    for (const [accepted, expected] of [
      ['gzip, deflate, br, zstd', 'br'],
      ['gzip, deflate', 'gzip'],
      ['', undefined],
    ] as const) {
      const answer = await fetchRaw(path, accepted)
      assert.equal(answer.statusCode, 200)
      assert.equal(answer.headers['content-encoding'], expected, `${path} for "${accepted}"`)
      assert.equal(answer.headers['content-type'], type)
      assert.match(answer.headers.vary ?? '', /accept-encoding/i)
      const body = expected === undefined ? answer.body : decoders[expected]!(answer.body)
      assert.equal(body.toString(), text)
    }
  }
})

test('a script that does not shrink comes as it is, and for good', async () => {
  const answer = await fetchRaw('/assets/plain-abc.js', 'gzip, br')
  assert.equal(answer.body.toString(), '1')
  assert.equal(answer.headers['content-encoding'], undefined)
  assert.match(answer.headers['cache-control'] ?? '', /max-age=31536000, immutable/)
})

test("the drive answers at the vendor's address too, whose fragment names the link", async () => {
  for (const path of ['/', '/cloudfile', '/cloudfile/', '/cloudfile/index.html', '/cloudfile/?lang=en']) {
    const answer = await fetchRaw(path, '')
    assert.equal(answer.statusCode, 200, path)
    assert.equal(answer.body.toString(), '<title>the drive</title>')
    assert.match(String(answer.headers['content-security-policy']), /default-src 'self'/)
    assert.equal(answer.headers['cache-control'], 'private, no-store')
  }
  assert.equal((await fetchRaw('/cloudfile/other', '')).statusCode, 404)
})

test('no path leads out of the assets', async () => {
  for (const path of ['/assets/../index.html', '/assets/..%2findex.html', '/assets/%2e%2e/index.html', '/assets/']) {
    assert.notEqual((await fetchRaw(path, '')).statusCode, 200, path)
  }
})
