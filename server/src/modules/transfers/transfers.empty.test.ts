import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startTestServer, testEngines, type TestServer } from '../../testing/server.ts'

const emptySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

for (const engine of testEngines()) {
  describe(`empty files on ${engine}`, () => {
    let server: TestServer
    before(async () => {
      server = await startTestServer({ engine })
    })
    after(() => server.close())

    const begin = (fileName: string, parts: { partNumber: number; partSize: number }[], length = 0) =>
      server.admin.createFile({
        fileName,
        fileType: '45',
        parentFolder: ['root'],
        containerId: server.adminSpace,
        length,
        autoRename: 3,
        multiParts: parts,
      })
    const put = (url: string | undefined, body: string) => fetch(url ?? '', { method: 'PUT', body })

    test('a file without bytes is sent as one empty part and completed', async () => {
      const begun = await begin('empty-part.txt', [{ partNumber: 1, partSize: 0 }])
      assert.equal(begun.multiParts.length, 1)
      const url = begun.multiParts[0]?.uploadUrl
      assert.equal((await put(url, 'x')).status, 400, 'a byte where none was declared')
      assert.equal((await put(url, '')).status, 200)
      assert.equal((await put(url, '')).status, 200)
      assert.deepEqual(await readdir(join(server.dataFolder, 'blobs', 'staging')), [])
      const links = await server.admin.getUploadUrls({ fileId: begun.fileId, multiParts: begun.multiParts })
      assert.equal(links.multiParts[0]?.received, true)
      await server.admin.completeFile({ fileId: begun.fileId, sha256: emptySha256 })
      const { downloads } = await server.admin.downloadFiles({
        containerId: server.adminSpace,
        fileIds: [begun.fileId],
      })
      const answer = await fetch(downloads[0]?.url ?? '')
      assert.equal(answer.status, 200)
      assert.equal(answer.headers.get('content-length'), '0')
      assert.equal(answer.headers.get('etag'), `"${emptySha256}"`)
    })

    test('an empty part may be left out, declared without parts or sent without a length', async () => {
      const left = await begin('left-out.txt', [{ partNumber: 1, partSize: 0 }])
      await server.admin.completeFile({ fileId: left.fileId })
      const bare = await begin('bare.txt', [])
      assert.deepEqual(bare.multiParts, [])
      await server.admin.completeFile({ fileId: bare.fileId })
      const streamed = await begin('streamed.txt', [{ partNumber: 1, partSize: 0 }])
      const send = (body: ReadableStream) =>
        fetch(streamed.multiParts[0]?.uploadUrl ?? '', { method: 'PUT', body, duplex: 'half' })
      assert.equal((await send(new Blob(['more']).stream())).status, 400)
      assert.equal((await send(new Blob([]).stream())).status, 200)
      await server.admin.completeFile({ fileId: streamed.fileId })
    })

    test('a file that ends with an empty part is the bytes before it', async () => {
      const begun = await begin(
        'tail.txt',
        [
          { partNumber: 1, partSize: 3 },
          { partNumber: 2, partSize: 0 },
        ],
        3,
      )
      assert.equal((await put(begun.multiParts[1]?.uploadUrl, '')).status, 200)
      assert.equal((await put(begun.multiParts[0]?.uploadUrl, 'abc')).status, 200)
      await server.admin.completeFile({ fileId: begun.fileId })
      const file = await server.admin.getFile({ fileId: begun.fileId, containerId: server.adminSpace })
      assert.equal(file.size, 3)
    })

    test('a wrong SHA-256 of an empty file is refused', async () => {
      const begun = await begin('wrong.txt', [{ partNumber: 1, partSize: 0 }])
      await assert.rejects(server.admin.completeFile({ fileId: begun.fileId, sha256: 'a'.repeat(64) }), {
        reason: 'UPLOAD_INCOMPLETE',
      })
    })
  })
}
