import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { writeRequest } from './exchange.ts'
import { runLoad } from './load.ts'
import { runPaced } from './paced.ts'

let server: Server
let port = 0
const seen: string[] = []

before(async () => {
  server = createServer((request, response) => {
    seen.push(request.url ?? '')
    const body = JSON.stringify({ code: request.url === '/wrong' ? 13_000_907 : 0 })
    response.writeHead(request.url === '/wrong' ? 400 : 200, { 'content-length': body.length })
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})

after(() => server.close())

const get = (path: string) => writeRequest({ method: 'GET', path })

test('a load asks its requests in turn and counts the good answers', async () => {
  seen.length = 0
  const requests = [get('/a'), get('/b'), get('/c')]
  const result = await runLoad({
    port,
    connections: 1,
    requests,
    offset: 1,
    count: 4,
    expect: { status: 200, bytes: 10 },
  })
  assert.deepEqual(seen, ['/b', '/c', '/a', '/b'])
  assert.equal(result.count, 4)
  assert.equal(result.bad, 0)
  assert.equal(result.nextOffset, 2)
})

test('an answer of another status or length is bad, and the first is named', async () => {
  const job = { port, connections: 2, count: 6, requests: [get('/wrong')] }
  const byStatus = await runLoad({ ...job, expect: { status: 200 } })
  assert.equal(byStatus.bad, 6)
  assert.match(byStatus.firstBad, /HTTP 400 with 17 bytes/)
  const byLength = await runLoad({ ...job, expect: { status: 400, bytes: 3 } })
  assert.equal(byLength.bad, 6)
})

test('a load by time ends by itself', async () => {
  const result = await runLoad({ port, connections: 4, requests: [get('/a')], seconds: 0.1, expect: { status: 200 } })
  assert.ok(result.count > 0)
  assert.equal(result.bad, 0)
})

test('a paced load counts outcomes by status and code', async () => {
  const result = await runPaced({ port, perSecond: 200, seconds: 0.05, requests: [get('/a'), get('/wrong')] })
  assert.deepEqual(result.outcomes, { '200 0': 5, '400 13000907': 5 })
  assert.equal(result.failures, 0)
})
