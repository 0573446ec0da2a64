import { type Drive, DriveError } from '@driveway/sdk'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startTestServer, testEngines, type TestPerson, type TestServer } from '../../testing/server.ts'

const comment = 'Für dich: "Q3" \\ 报告\n\u2028</script> {} – bis Freitag'

for (const engine of testEngines()) {
  describe(`the message of a share, on ${engine}`, () => {
    let server: TestServer
    let owner: TestPerson
    let guest: TestPerson
    let folderId = ''
    before(async () => {
      server = await startTestServer({ engine })
      owner = await server.person('owner')
      guest = await server.person('guest')
      const made = await owner.drive.createFolder({ fileName: 'Plans', fileType: '10', containerId: owner.space })
      folderId = made.id
    })
    after(() => server.close())

    const share = async (more: { comment?: string; extractCode?: string }): Promise<string> => {
      const input = { scope: 1 as const, fileIds: [folderId], containerId: owner.space, validDays: 7 }
      return (await owner.drive.createShare({ ...input, ...more })).shareLink.shortUrl
    }
    const doors = (): [
      string,
      Pick<Drive, 'getShareInfo' | 'visitShare' | 'verifyExtractCode' | 'listShareFiles'>,
    ][] => {
      const { anonymous } = server
      const open = {
        getShareInfo: anonymous.getShareInfoPublic,
        visitShare: anonymous.visitSharePublic,
        verifyExtractCode: anonymous.verifyExtractCodePublic,
        listShareFiles: anonymous.listShareFilesPublic,
      }
      return [
        ['signed in', guest.drive],
        ['a stranger', open],
      ]
    }
    const failureOf = async (call: Promise<unknown>): Promise<DriveError> => {
      const error = await call.then(
        () => assert.fail('it was allowed'),
        (reason: unknown) => reason,
      )
      assert.ok(error instanceof DriveError)
      return error
    }

    test('a visitor reads it with the files, and not a word of it before the code', async () => {
      const shortUrl = await share({ comment, extractCode: 'Kq7pW2xZ' })
      for (const [who, door] of doors()) {
        const before = [
          await door.getShareInfo({ shortUrl }),
          await failureOf(door.visitShare({ shortUrl })),
          await failureOf(door.listShareFiles({ shortUrl })),
          await failureOf(door.verifyExtractCode({ shortUrl, extractCode: 'wrong' })),
        ]
        assert.ok(!JSON.stringify(before).includes('Freitag'), who)
        const { kdstoken } = await door.verifyExtractCode({ shortUrl, extractCode: 'Kq7pW2xZ' })
        for (const parentFolder of [undefined, folderId]) {
          const place = parentFolder === undefined ? {} : { parentFolder }
          const { link } = await door.listShareFiles({ shortUrl, kdstoken, ...place })
          assert.equal(link.comment, comment, who)
        }
        assert.ok(!('comment' in (await door.getShareInfo({ shortUrl })).link), who)
      }
    })

    test('without a message the field is absent', async () => {
      for (const more of [{}, { comment: '' }]) {
        const { link } = await server.anonymous.listShareFilesPublic({ shortUrl: await share(more) })
        assert.ok(!('comment' in link))
      }
    })
  })
}
