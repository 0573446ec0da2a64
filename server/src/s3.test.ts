import { DeleteBucketCommand, ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { DriveError, uploadFile, type UploadState } from '@driveway/sdk'
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemContext } from './context.ts'
import { proofOffset } from './modules/transfers/transfers.proof.ts'
import { transferSweeps } from './modules/transfers/transfers.sweeps.ts'
import { testS3, type TestS3 } from './testing/radosgw.ts'
import { startTestServer, testEngines, type TestPerson, type TestServer } from './testing/server.ts'

const MiB = 1 << 20
const hour = 3_600_000
const sha256Of = (content: Uint8Array | string) => createHash('sha256').update(content).digest('hex')

let s3: TestS3
let client: S3Client
before(async () => {
  s3 = await testS3()
  const { endpoint, accessKeyId, secretAccessKey } = s3
  const credentials = { accessKeyId, secretAccessKey }
  client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials })
})
after(async () => {
  client?.destroy()
  await s3?.stop()
})

/** A bucket of its own and a server that keeps its contents there. */
async function startOnBucket(engine: (typeof engines)[number]) {
  const bucket = `drive-${randomBytes(6).toString('hex')}`
  await s3.createBucket(bucket)
  const env = {
    DRIVEWAY_BLOB_URL: `s3://${bucket}/acme?endpoint=${encodeURIComponent(s3.endpoint)}`,
    DRIVEWAY_S3_ACCESS_KEY_ID: s3.accessKeyId,
    DRIVEWAY_S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
  }
  return { server: await startTestServer({ engine, env }), bucket }
}

const engines = testEngines()

for (const engine of engines) {
  describe(`a drive on an S3 bucket and ${engine}`, () => {
    let server: TestServer
    let bucket: string
    let owner: TestPerson
    before(async () => {
      ;({ server, bucket } = await startOnBucket(engine))
      owner = await server.person('owner')
    })
    after(() => server?.close())

    const objects = async (): Promise<string[]> => {
      const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: bucket }))
      return (Contents ?? []).map(({ Key = '' }) => Key)
    }
    const openUploads = async (): Promise<string[]> => {
      const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
      return (Uploads ?? []).map(({ UploadId = '' }) => UploadId)
    }
    const sweep = async (): Promise<void> => {
      const { signal } = new AbortController()
      for (const work of transferSweeps) await work(systemContext(server.running.parts), signal)
    }
    const put = async (url: string | undefined, body: Uint8Array<ArrayBuffer>): Promise<number> => {
      const answer = await fetch(url ?? '', { method: 'PUT', body })
      await answer.arrayBuffer()
      return answer.status
    }
    const begin = (by: TestPerson, fileName: string, sizes: number[], more: { sha256?: string } = {}) =>
      by.drive.createFile({
        fileName,
        fileType: '45',
        parentFolder: ['root'],
        containerId: by.space,
        length: sizes.reduce((sum, size) => sum + size, 0),
        autoRename: 3,
        multiParts: sizes.map((partSize, index) => ({ partNumber: index + 1, partSize })),
        ...more,
      })
    const upload = (by: TestPerson, name: string, content: Uint8Array<ArrayBuffer>, parentFolder = 'root') =>
      uploadFile(by.drive, { source: new Blob([content]), name, containerId: by.space, parentFolder })
    const addressOf = async (by: TestPerson, fileId: string): Promise<string> => {
      const { downloads } = await by.drive.downloadFiles({ containerId: by.space, fileIds: [fileId] })
      return downloads[0]?.url ?? ''
    }
    const contentOf = async (by: TestPerson, fileId: string): Promise<Buffer> =>
      Buffer.from(await (await fetch(await addressOf(by, fileId))).arrayBuffer())
    const usedBy = async (by: TestPerson): Promise<number> =>
      Number((await by.drive.getSpace({ ownerId: by.id, type: 1 })).data.spaceUsed)

    test('the bytes of a file go to the bucket itself and come back from it', async () => {
      for (const size of [1, 5000, 12 * MiB + 7]) {
        const content = randomBytes(size)
        const hosts = new Set<string>()
        const fetching: typeof fetch = (input, init) => {
          if (init?.method === 'PUT') hosts.add(new URL(input instanceof Request ? input.url : input).origin)
          return fetch(input, init)
        }
        const drive = { ...owner.drive, fetch: fetching }
        const name = `${size} bytes.bin`
        const { fileId } = await uploadFile(drive, { source: new Blob([content]), name, containerId: owner.space })
        assert.deepEqual([...hosts], [new URL(s3.endpoint).origin])
        assert.equal(new URL(await addressOf(owner, fileId)).origin, new URL(s3.endpoint).origin)
        assert.ok((await contentOf(owner, fileId)).equals(content))
      }
      assert.deepEqual(await openUploads(), [])
    })

    test('parts reach the bucket in any order and at once, and addresses tell which of them it has', async () => {
      const content = randomBytes(10 * MiB + 3)
      const sizes = [5 * MiB, 5 * MiB, 3]
      const { fileId, multiParts } = await begin(owner, 'any order.bin', sizes, { sha256: sha256Of(content) })
      const bytesOf = (index: number) => {
        const { partOffset = 0, partSize = 0 } = multiParts[index] ?? {}
        return content.subarray(partOffset, partOffset + partSize)
      }
      assert.ok(multiParts.every((part) => !part.received))
      assert.deepEqual(await Promise.all([2, 1].map((at) => put(multiParts[at]?.uploadUrl, bytesOf(at)))), [200, 200])
      const links = await owner.drive.getUploadUrls({ fileId, multiParts })
      assert.deepEqual(
        links.multiParts.map((part) => part.received),
        [false, true, true],
      )
      await assert.rejects(owner.drive.completeFile({ fileId }), (error) => {
        assert.ok(error instanceof DriveError)
        assert.equal(error.reason, 'UPLOAD_INCOMPLETE')
        assert.deepEqual(error.data['missingParts'], [1])
        return true
      })
      assert.equal(await put(links.multiParts[0]?.uploadUrl, bytesOf(0).subarray(1)), 403, 'another length')
      assert.equal(await put(links.multiParts[0]?.uploadUrl, bytesOf(0)), 200)
      await owner.drive.completeFile({ fileId })
      await owner.drive.completeFile({ fileId })
      assert.ok((await contentOf(owner, fileId)).equals(content))
    })

    test('a broken upload goes on without sending again what the bucket has', async () => {
      const content = randomBytes(15 * MiB)
      const sent: number[] = []
      let state: UploadState | undefined
      const stop = new AbortController()
      const counting: typeof fetch = async (input, init) => {
        const answer = await fetch(input, init)
        if (init?.method === 'PUT' && answer.ok) sent.push(init.body instanceof Blob ? init.body.size : 0)
        if (sent.length === 1) stop.abort(new Error('the line broke'))
        return answer
      }
      const drive = { ...owner.drive, fetch: counting }
      const options = {
        source: new Blob([content]),
        name: 'resumed.bin',
        containerId: owner.space,
        onState: (now: UploadState) => (state = now),
      }
      await assert.rejects(uploadFile(drive, { ...options, signal: stop.signal }), /the line broke/)
      // a part that was on its way when the line broke may have arrived whole
      const before = await owner.drive.getUploadUrls({
        fileId: state?.fileId ?? '',
        multiParts: [1, 2, 3].map((partNumber) => ({ partNumber, partSize: 5 * MiB })),
      })
      const landed = before.multiParts.filter((part) => part.received).length
      assert.ok(landed >= 1)
      sent.length = 0
      const resume = state
      assert.ok(resume)
      const { fileId } = await uploadFile(drive, { ...options, resume })
      assert.ok(sent.length <= 3 - landed, `${sent.length} parts were sent again`)
      assert.ok((await contentOf(owner, fileId)).equals(content))
    })

    test('an empty file needs no upload in the bucket', async () => {
      const begun = await begin(owner, 'empty.txt', [0])
      assert.equal(new URL(begun.multiParts[0]?.uploadUrl ?? '').origin, server.url)
      assert.equal(await put(begun.multiParts[0]?.uploadUrl, new Uint8Array()), 200)
      assert.deepEqual(await openUploads(), [])
      await owner.drive.completeFile({ fileId: begun.fileId, sha256: sha256Of('') })
      assert.equal((await contentOf(owner, begun.fileId)).length, 0)
      const { fileId } = await upload(owner, 'empty by sdk.txt', new Uint8Array())
      assert.equal((await contentOf(owner, fileId)).length, 0)
    })

    test('content with another SHA-256 than declared is no file, and leaves nothing in the bucket', async () => {
      const used = await usedBy(owner)
      const kept = await objects()
      const begun = await begin(owner, 'wrong.bin', [1000], { sha256: 'a'.repeat(64) })
      assert.equal(await put(begun.multiParts[0]?.uploadUrl, randomBytes(1000)), 200)
      await assert.rejects(owner.drive.completeFile({ fileId: begun.fileId }), { reason: 'UPLOAD_INCOMPLETE' })
      await assert.rejects(owner.drive.completeFile({ fileId: begun.fileId }), { reason: 'UPLOAD_NOT_FOUND' })
      assert.equal(await usedBy(owner), used)
      assert.deepEqual((await objects()).toSorted(), kept.toSorted())
    })

    test('equal content is kept once, and known content is not sent again by who proves to have it', async () => {
      const content = randomBytes(20_000)
      const sha256 = sha256Of(content)
      await upload(owner, 'first.bin', content)
      await sweep()
      const kept = (await objects()).length
      await upload(owner, 'second.bin', content)
      await sweep()
      assert.equal((await objects()).length, kept)
      const offset = proofOffset(owner.token, content.length)
      const proof = createHash('sha256')
        .update(owner.token)
        .update(content.subarray(offset, offset + 4096))
      const answer = await owner.drive.createFile({
        fileName: 'third.bin',
        fileType: '45',
        parentFolder: ['root'],
        containerId: owner.space,
        length: content.length,
        autoRename: 3,
        sha256,
        preHash: sha256Of(content.subarray(0, 1024)),
        proofCode: proof.digest('base64url'),
      })
      assert.equal(answer.rapidUpload, true)
      assert.equal((await objects()).length, kept)
      assert.ok((await contentOf(owner, answer.fileId)).equals(content))
    })

    test('a repeated call gives the same upload in the bucket, also when both come at once', async () => {
      const kept = await openUploads()
      const idempotencyKey = randomBytes(8).toString('hex')
      const input = {
        fileName: 'once.bin',
        fileType: '45',
        parentFolder: ['root'],
        containerId: owner.space,
        length: 3,
        autoRename: 3,
      }
      const call = () => owner.drive.createFile(input, { idempotencyKey })
      const answers = (await Promise.allSettled([call(), call(), call()])).flatMap((outcome) =>
        outcome.status === 'fulfilled' ? [outcome.value] : [],
      )
      answers.push(await call())
      assert.equal(new Set(answers.map((answer) => answer.fileId)).size, 1)
      const uploadIds = answers.map((answer) =>
        new URL(answer.multiParts[0]?.uploadUrl ?? '').searchParams.get('uploadId'),
      )
      assert.equal(new Set(uploadIds).size, 1)
      assert.equal(await put(answers[0]?.multiParts[0]?.uploadUrl, Buffer.from('abc')), 200)
      assert.equal((await call()).multiParts[0]?.received, true)
      await owner.drive.completeFile({ fileId: answers[0]?.fileId ?? '' })
      server.advance(26 * hour)
      await sweep()
      server.advance(-26 * hour)
      assert.deepEqual(
        (await openUploads()).filter((one) => !kept.includes(one)),
        [],
        'what lost the race is aborted when its day is over',
      )
    })

    test('a link gives its files from the bucket, by range and under their names, as long as the gate agrees', async () => {
      const folder = await owner.drive.createFolder({
        fileName: 'Übergabe',
        fileType: '10',
        containerId: owner.space,
        parentFolder: ['root'],
        renameMode: 3,
      })
      const content = randomBytes(6 * MiB)
      const { fileId } = await upload(owner, 'draft.pdf', content, folder.id)
      const name = 'Bericht "Größe" 報告 €.pdf'.replaceAll('"', '')
      await owner.drive.renameFile({ fileId, containerId: owner.space, name, renameMode: 3 })
      const { shareLink } = await owner.drive.createShare({
        scope: 1,
        fileIds: [folder.id],
        containerId: owner.space,
        extractCode: 'Kq7pW2xZ',
        validDays: 7,
      })
      const { shortUrl, shareId } = shareLink
      const visitor = server.anonymous
      await assert.rejects(visitor.listShareFilesPublic({ shortUrl }), { reason: 'ACCESS_CODE_REQUIRED' })
      await assert.rejects(visitor.verifyExtractCodePublic({ shortUrl, extractCode: 'wrong' }), {
        reason: 'ACCESS_CODE_WRONG',
      })
      const { kdstoken } = await visitor.verifyExtractCodePublic({ shortUrl, extractCode: 'Kq7pW2xZ' })
      const listed = await visitor.listShareFilesPublic({ shortUrl, kdstoken, parentFolder: folder.id })
      assert.deepEqual(
        listed.files.map((file) => file.fileName),
        [name],
      )
      const ask = () => visitor.downloadShareFilePublic({ shareId, fileId, kdstoken })
      const { downloadUrl: url } = await ask()
      assert.equal(new URL(url).origin, new URL(s3.endpoint).origin)
      const whole = await fetch(url)
      assert.ok(Buffer.from(await whole.arrayBuffer()).equals(content))
      assert.equal(whole.headers.get('content-type'), 'application/pdf')
      const encoded = /^attachment; .*filename\*=UTF-8''([^;]+)/.exec(whole.headers.get('content-disposition') ?? '')
      assert.equal(decodeURIComponent(encoded?.[1] ?? ''), name)
      const range = await fetch(url, { headers: { range: 'bytes=100-199' } })
      assert.equal(range.status, 206)
      assert.ok(Buffer.from(await range.arrayBuffer()).equals(content.subarray(100, 200)))
      await owner.drive.createJob({
        taskType: 2,
        actionType: 201,
        dstContainerId: owner.space,
        taskInfo: { srcContainerId: owner.space, fileInfo: [{ fileId: folder.id }] },
      })
      await until(async () => {
        const outcome = await ask().catch((error: unknown) => (error as DriveError).reason)
        return outcome === 'SHARE_FILES_DELETED'
      })
    })

    test('what is deleted for good leaves the bucket with the next sweeps, and what is still wanted stays', async () => {
      const content = randomBytes(3000)
      const first = await upload(owner, 'twice.bin', content)
      const second = await upload(owner, 'twice too.bin', content)
      const only = await upload(owner, 'only.bin', randomBytes(3001))
      await sweep()
      const kept = await objects()
      const used = await usedBy(owner)
      const purge = async (...fileIds: string[]) => {
        await owner.drive.createJob({
          taskType: 2,
          actionType: 202,
          dstContainerId: owner.space,
          taskInfo: { srcContainerId: owner.space, fileInfo: fileIds.map((fileId) => ({ fileId })) },
        })
      }
      await purge(first.fileId, only.fileId)
      await until(async () => (await usedBy(owner)) === used - 6001)
      await sweep()
      assert.equal((await objects()).length, kept.length, 'an hour of grace')
      server.advance(2 * hour)
      await sweep()
      server.advance(-2 * hour)
      assert.equal((await objects()).length, kept.length - 1)
      assert.ok((await contentOf(owner, second.fileId)).equals(content))
    })

    test('an upload that was not finished within its day is aborted in the bucket', async () => {
      const used = await usedBy(owner)
      const begun = await begin(owner, 'given up.bin', [5 * MiB, 3])
      assert.equal(await put(begun.multiParts[1]?.uploadUrl, Buffer.from('abc')), 200)
      const foreign = await server.running.parts.blobs.beginUpload(randomBytes(16).toString('hex'), 100)
      assert.ok((await openUploads()).includes(foreign.ref))
      await sweep()
      assert.equal((await openUploads()).length, 2)
      server.advance(24 * hour + 1000)
      await sweep()
      assert.deepEqual(await openUploads(), [foreign.ref], 'one of another process, an hour of grace')
      server.advance(2 * hour)
      await sweep()
      server.advance(-26 * hour - 1000)
      assert.deepEqual(await openUploads(), [])
      assert.notEqual(await put(begun.multiParts[0]?.uploadUrl, randomBytes(5 * MiB)), 200)
      assert.equal(await usedBy(owner), used)
    })

    test('readiness says when the bucket is gone, and nothing pretends to have worked', async () => {
      const { server: own, bucket: gone } = await startOnBucket(engine)
      try {
        const ready = async () => {
          const answer = await fetch(`${own.url}/readyz`)
          return (await answer.json()) as { status: string; database: boolean; blobs: boolean }
        }
        assert.deepEqual(await ready(), { status: 'ok', database: true, blobs: true })
        await client.send(new DeleteBucketCommand({ Bucket: gone }))
        assert.deepEqual(await ready(), { status: 'unavailable', database: true, blobs: false })
        const input = {
          name: 'a.bin',
          containerId: own.adminSpace,
          retries: { attempts: 1, firstDelayMs: 1, longestDelayMs: 1 },
        }
        await assert.rejects(uploadFile(own.admin, { ...input, source: new Blob(['abc']) }))
        assert.equal((await fetch(`${own.url}/healthz`)).status, 200)
      } finally {
        await own.close()
      }
    })
  })
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!(await isTrue())) {
    assert.ok(Date.now() < deadline, 'it did not come to pass within 20 s')
    await sleep(50)
  }
}
