import { DriveError, uploadFile } from '@driveway/sdk'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startTestServer, testEngines, type TestServer } from '../../testing/server.ts'

for (const engine of testEngines()) {
  describe(`names that are taken, on ${engine}`, () => {
    let server: TestServer
    before(async () => {
      server = await startTestServer({ engine })
    })
    after(() => server.close())

    const makeFolder = (fileName: string) =>
      server.admin.createFolder({ fileName, fileType: '10', containerId: server.adminSpace, renameMode: 3 })
    const send = (name: string) =>
      uploadFile(server.admin, { source: new Blob(['abc']), name, containerId: server.adminSpace, autoRename: 3 })
    const names = (conflictFileId: string) => (error: unknown) => {
      assert.ok(error instanceof DriveError)
      assert.equal(error.reason, 'DUPLICATE_NAME')
      assert.deepEqual(error.data, { conflictFileId })
      return true
    }

    test('who makes a folder under a taken name is told what has the name', async () => {
      const first = await makeFolder('Plans')
      await assert.rejects(makeFolder('plans'), names(first.id))
      const file = await send('notes.txt')
      await assert.rejects(makeFolder('NOTES.txt'), names(file.fileId))
    })

    test('who uploads or renames to a taken name is told what has the name', async () => {
      const folder = await makeFolder('Taken')
      await assert.rejects(send('taken'), names(folder.id))
      const { fileId } = await send('other.txt')
      const rename = { fileId, containerId: server.adminSpace, name: 'TAKEN', renameMode: 3 } as const
      await assert.rejects(server.admin.renameFile(rename), names(folder.id))
    })

    test('an upload whose name was taken before it was completed is told by what', async () => {
      const begun = await server.admin.createFile({
        fileName: 'late.txt',
        fileType: '45',
        parentFolder: ['root'],
        containerId: server.adminSpace,
        length: 3,
        autoRename: 3,
      })
      const url = begun.multiParts[0]?.uploadUrl ?? ''
      assert.equal((await fetch(url, { method: 'PUT', body: 'abc' })).status, 200)
      const folder = await makeFolder('Late.txt')
      await assert.rejects(server.admin.completeFile({ fileId: begun.fileId }), names(folder.id))
      const { fileName } = await server.admin.renameFile({
        fileId: folder.id,
        containerId: server.adminSpace,
        name: 'Early',
        renameMode: 3,
      })
      assert.equal(fileName, 'Early')
      assert.equal((await server.admin.completeFile({ fileId: begun.fileId })).fileName, 'late.txt')
    })

    test('of two who make one folder at once, the one who fails is told which it is', async () => {
      for (let round = 0; round < 5; round++) {
        const outcomes = await Promise.allSettled([makeFolder(`Race ${round}`), makeFolder(`Race ${round}`)])
        const winner = outcomes.find((outcome) => outcome.status === 'fulfilled')
        const loser = outcomes.find((outcome) => outcome.status === 'rejected')
        names(winner?.value.id ?? '')(loser?.reason)
      }
    })
  })
}
