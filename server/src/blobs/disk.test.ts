import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { BlobIncompleteError, BlobMissingError } from './blob-store.ts'
import { bodyOf, cutParts, describeBlobStore, factsOf, newBlobKey, putBlob } from './blob-store.contract.ts'
import { openDiskBlobs } from './disk.ts'

const large = 3 << 20

describeBlobStore('contents on disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'blobs-'))
  const store = await openDiskBlobs(folder)
  return { store, cleanup: () => store.close().then(() => rm(folder, { recursive: true })) }
})

async function openHere(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'blobs-'))
  const store = await openDiskBlobs(folder)
  t.after(() => store.close().then(() => rm(folder, { recursive: true })))
  return { folder, store, staging: join(folder, 'staging') }
}

test('a symbolic link in place of a staged file is never followed', async (t) => {
  const { folder, store, staging } = await openHere(t)
  const victim = join(folder, 'victim')
  await writeFile(victim, 'untouched')
  for (const size of [5000, large]) {
    for (const ending of ['', '.parts', '.sealed', '.whole']) {
      const key = newBlobKey()
      await symlink(victim, join(staging, key + ending))
      const part = { number: 1, offset: 0, size }
      const attempt = async (): Promise<void> => {
        const upload = await store.beginUpload(key, size)
        await store.writePart(upload, part, bodyOf(randomBytes(size)))
        await store.finishUpload(upload, [part])
      }
      await attempt().catch(() => {})
      assert.equal(await readFile(victim, 'utf8'), 'untouched')
    }
    const key = newBlobKey()
    const upload = { key, ref: '', size }
    await symlink(victim, join(staging, size === large ? key : `${key}.whole`))
    await assert.rejects(store.finishUpload(upload, [{ number: 1, offset: 0, size }]))
    await assert.rejects(store.read(key), BlobMissingError)
  }
})

test('files and folders are for us alone', async (t) => {
  const { folder, store, staging } = await openHere(t)
  const keys = [await putBlob(store, randomBytes(100)), await putBlob(store, randomBytes(large))]
  const upload = await store.beginUpload(newBlobKey(), large)
  await store.writePart(upload, { number: 1, offset: 0, size: 100 }, bodyOf(randomBytes(100)))
  const files = [
    ...keys.map((key) => store.localPath(key)!),
    ...(await readdir(staging)).map((name) => join(staging, name)),
  ]
  assert.equal(files.length, 4)
  for (const file of files) assert.equal((await stat(file)).mode & 0o777, 0o600)
  const folders = [staging, join(folder, 'data'), join(folder, 'data', keys[0]!.slice(0, 2))]
  for (const path of folders) assert.equal((await stat(path)).mode & 0o777, 0o700)
})

test('nothing is left over once every upload is finished, refused or aborted', async (t) => {
  const { store, staging } = await openHere(t)
  for (const size of [0, 100, large]) await putBlob(store, randomBytes(size))
  for (const size of [100, large]) {
    const upload = await store.beginUpload(newBlobKey(), size)
    const part = { number: 1, offset: 0, size }
    await store.writePart(upload, part, bodyOf(randomBytes(size + 1))).catch(() => {})
    await store.abortUpload(upload)
    const wrong = await store.beginUpload(newBlobKey(), size)
    await store.writePart(wrong, part, bodyOf(randomBytes(size)))
    await store.finishUpload(wrong, [part], '0'.repeat(64)).catch(() => {})
  }
  assert.deepEqual(await readdir(staging), [])
})

test('an upload goes on after a restart with the parts that had landed', async (t) => {
  const { folder, store } = await openHere(t)
  for (const size of [5000, large]) {
    const content = randomBytes(size)
    const parts = cutParts(size, size === large ? 1 << 20 : size)
    const upload = await store.beginUpload(newBlobKey(), size)
    const send = (part: (typeof parts)[0]) => bodyOf(content.subarray(part.offset, part.offset + part.size))
    await store.writePart(upload, parts[0]!, send(parts[0]!))
    const next = await openDiskBlobs(folder)
    if (parts.length > 1) await assert.rejects(next.finishUpload(upload, parts), BlobIncompleteError)
    for (const part of parts.slice(1)) await next.writePart(upload, part, send(part))
    assert.deepEqual(await next.finishUpload(upload, parts), factsOf(content))
    await next.close()
  }
})

test('a part that another process replaced is hashed as it is now', async (t) => {
  const { folder, store } = await openHere(t)
  const other = await openDiskBlobs(folder)
  for (const size of [5000, 9 << 20]) {
    const content = randomBytes(size)
    const upload = await store.beginUpload(newBlobKey(), size)
    const part = { number: 1, offset: 0, size }
    await store.writePart(upload, part, bodyOf(randomBytes(size)))
    await other.writePart(upload, part, bodyOf(content))
    assert.deepEqual(await store.finishUpload(upload, [part]), factsOf(content))
  }
  await other.close()
})

test('who is still writing a part keeps the upload from being finished', async (t) => {
  const { folder, store, staging } = await openHere(t)
  const other = await openDiskBlobs(folder)
  const upload = await store.beginUpload(newBlobKey(), large)
  const part = { number: 1, offset: 0, size: large }
  await store.writePart(upload, part, bodyOf(randomBytes(large)))
  const slow = new Readable({ read() {} })
  const writing = other.writePart(upload, part, slow)
  writing.catch(() => {})
  const finish = async (): Promise<unknown> => store.finishUpload(upload, [part]).catch((error: unknown) => error)
  const isClaimed = async () => (await readFile(join(staging, `${upload.key}.parts`))).readUInt32LE(32 + 24) === 1
  while (!(await isClaimed())) await sleep(1)
  assert.ok((await finish()) instanceof BlobIncompleteError)
  const content = randomBytes(large)
  slow.push(content)
  slow.push(null)
  await writing
  assert.deepEqual(await finish(), factsOf(content))
  await other.close()
})

test('a stalled request does not hold up the same part sent again', async (t) => {
  const { store } = await openHere(t)
  const content = randomBytes(large)
  const upload = await store.beginUpload(newBlobKey(), large)
  const part = { number: 1, offset: 0, size: large }
  const stalled = new Readable({ read() {} })
  stalled.push(randomBytes(100_000))
  const first = store.writePart(upload, part, stalled)
  first.catch(() => {})
  await store.writePart(upload, part, bodyOf(content))
  await assert.rejects(first, /took over/)
  assert.deepEqual(await store.finishUpload(upload, [part]), factsOf(content))
})

test('a process killed at any moment leaves no content that was not finished', async (t) => {
  const { folder, store } = await openHere(t)
  const script = `
    import { openDiskBlobs } from ${JSON.stringify(new URL('./disk.ts', import.meta.url).href)}
    import { bodyOf, cutParts, newBlobKey } from ${JSON.stringify(new URL('./blob-store.contract.ts', import.meta.url).href)}
    const store = await openDiskBlobs(process.argv[1])
    for (;;) for (const size of [5000, ${large}]) {
      const content = Buffer.alloc(size, 7)
      const upload = await store.beginUpload(newBlobKey(), size)
      const parts = cutParts(size, 1 << 20)
      for (const part of parts) await store.writePart(upload, part, bodyOf(content.subarray(part.offset, part.offset + part.size)))
      await store.finishUpload(upload, parts)
      process.stdout.write(upload.key + ' ' + size + '\\n')
    }`
  const told: string[] = []
  for (let round = 0; round < 3; round += 1) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.split('\n').length > 10 + round * 7) child.kill('SIGKILL')
    })
    await once(child, 'close')
    told.push(...text.split('\n').slice(0, -1))
  }
  assert.ok(told.length > 30)
  for (const line of told) {
    const [key = '', size] = line.split(' ')
    assert.equal((await stat(store.localPath(key)!)).size, Number(size))
  }
  for (const name of await readdir(join(folder, 'data'), { recursive: true, withFileTypes: true })) {
    if (!name.isFile()) continue
    const bytes = await readFile(join(name.parentPath, name.name))
    assert.ok([5000, large].includes(bytes.length) && bytes.every((byte) => byte === 7))
  }
})

test('what a killed process left half-written is swept after a day', async (t) => {
  const { folder, staging } = await openHere(t)
  const [old, fresh] = [join(staging, 'a.new'), join(staging, 'b.new')]
  for (const path of [old, fresh]) await writeFile(path, 'half')
  await utimes(old, 0, 0)
  await (await openDiskBlobs(folder)).close()
  assert.deepEqual(await readdir(staging), ['b.new'])
})

test('a store whose folder is gone fails its check', async (t) => {
  const { folder, store, staging } = await openHere(t)
  await rm(staging, { recursive: true })
  await assert.rejects(store.check())
  await openDiskBlobs(folder)
  await store.check()
})
