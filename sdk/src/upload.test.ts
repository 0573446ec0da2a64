import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import { startTestServer, testPassword, type TestServer } from '../../server/src/testing/server.ts'
import { createDrive, type Drive, type DriveOptions, uploadFile, type UploadState } from './index.ts'
import { downloadTo, openFileSource } from './node.ts'
import { layLine } from './testing/line.ts'

const MiB = 1024 ** 2
const retries = { attempts: 8, firstDelayMs: 5, longestDelayMs: 50 }

let server: TestServer

before(async () => {
  server = await startTestServer()
})
after(() => server.close())

async function signIn(options: DriveOptions = {}): Promise<{ drive: Drive; containerId: string; token: string }> {
  const visitor = server.anonymous
  const { data } = await visitor.login({ account: 'admin', authType: '1', password: testPassword })
  const token = data.sessionInfo.accessToken
  const drive = createDrive({ baseUrl: server.url, token, ...options })
  const space = await drive.getSpace({ ownerId: data.userInfo.userId, type: 1 })
  return { drive, containerId: space.data.containerId, token }
}

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'driveway-upload-'))
  t.after(() => rm(folder, { recursive: true }))
  return folder
}

async function contentOf(t: TestContext, drive: Drive, containerId: string, fileId: string): Promise<Buffer> {
  const { downloads } = await drive.downloadFiles({ containerId, fileIds: [fileId] })
  const path = join(await folderFor(t), 'content')
  await downloadTo({ url: drive.resolveUrl(downloads[0]!.url), path })
  return readFile(path)
}

/** A fetch that counts the bytes of bodies sent by PUT. */
function countingFetch() {
  const puts: number[] = []
  const fetch: typeof globalThis.fetch = (input, init) => {
    if (init?.method === 'PUT') puts.push(init.body instanceof Blob ? init.body.size : (init.body as Uint8Array).length)
    return globalThis.fetch(input, init)
  }
  return { fetch, puts }
}

test('a file travels in parts and comes back byte by byte', async (t) => {
  const { fetch, puts } = countingFetch()
  const { drive, containerId } = await signIn({ fetch })
  const bytes = randomBytes(12 * MiB + 7)
  const progress: number[] = []
  const { fileId, fileName } = await uploadFile(drive, {
    source: new Blob([bytes]),
    name: 'parts.bin',
    containerId,
    onProgress: ({ sent, total }) => progress.push(sent / total),
  })
  assert.equal(fileName, 'parts.bin')
  assert.equal(puts.length, 3)
  assert.deepEqual([progress[0], progress.at(-1)], [0, 1])
  assert.ok((await contentOf(t, drive, containerId, fileId)).equals(bytes))
  const file = await drive.getFile({ fileId, containerId })
  assert.equal(file.size, bytes.length)
  assert.equal(file.sha256, createHash('sha256').update(bytes).digest('hex'))
})

test('an empty file is a file', async (t) => {
  const { drive, containerId } = await signIn()
  const { fileId } = await uploadFile(drive, { source: new Blob([]), name: 'empty.txt', containerId })
  assert.equal((await contentOf(t, drive, containerId, fileId)).length, 0)
})

test('a file of this machine keeps the time it was changed', async (t) => {
  const { drive, containerId } = await signIn()
  const path = join(await folderFor(t), 'note.txt')
  await writeFile(path, 'hello')
  const source = await openFileSource(path)
  t.after(() => source.close())
  const { fileId } = await uploadFile(drive, { source, name: 'note.txt', containerId })
  const file = await drive.getFile({ fileId, containerId })
  assert.equal(file.editedTime, source.editedTime)
  assert.equal(file.fileType, '45')
})

test('a file that changes while it is being sent is not sent half old, half new', async (t) => {
  const { drive, containerId } = await signIn()
  const path = join(await folderFor(t), 'log.txt')
  await writeFile(path, 'before')
  const source = await openFileSource(path)
  t.after(() => source.close())
  await writeFile(path, 'after it was opened')
  await assert.rejects(uploadFile(drive, { source, name: 'log.txt', containerId }), /was changed while/)
})

test('an aborted upload goes on later with the parts that are missing', async (t) => {
  const { fetch, puts } = countingFetch()
  const { drive, containerId } = await signIn({ fetch })
  const bytes = randomBytes(40 * MiB)
  const controller = new AbortController()
  const states: UploadState[] = []
  const reason = new Error('the lid was closed')
  const begun = uploadFile(drive, {
    source: new Blob([bytes]),
    name: 'resumed.bin',
    containerId,
    signal: controller.signal,
    onState: (state) => states.push(structuredClone(state)),
    onProgress: ({ sent }) => sent > 0 && controller.abort(reason),
  })
  await assert.rejects(begun, reason)
  assert.equal(states.length, 1)
  puts.length = 0
  const shown: number[] = []
  const { fileId } = await uploadFile(drive, {
    source: new Blob([bytes]),
    name: 'resumed.bin',
    containerId,
    resume: states[0]!,
    onProgress: ({ sent }) => shown.push(sent),
  })
  assert.equal(fileId, states[0]!.fileId)
  assert.ok(shown[0]! > 0, 'the bytes that are there count from the start')
  assert.equal(
    puts.reduce((sum, size) => sum + size, 0),
    bytes.length - shown[0]!,
  )
  assert.ok((await contentOf(t, drive, containerId, fileId)).equals(bytes))
})

test('an upload whose last answer was lost is not made twice', async () => {
  const { drive, containerId } = await signIn()
  let state: UploadState | undefined
  const options = {
    source: new Blob(['once']),
    name: 'once.txt',
    containerId,
    onState: (s: UploadState) => (state = s),
  }
  const first = await uploadFile(drive, options)
  const second = await uploadFile(drive, { ...options, resume: state! })
  assert.deepEqual(second, first)
})

test('the state of another file, or of an upload that is gone, starts a new upload', async (t) => {
  const { drive, containerId } = await signIn()
  const gone = { fileId: `F${'x'.repeat(32)}`, fileName: 'new.txt', partSize: 5 * MiB, length: 5 }
  const { fileId } = await uploadFile(drive, {
    source: new Blob(['fresh']),
    name: 'new.txt',
    containerId,
    resume: gone,
  })
  assert.notEqual(fileId, gone.fileId)
  assert.equal((await contentOf(t, drive, containerId, fileId)).toString(), 'fresh')
})

test('an upload over a line that breaks again and again arrives whole', async (t) => {
  const line = await layLine(t, server.url, { breakAfter: (n) => (n % 3 === 0 ? 2 * MiB : Infinity) })
  const { token, containerId } = await signIn()
  const drive = createDrive({ baseUrl: line.url, token })
  const bytes = randomBytes(33 * MiB)
  const cuts = setInterval(() => line.cut(), 40)
  const options = {
    source: new Blob([bytes]),
    name: 'broken-line.bin',
    containerId,
    retries: { ...retries, attempts: 60 },
  }
  const upload = uploadFile(drive, options)
  setTimeout(() => clearInterval(cuts), 600)
  const { fileId } = await upload
  clearInterval(cuts)
  assert.ok((await contentOf(t, drive, containerId, fileId)).equals(bytes))
})

test('a name that is taken is refused with the file in the way, or gets a time in its name', async () => {
  const { drive, containerId } = await signIn()
  const source = new Blob(['x'])
  const { fileId } = await uploadFile(drive, { source, name: 'taken.txt', containerId })
  await assert.rejects(uploadFile(drive, { source, name: 'TAKEN.txt', containerId, autoRename: 3 }), {
    reason: 'DUPLICATE_NAME',
    data: { conflictFileId: fileId },
  })
  const other = await uploadFile(drive, { source, name: 'taken.txt', containerId })
  assert.match(other.fileName, /^taken.+\.txt$/)
})

test('a refused name is a refusal at once, with its field', async () => {
  const { drive, containerId } = await signIn()
  await assert.rejects(uploadFile(drive, { source: new Blob(['x']), name: 'a/b', containerId }), (error: unknown) => {
    const { reason, details } = error as { reason: string; details: { errorParam: string }[] }
    assert.deepEqual([reason, details[0]?.errorParam], ['PARAMETER_INVALID', 'fileName'])
    return true
  })
})

test('a download that broke goes on where it stopped, from the real server', async (t) => {
  const { drive, containerId, token } = await signIn()
  const bytes = randomBytes(24 * MiB)
  const { fileId } = await uploadFile(drive, { source: new Blob([bytes]), name: 'down.bin', containerId })
  const line = await layLine(t, server.url)
  const far = createDrive({ baseUrl: line.url, token })
  const { downloads } = await far.downloadFiles({ containerId, fileIds: [fileId] })
  const path = join(await folderFor(t), 'down.bin')
  const ranges: string[] = []
  let cuts = 0
  await downloadTo({
    url: far.resolveUrl(downloads[0]!.url),
    path,
    size: bytes.length,
    retries,
    fetch: (input, init) => {
      ranges.push(new Headers(init?.headers).get('range') ?? 'whole')
      return fetch(input, init)
    },
    onProgress: ({ received }) => {
      if (received > (cuts + 1) * 5 * MiB && cuts < 3) {
        cuts++
        line.cut()
      }
    },
  })
  assert.ok((await readFile(path)).equals(bytes))
  assert.equal(ranges[0], 'whole')
  assert.ok(ranges.length > 1 && ranges.slice(1).every((range) => /^bytes=[1-9]/.test(range)), ranges.join())
})
