import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { fastify } from 'fastify'
import { buildOpenApi } from './openapi.ts'
import { registerReferencePage } from './reference-page.ts'

const document = buildOpenApi({ publicUrl: 'https://drive.example.com' })
const app = fastify()
registerReferencePage(app, document)
after(() => app.close())

test('the document is served as it was built', async () => {
  const response = await app.inject('/openapi.json')
  assert.equal(response.statusCode, 200)
  assert.equal(response.headers['content-type'], 'application/json; charset=utf-8')
  assert.deepEqual(response.json(), document)
})

test('the page has no inline script and asks nobody but this server', async () => {
  const response = await app.inject('/docs')
  assert.equal(response.headers['content-type'], 'text/html; charset=utf-8')
  assert.doesNotMatch(response.body, /<script(?![^>]*\ssrc=)|\son\w+=|style=/)
  const addresses = [...response.body.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '')
  assert.ok(addresses.length >= 5)
  for (const address of addresses) {
    assert.match(address, /^\//)
    assert.equal((await app.inject(address)).statusCode, 200, address)
  }
  assert.match(String(response.headers['content-security-policy']), /^default-src 'self';/)
})

test('Swagger UI is told to call no validator', async () => {
  const { body } = await app.inject('/docs/start.js')
  assert.match(body, /validatorUrl: null/)
  assert.doesNotMatch(body, /https?:/)
})

test('what the browser has is not sent again', async () => {
  for (const path of ['/openapi.json', '/docs', '/docs/swagger-ui.css']) {
    const { etag = '' } = (await app.inject(path)).headers
    const again = await app.inject({ url: path, headers: { 'if-none-match': String(etag) } })
    assert.equal(again.statusCode, 304)
    assert.equal(again.body, '')
  }
})

test('nothing else below /docs is served', async () => {
  for (const name of [
    '',
    'package.json',
    'index.html',
    'swagger-ui-bundle.js.map',
    '../package.json',
    '%2e%2e/LICENSE',
  ]) {
    assert.equal((await app.inject(`/docs/${name}`)).statusCode, 404, name)
  }
})
