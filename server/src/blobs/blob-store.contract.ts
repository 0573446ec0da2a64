import fc from 'fast-check'
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { BlobIncompleteError, BlobLengthError, BlobMismatchError, BlobMissingError } from './blob-store.ts'
import type { BlobFacts, BlobStore, StagedUpload, UploadPart } from './blob-store.ts'

/** A store to try, and how to get rid of it. */
export interface OpenedBlobStore {
  store: BlobStore
  cleanup(): Promise<void>
}

/** The smallest part that every object store takes when another one follows. */
const partBytes = 5 << 20
const chunkBytes = 64 << 10

/** A key that nobody used before. */
export function newBlobKey(): string {
  return randomBytes(16).toString('hex')
}

/** A body that gives `content` in pieces of 64 KiB. */
export function bodyOf(content: Uint8Array): Readable {
  return Readable.from(piecesOf(content), { objectMode: false })
}

/** The facts of `content`. */
export function factsOf(content: Uint8Array): BlobFacts {
  return { size: content.length, sha256: createHash('sha256').update(content).digest('hex'), crc32: crc32(content) }
}

/** The parts of `size` bytes, `each` long but for the last. */
export function cutParts(size: number, each: number): UploadPart[] {
  return Array.from({ length: Math.ceil(size / each) }, (_, i) => {
    return { number: i + 1, offset: i * each, size: Math.min(each, size - i * each) }
  })
}

/** Puts `content` into the store in one part and answers its key. */
export async function putBlob(store: BlobStore, content: Uint8Array): Promise<string> {
  const upload = await store.beginUpload(newBlobKey(), content.length)
  const parts = cutParts(content.length, Math.max(1, content.length))
  for (const part of parts) await store.writePart(upload, part, bodyOf(content))
  await store.finishUpload(upload, parts)
  return upload.key
}

function* piecesOf(content: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < content.length; at += chunkBytes) yield content.subarray(at, at + chunkBytes)
}

async function* breakingOff(content: Uint8Array, error: Error): AsyncGenerator<Uint8Array> {
  yield* piecesOf(content)
  await sleep(10)
  throw error
}

function sliceOf(content: Uint8Array, part: UploadPart): Uint8Array {
  return content.subarray(part.offset, part.offset + part.size)
}

async function peakGrowth(work: () => Promise<unknown>): Promise<number> {
  const start = process.memoryUsage.rss()
  let peak = start
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 10)
  await work()
  clearInterval(timer)
  return peak - start
}

/** Runs the whole specification of BlobStore on the store that `open` opens. */
export function describeBlobStore(name: string, open: () => Promise<OpenedBlobStore>): void {
  describe(name, () => {
    let opened: OpenedBlobStore
    let store: BlobStore
    before(async () => {
      opened = await open()
      store = opened.store
    })
    after(() => opened?.cleanup())

    const readAll = async (key: string): Promise<Buffer> => buffer(await store.read(key))
    const begin = (size: number): Promise<StagedUpload> => store.beginUpload(newBlobKey(), size)

    test('a key that is not 32 lower-case hex characters is refused by every call', async () => {
      const calls = (key: string): (() => unknown)[] => {
        const upload = { key, ref: '', size: 1 }
        const part = { number: 1, offset: 0, size: 1 }
        const as = { fileName: 'a', mimeType: 'text/plain', isInline: false }
        return [
          () => store.beginUpload(key, 1),
          () => store.signPart(upload, part, 60),
          () => store.writePart(upload, part, bodyOf(Buffer.from('a'))),
          () => store.landedParts(upload),
          () => store.finishUpload(upload, [part]),
          () => store.abortUpload(upload),
          () => store.read(key),
          () => store.signRead(key, as, 60),
          async () => store.localPath(key),
          () => store.remove(key),
        ]
      }
      const valid = newBlobKey()
      const hostile = ['', '.', '..', '../../etc/passwd', `/${valid}`, `${valid}/..`, `${valid}\n`, `${valid}\0`]
      hostile.push(valid.toUpperCase().replace(/^./, 'A'), valid.slice(1), `${valid}0`, `..%2f${valid.slice(5)}`)
      for (const key of hostile) for (const call of calls(key)) await assert.rejects(async () => call(), TypeError)
      const anyText = fc.string({ unit: 'binary', maxLength: 40 })
      const isRefused = async (key: string): Promise<void> => assert.rejects(store.read(key), TypeError)
      await fc.assert(
        fc.asyncProperty(
          anyText.filter((text) => !/^[0-9a-f]{32}$/.test(text)),
          isRefused,
        ),
        { numRuns: 50 },
      )
    })

    test('content of one part comes back as it was sent, with its length, SHA-256 and CRC-32', async () => {
      for (const size of [1, 4096, (1 << 20) - 1, 1 << 20, (1 << 20) + 1]) {
        const content = randomBytes(size)
        const upload = await begin(size)
        const part = { number: 1, offset: 0, size }
        await store.writePart(upload, part, bodyOf(content))
        const facts = factsOf(content)
        assert.deepEqual(await store.finishUpload(upload, [part], facts.sha256), facts)
        assert.deepEqual(await readAll(upload.key), content)
      }
    })

    test('an empty file is content like any other', async () => {
      const upload = await begin(0)
      const facts = factsOf(Buffer.alloc(0))
      assert.deepEqual(await store.finishUpload(upload, [], facts.sha256), facts)
      assert.deepEqual(await store.finishUpload(upload, []), facts)
      assert.equal((await readAll(upload.key)).length, 0)
      await assert.rejects(store.read(upload.key, { start: 0, end: 0 }), RangeError)
    })

    test('a range gives its first and its last byte and ends where the content ends', async () => {
      for (const size of [1000, 200_000]) {
        const content = randomBytes(size)
        const key = await putBlob(store, content)
        const last = size - 1
        for (const [start, end] of [
          [0, 0],
          [0, last],
          [last, last],
          [10, 20],
          [1, last - 1],
          [5, size + 5],
        ] as const) {
          const bytes = await buffer(await store.read(key, { start, end }))
          assert.ok(bytes.equals(content.subarray(start, end + 1)), `${start}-${end} of ${size}`)
        }
        for (const [start, end] of [
          [size, size],
          [size + 5, size + 9],
          [2, 1],
          [-1, 3],
          [0.5, 3],
        ] as const) {
          await assert.rejects(store.read(key, { start, end }), RangeError)
        }
      }
    })

    test('nothing can be read before the upload is finished', async () => {
      for (const size of [100, 2 << 20]) {
        const upload = await begin(size)
        await assert.rejects(store.read(upload.key), BlobMissingError)
        const part = { number: 1, offset: 0, size }
        await store.writePart(upload, part, bodyOf(randomBytes(size)))
        await assert.rejects(store.read(upload.key), BlobMissingError)
        await store.abortUpload(upload)
      }
    })

    test('a part whose body breaks off is not written, and can be sent again', async () => {
      for (const size of [5000, 3 << 20]) {
        const content = randomBytes(size)
        const upload = await begin(size)
        const part = { number: 1, offset: 0, size }
        const broken = new Error('the client went away')
        const body = Readable.from(breakingOff(content.subarray(0, size / 2), broken), { objectMode: false })
        await assert.rejects(store.writePart(upload, part, body), broken)
        await assert.rejects(store.finishUpload(upload, [part]), BlobIncompleteError)
        await store.writePart(upload, part, bodyOf(content))
        assert.deepEqual(await store.finishUpload(upload, [part]), factsOf(content))
      }
    })

    test('a part of another length than declared is refused, and the upload stays usable', async () => {
      for (const size of [5000, 3 << 20]) {
        const content = randomBytes(size)
        const upload = await begin(size)
        const part = { number: 1, offset: 0, size }
        for (const wrong of [0, 1, size - 1, size + 1, 2 * size]) {
          await assert.rejects(
            store.writePart(upload, part, bodyOf(randomBytes(wrong))),
            BlobLengthError,
            `${wrong} of ${size}`,
          )
          await assert.rejects(store.finishUpload(upload, [part]), BlobIncompleteError)
        }
        await store.writePart(upload, part, bodyOf(content))
        assert.deepEqual(await store.finishUpload(upload, [part]), factsOf(content))
        assert.deepEqual(await readAll(upload.key), content)
      }
    })

    test('a part outside the upload is refused', async () => {
      const upload = await begin(100)
      const wrong = [
        [0, 0, 100],
        [1, 0, 101],
        [1, 1, 100],
        [1, -1, 100],
        [1, 0, 0],
        [10_001, 0, 100],
        [1.5, 0, 100],
      ] as const
      for (const [number, offset, size] of wrong) {
        await assert.rejects(store.writePart(upload, { number, offset, size }, bodyOf(randomBytes(1))), RangeError)
      }
      await store.abortUpload(upload)
    })

    test('parts may come in any order, in parallel and again', async () => {
      const content = randomBytes(3 * partBytes + 12_345)
      const parts = cutParts(content.length, partBytes)
      const upload = await store.beginUpload(newBlobKey(), content.length)
      const first = parts[0]!
      await store.writePart(upload, first, bodyOf(randomBytes(first.size)))
      const send = (part: UploadPart): Promise<void> => store.writePart(upload, part, bodyOf(sliceOf(content, part)))
      await Promise.all(parts.toReversed().map(send))
      await send(parts[2]!)
      const facts = factsOf(content)
      assert.deepEqual(await store.finishUpload(upload, parts.toReversed(), facts.sha256), facts)
      assert.ok((await readAll(upload.key)).equals(content))
    })

    test('a part that is sent again replaces what was sent before', async () => {
      for (const size of [4096, 9 << 20]) {
        const content = randomBytes(size)
        const upload = await begin(size)
        const part = { number: 1, offset: 0, size }
        await store.writePart(upload, part, bodyOf(randomBytes(size)))
        await store.writePart(upload, part, bodyOf(content))
        assert.deepEqual(await store.finishUpload(upload, [part]), factsOf(content))
        assert.ok((await readAll(upload.key)).equals(content))
      }
    })

    test('of two who write one part at the same time, one wins as a whole', async () => {
      for (const size of [4096, 6 << 20]) {
        const contents = [randomBytes(size), randomBytes(size)]
        const upload = await begin(size)
        const part = { number: 1, offset: 0, size }
        const outcomes = await Promise.allSettled(contents.map((it) => store.writePart(upload, part, bodyOf(it))))
        assert.ok(outcomes.some((outcome) => outcome.status === 'fulfilled'))
        const facts = await store.finishUpload(upload, [part])
        const winner = contents.find((content) => factsOf(content).sha256 === facts.sha256)
        assert.ok(winner?.equals(await readAll(upload.key)))
      }
    })

    test('many uploads at once do not disturb each other', async () => {
      const contents = Array.from({ length: 40 }, (_, i) => randomBytes(1 + i * 1000))
      const keys = await Promise.all(contents.map((content) => putBlob(store, content)))
      for (const [i, key] of keys.entries()) assert.ok((await readAll(key)).equals(contents[i]!))
    })

    test('an upload with a missing part cannot be finished, but can be completed', async () => {
      const content = randomBytes(partBytes + 100)
      const parts = cutParts(content.length, partBytes)
      const [first, last] = [parts[0]!, parts[1]!]
      const upload = await begin(content.length)
      await store.writePart(upload, first, bodyOf(sliceOf(content, first)))
      const overlapping = { ...last, offset: last.offset - 1, size: last.size + 1 }
      for (const wrong of [[], [first], [last], [first, overlapping], [first, first, last], parts]) {
        await assert.rejects(store.finishUpload(upload, wrong), BlobIncompleteError)
      }
      await store.writePart(upload, last, bodyOf(sliceOf(content, last)))
      assert.deepEqual(await store.finishUpload(upload, parts), factsOf(content))
    })

    test('content with another SHA-256 than declared is thrown away', async () => {
      for (const size of [4096, 2 << 20]) {
        const upload = await begin(size)
        const part = { number: 1, offset: 0, size }
        await store.writePart(upload, part, bodyOf(randomBytes(size)))
        await assert.rejects(store.finishUpload(upload, [part], '0'.repeat(64)), BlobMismatchError)
        await assert.rejects(store.read(upload.key), BlobMissingError)
        await assert.rejects(store.finishUpload(upload, [part]), BlobIncompleteError)
      }
    })

    test('finishing again gives the same answer, one after the other and at the same time', async () => {
      for (const size of [4096, 2 << 20]) {
        const content = randomBytes(size)
        const upload = await begin(size)
        const part = { number: 1, offset: 0, size }
        await store.writePart(upload, part, bodyOf(content))
        const facts = factsOf(content)
        const finish = (): Promise<BlobFacts> => store.finishUpload(upload, [part], facts.sha256)
        assert.deepEqual(await Promise.all([finish(), finish()]), [facts, facts])
        assert.deepEqual(await finish(), facts)
        assert.ok((await readAll(upload.key)).equals(content))
      }
    })

    test('beginning twice gives an upload that works', async () => {
      for (const size of [4096, 2 << 20]) {
        const first = await begin(size)
        const upload = await store.beginUpload(first.key, size)
        const content = randomBytes(size)
        const part = { number: 1, offset: 0, size }
        await store.writePart(upload, part, bodyOf(content))
        assert.deepEqual(await store.finishUpload(upload, [part]), factsOf(content))
      }
    })

    test('an upload that was thrown away takes no more parts and cannot be finished', async () => {
      for (const size of [4096, 2 << 20]) {
        const upload = await begin(size)
        const part = { number: 1, offset: 0, size }
        await store.writePart(upload, part, bodyOf(randomBytes(size)))
        await store.abortUpload(upload)
        await store.abortUpload(upload)
        await assert.rejects(store.writePart(upload, part, bodyOf(randomBytes(size))), BlobMissingError)
        await assert.rejects(store.finishUpload(upload, [part]), BlobIncompleteError)
        await assert.rejects(store.read(upload.key), BlobMissingError)
      }
    })

    test('finished content takes no more parts and survives an abort', async () => {
      for (const size of [4096, 2 << 20]) {
        const content = randomBytes(size)
        const upload = await begin(size)
        const part = { number: 1, offset: 0, size }
        await store.writePart(upload, part, bodyOf(content))
        await store.finishUpload(upload, [part])
        await assert.rejects(store.writePart(upload, part, bodyOf(randomBytes(size))), BlobMissingError)
        await store.abortUpload(upload)
        assert.ok((await readAll(upload.key)).equals(content))
      }
    })

    test('removed content is gone, and removing it again is no error', async () => {
      const key = await putBlob(store, randomBytes(5000))
      await store.remove(key)
      await store.remove(key)
      await assert.rejects(store.read(key), BlobMissingError)
    })

    test('a reader may stop early', async () => {
      const content = randomBytes(3 << 20)
      const key = await putBlob(store, content)
      for (let i = 0; i < 20; i += 1) {
        for await (const chunk of await store.read(key)) {
          assert.ok(content.subarray(0, chunk.length).equals(chunk))
          break
        }
      }
      assert.ok((await readAll(key)).equals(content))
    })

    test('a quarter of a gigabyte passes in constant memory', async () => {
      const size = 256 << 20
      const piece = randomBytes(chunkBytes)
      const hash = createHash('sha256')
      const generate = function* (): Generator<Uint8Array> {
        for (let sent = 0; sent < size; sent += chunkBytes) {
          hash.update(piece)
          yield Buffer.from(piece)
        }
      }
      const upload = await begin(size)
      const part = { number: 1, offset: 0, size }
      const growth = await peakGrowth(async () => {
        await store.writePart(upload, part, Readable.from(generate(), { objectMode: false }))
        const facts = await store.finishUpload(upload, [part])
        assert.equal(facts.sha256, hash.digest('hex'))
        let read = 0
        for await (const chunk of await store.read(upload.key)) read += chunk.length
        assert.equal(read, size)
      })
      assert.ok(growth < size * 0.6, `grew by ${growth >> 20} MiB`)
      await store.remove(upload.key)
    })

    test('a part sent to a signed address counts, when it has the declared length and comes in time', async () => {
      const content = randomBytes(5000)
      const upload = await begin(content.length)
      const part = { number: 1, offset: 0, size: content.length }
      const address = await store.signPart(upload, part, 60)
      if (address === undefined) return assert.equal(store.kind, 'disk')
      const put = async (to: string, body: Uint8Array<ArrayBuffer>): Promise<number> => {
        const answer = await fetch(to, { method: 'PUT', body })
        await answer.arrayBuffer()
        return answer.status
      }
      assert.equal(await put(address, content.subarray(1)), 403)
      assert.equal(await put(address, randomBytes(5001)), 403)
      await assert.rejects(store.finishUpload(upload, [part]), BlobIncompleteError)
      const short = (await store.signPart(upload, part, 1))!
      await sleep(2100)
      assert.equal(await put(short, content), 403)
      assert.equal(await put(address, content), 200)
      assert.deepEqual(await store.finishUpload(upload, [part]), factsOf(content))
      assert.ok((await readAll(upload.key)).equals(content))
    })

    test('a store that takes parts past this process tells which of them it has', async () => {
      const content = randomBytes(partBytes + 100)
      const parts = cutParts(content.length, partBytes)
      const upload = await begin(content.length)
      const landed = await store.landedParts(upload)
      if (landed === undefined) return assert.equal(store.kind, 'disk')
      assert.deepEqual(landed, new Map())
      await store.writePart(upload, parts[1]!, bodyOf(sliceOf(content, parts[1]!)))
      assert.deepEqual(await store.landedParts(upload), new Map([[2, 100]]))
      await store.writePart(upload, parts[0]!, bodyOf(sliceOf(content, parts[0]!)))
      assert.deepEqual(await store.landedParts(upload), new Map(parts.map(({ number, size }) => [number, size])))
      await store.finishUpload(upload, parts)
      assert.deepEqual(await store.landedParts(upload), new Map())
    })

    test('a sweep of old leftovers touches neither finished content nor uploads begun since', async () => {
      const key = await putBlob(store, Buffer.from('finished'))
      const upload = await begin(7)
      const part = { number: 1, offset: 0, size: 7 }
      await store.writePart(upload, part, bodyOf(Buffer.from('running')))
      await store.dropStale(new Date(Date.now() - 60_000))
      await store.finishUpload(upload, [part])
      await store.dropStale(new Date(Date.now() + 60_000))
      assert.equal((await readAll(key)).toString(), 'finished')
      assert.equal((await readAll(upload.key)).toString(), 'running')
    })

    test('a signed read address serves the content under its own name and type, for its time', async () => {
      const content = randomBytes(5000)
      const key = await putBlob(store, content)
      const as = { fileName: 'Bericht "Größe" 報告 €.pdf', mimeType: 'application/pdf', isInline: false }
      const address = await store.signRead(key, as, 60)
      if (address === undefined) return assert.equal(store.kind, 'disk')
      const answer = await fetch(address)
      assert.ok(Buffer.from(await answer.arrayBuffer()).equals(content))
      assert.equal(answer.headers.get('content-type'), 'application/pdf')
      const disposition = answer.headers.get('content-disposition') ?? ''
      assert.match(disposition, /^attachment; filename="/)
      const encoded = /filename\*=UTF-8''([^;]+)/.exec(disposition)?.[1] ?? ''
      assert.equal(decodeURIComponent(encoded), as.fileName)
      const range = await fetch(address, { headers: { range: 'bytes=10-19' } })
      assert.ok(Buffer.from(await range.arrayBuffer()).equals(content.subarray(10, 20)))
      const inline = await fetch((await store.signRead(key, { ...as, isInline: true }, 60))!)
      assert.match(inline.headers.get('content-disposition') ?? '', /^inline; /)
      await inline.arrayBuffer()
      const short = (await store.signRead(key, as, 1))!
      await sleep(2100)
      assert.equal((await fetch(short)).status, 403)
    })

    test('a file that a web server may send is the content itself', async () => {
      const content = randomBytes(5000)
      const key = await putBlob(store, content)
      const path = store.localPath(key)
      if (path === undefined) return assert.equal(store.kind, 's3')
      const { readFile } = await import('node:fs/promises')
      assert.ok((await readFile(path)).equals(content))
    })

    test('a working store passes its check', () => store.check())
  })
}
