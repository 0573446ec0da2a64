import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { downloadTo } from './download.ts'

const content = randomBytes(300_000)
const retries = { attempts: 4, firstDelayMs: 1, longestDelayMs: 2 }

/** Object storage over a line that can be cut: `answer` decides what happens to each request. */
async function startStorage(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
) {
  const ranges: (string | undefined)[] = []
  const server = createServer((request, response) => {
    ranges.push(request.headers.range)
    answer(request, response, ranges.length)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const folder = await mkdtemp(join(tmpdir(), 'driveway-download-'))
  t.after(async () => {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true })
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`
  return { url, ranges, folder, path: join(folder, 'file.bin') }
}

function serve(request: IncomingMessage, response: ServerResponse, options: { etag?: string; bytes?: Buffer } = {}) {
  const { etag = '"v1"', bytes = content } = options
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
  const isRest = from > 0 && request.headers['if-range'] === etag
  if (isRest && from >= bytes.length)
    return response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end()
  const rest = isRest ? bytes.subarray(from) : bytes
  const range = isRest ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}
  return response.writeHead(isRest ? 206 : 200, { etag, 'content-length': rest.length, ...range }).end(rest)
}

function serveAndCut(response: ServerResponse, bytes: number) {
  response.writeHead(200, { etag: '"v1"', 'content-length': content.length })
  response.write(content.subarray(0, bytes), () => setTimeout(() => response.destroy(), 20))
}

test('a download arrives whole under its own name, with its time, and leaves nothing else', async (t) => {
  const { url, path, folder } = await startStorage(t, (request, response) => void serve(request, response))
  const progress: number[] = []
  const editedTime = '2020-02-03T04:05:06.000Z'
  const sha256 = createHash('sha256').update(content).digest('hex')
  await downloadTo({ url, path, sha256, editedTime, onProgress: ({ received }) => progress.push(received) })
  assert.deepEqual(await readFile(path), content)
  assert.equal((await stat(path)).mtime.toISOString(), editedTime)
  assert.deepEqual(await readdir(folder), ['file.bin'])
  assert.equal(progress.at(-1), content.length)
})

test('a cut line is picked up where it broke', async (t) => {
  const { url, path, ranges } = await startStorage(t, (request, response, count) => {
    if (count === 1) serveAndCut(response, 100_000)
    else serve(request, response)
  })
  await downloadTo({ url, path, retries })
  assert.deepEqual(await readFile(path), content)
  assert.equal(ranges.length, 2)
  assert.match(ranges[1] ?? '', /^bytes=\d+-$/)
})

test('a later call goes on where an earlier one was aborted', async (t) => {
  const controller = new AbortController()
  const { url, path, folder, ranges } = await startStorage(t, (request, response, count) => {
    if (count > 1) return void serve(request, response)
    response.writeHead(200, { etag: '"v1"', 'content-length': content.length })
    response.write(content.subarray(0, 70_000))
  })
  const onProgress = ({ received }: { received: number }) => received >= 70_000 && controller.abort(new Error('stop'))
  await assert.rejects(downloadTo({ url, path, signal: controller.signal, onProgress }), /stop/)
  assert.deepEqual((await readdir(folder)).toSorted(), ['file.bin.part', 'file.bin.part.json'])
  await downloadTo({ url, path })
  assert.deepEqual(ranges, [undefined, 'bytes=70000-'])
  assert.deepEqual(await readFile(path), content)
  assert.deepEqual(await readdir(folder), ['file.bin'])
})

test('kept bytes of another content are thrown away', async (t) => {
  const other = randomBytes(200_000)
  const { url, path } = await startStorage(t, (request, response) => {
    serve(request, response, { etag: '"v2"', bytes: other })
  })
  await writeFile(`${path}.part`, content.subarray(0, 50_000))
  await writeFile(`${path}.part.json`, JSON.stringify({ etag: '"v1"' }))
  await downloadTo({ url, path })
  assert.deepEqual(await readFile(path), other)
})

test('bytes that were all there when the last call ended are not asked for again', async (t) => {
  const { url, path, ranges } = await startStorage(t, (request, response) => void serve(request, response))
  await writeFile(`${path}.part`, content)
  await writeFile(`${path}.part.json`, JSON.stringify({ etag: '"v1"' }))
  await downloadTo({ url, path, size: content.length })
  assert.deepEqual(await readFile(path), content)
  assert.deepEqual(ranges, [`bytes=${content.length}-`])
})

test('wrong bytes never get the name of the file', async (t) => {
  const { url, path, folder } = await startStorage(t, (request, response) => void serve(request, response))
  await assert.rejects(downloadTo({ url, path, sha256: '0'.repeat(64), retries }), { reason: 'CONTENT_WRONG' })
  await assert.rejects(downloadTo({ url, path, size: 7, retries }), { reason: 'CONTENT_WRONG' })
  assert.deepEqual(await readdir(folder), ['file.bin.part'])
})

test('a refused address is replaced by a new one when one can be had', async (t) => {
  const { url, path } = await startStorage(t, (request, response) => {
    if (request.url === '/x') response.writeHead(403, { 'content-type': 'application/xml' }).end('<Error/>')
    else serve(request, response)
  })
  await assert.rejects(downloadTo({ url, path, retries }), { reason: 'DOWNLOAD_LINK_DEAD' })
  let asked = 0
  await downloadTo({ url: () => Promise.resolve(asked++ === 0 ? url : `${url}/new`), path, retries })
  assert.deepEqual(await readFile(path), content)
})

test('a link planted in the place of the download is not followed', async (t) => {
  const { url, path, folder } = await startStorage(t, (request, response) => void serve(request, response))
  await writeFile(join(folder, 'victim'), 'precious')
  await symlink(join(folder, 'victim'), `${path}.part`)
  await assert.rejects(downloadTo({ url, path }), { code: 'ELOOP' })
  assert.equal(await readFile(join(folder, 'victim'), 'utf8'), 'precious')
})
