import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { sendFile } from './send-file.ts'

const content = randomBytes(5 * 1024 * 1024 + 123)

describe('files on their way to a reader', () => {
  let folder: string
  let server: Server
  let url: string
  const failures: unknown[] = []

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'driveway-send-'))
    await writeFile(join(folder, 'file'), content)
    server = createServer((request, response) => {
      const [start = 0, end = content.length - 1] = (request.url ?? '').slice(1).split('-').filter(Boolean).map(Number)
      response.writeHead(200, { 'content-length': Math.min(end, 1e9) - start + 1 })
      open(join(folder, 'file'))
        .then((file) => sendFile(file, { start, end }, response))
        .catch((error: unknown) => {
          failures.push(error)
          response.destroy()
        })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  })

  after(async () => {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true })
  })

  test('every range arrives as it is in the file, many at once too', async () => {
    const ranges = [
      [0, content.length - 1],
      [0, 0],
      [1024 * 1024 - 1, 1024 * 1024],
      [content.length - 1, content.length - 1],
      [7, 3_000_000],
    ]
    const jobs = Array.from({ length: 40 }, (_, index) => ranges[index % ranges.length] as [number, number])
    await Promise.all(
      jobs.map(async ([start, end]) => {
        const bytes = Buffer.from(await (await fetch(`${url}${start}-${end}`)).arrayBuffer())
        const hash = (part: Buffer) => createHash('sha256').update(part).digest('hex')
        assert.equal(hash(bytes), hash(content.subarray(start, end + 1)))
      }),
    )
    assert.deepEqual(failures, [])
  })

  test('a slow reader gets every byte', async () => {
    const [response] = (await once(get(url), 'response')) as [IncomingMessage]
    const hash = createHash('sha256')
    for await (const chunk of response) {
      hash.update(chunk as Buffer)
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.equal(hash.digest('hex'), createHash('sha256').update(content).digest('hex'))
  })

  test('a reader who goes away leaves no file open, and nobody else gets wrong bytes', async () => {
    const openFiles = async () => (await readdir('/proc/self/fd')).length
    const before = await openFiles()
    for (let round = 0; round < 20; round++) {
      const request = get(url)
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      response.destroy()
    }
    const bytes = Buffer.from(await (await fetch(url)).arrayBuffer())
    assert.ok(bytes.equals(content))
    while (failures.length < 1) await new Promise((resolve) => setImmediate(resolve))
    for (let wait = 0; wait < 1000 && (await openFiles()) > before + 10; wait++)
      await new Promise((resolve) => setImmediate(resolve))
    assert.ok((await openFiles()) <= before + 10)
    failures.length = 0
  })

  test('a file that ends early breaks the answer instead of ending it', async () => {
    await assert.rejects(async () => (await fetch(`${url}0-${content.length + 99}`)).arrayBuffer())
    assert.match(String(failures.at(-1)), /ends before its range/)
  })
})
