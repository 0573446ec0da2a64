import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestServer, testPassword, type TestServer } from '../../server/src/testing/server.ts'
import { createDrive, pages, uploadFile } from './index.ts'

let server: TestServer

before(async () => {
  server = await startTestServer()
})
after(() => server.close())

async function signIn() {
  const visitor = server.anonymous
  const { data } = await visitor.login({ account: 'admin', authType: '1', password: testPassword })
  const drive = createDrive({ baseUrl: server.url, token: data.sessionInfo.accessToken })
  const space = await drive.getSpace({ ownerId: data.userInfo.userId, type: 1 })
  return {
    drive,
    visitor,
    session: data.sessionInfo,
    userId: data.userInfo.userId,
    containerId: space.data.containerId,
  }
}

test('a wrong password is refused with its reason, in the language asked for', async () => {
  const drive = createDrive({ baseUrl: server.url, language: 'zh-CN' })
  await assert.rejects(drive.login({ account: 'nobody', authType: '1', password: 'wrong' }), {
    reason: 'CREDENTIAL_WRONG',
    status: 401,
    code: 13000920,
    message: '账号或密码错误。',
  })
})

test('a field that does not fit is named, and the call can be found in the log', async () => {
  const { drive } = await signIn()
  const input = { scope: 1, fileIds: [], containerId: 'x', validDays: 400 }
  await assert.rejects(drive.createShare(input), (error: unknown) => {
    const { reason, details, traceId } = error as {
      reason: string
      details: { errorPos: string; errorParam: string; reason: string }[]
      traceId?: string
    }
    assert.equal(reason, 'PARAMETER_INVALID')
    const named = details.map(({ errorPos, errorParam }) => `${errorPos} ${errorParam}`)
    assert.deepEqual(named.toSorted(), ['body fileIds', 'body validDays'])
    assert.match(traceId ?? '', /^[0-9A-Za-z_-]{58}$/)
    return true
  })
})

test('a token that ran out is renewed once and the call repeated', async () => {
  const { visitor, session } = await signIn()
  let token = 'f'.repeat(48)
  let renewals = 0
  const renew = async () => {
    renewals++
    const { data } = await visitor.refreshToken({ refreshToken: session.refreshToken })
    token = data.sessionInfo.accessToken
    return true
  }
  const drive = createDrive({ baseUrl: server.url, token: () => token, renew })
  assert.ok((await drive.checkSession()).data.userId)
  assert.equal(renewals, 1)
  const hopeless = createDrive({ baseUrl: server.url, token: 'f'.repeat(48), renew: () => Promise.resolve(false) })
  await assert.rejects(hopeless.checkSession(), { reason: 'TOKEN_INVALID', status: 401 })
})

test('an app signs its calls, the same one twice in a second too', async () => {
  const { drive, userId } = await signIn()
  const { data } = await drive.createApp({ name: 'Payroll' })
  const { appId, appSecret } = data
  const signed = createDrive({ baseUrl: server.url, app: { appId, appSecret, userId } })
  for (let call = 0; call < 3; call++) {
    assert.equal((await signed.getSpace({ ownerId: userId, type: 1 })).data.ownerId, userId)
  }
  const people = await signed.listPeople({ keyWord: "it's (a) ~test*", limit: 5, offset: 0 })
  assert.deepEqual(people.list, [])
  const forged = createDrive({ baseUrl: server.url, app: { appId, appSecret: 'f'.repeat(64), userId } })
  await assert.rejects(forged.listJobs({ offset: 0, limit: 10 }), { reason: 'SIGNATURE_INVALID', status: 401 })
  await drive.deleteApp({ appId })
  await assert.rejects(signed.listJobs({ offset: 0, limit: 10 }), { reason: 'SIGNATURE_INVALID' })
})

test('a repeated call with one key makes one link', async () => {
  const { drive, containerId } = await signIn()
  const { fileId } = await uploadFile(drive, { source: new Blob(['x']), name: 'keyed.txt', containerId })
  const input = { scope: 1, fileIds: [fileId], containerId, validDays: 1 }
  const options = { idempotencyKey: 'one-and-the-same' }
  const first = await drive.createShare(input, options)
  assert.deepEqual(await drive.createShare(input, options), first)
  await assert.rejects(drive.createShare({ ...input, validDays: 2 }, options), { reason: 'IDEMPOTENCY_CONFLICT' })
})

test('walking a folder page by page meets every entry once', async () => {
  const { drive, containerId } = await signIn()
  const folder = await drive.createFolder({ fileName: 'walked', fileType: '10', containerId })
  const names = Array.from({ length: 23 }, (_, n) => `entry ${n}`)
  for (const fileName of names) {
    await drive.createFolder({ fileName, fileType: '10', containerId, parentFolder: [folder.id] })
  }
  const seen: string[] = []
  const page = (pageCursor: string | undefined) =>
    drive.listFiles({
      type: 0,
      containerId,
      parentFileId: folder.id,
      pageInfo: { pageSize: 10, ...(pageCursor ? { pageCursor } : {}) },
      sortInfo: { sortType: 1, sortDirection: 1 },
    })
  for await (const { files } of pages(page)) seen.push(...files.map((file) => file.fileName))
  assert.deepEqual(seen, names)
})

test('a stranger opens a link with its code and gets the bytes', async () => {
  const { drive, visitor, containerId } = await signIn()
  const { fileId } = await uploadFile(drive, { source: new Blob(['for you']), name: 'gift.txt', containerId })
  const wish = { scope: 1, fileIds: [fileId], containerId, validDays: 1, extractCode: 'Open1234' }
  const { shortUrl, shareId } = (await drive.createShare(wish)).shareLink
  await assert.rejects(visitor.listShareFilesPublic({ shortUrl, pageSize: 100 }), { reason: 'ACCESS_CODE_REQUIRED' })
  await assert.rejects(visitor.verifyExtractCodePublic({ shortUrl, extractCode: 'wrong' }), {
    reason: 'ACCESS_CODE_WRONG',
  })
  const { kdstoken } = await visitor.verifyExtractCodePublic({ shortUrl, extractCode: 'Open1234' })
  const { files } = await visitor.listShareFilesPublic({ shortUrl, kdstoken, pageSize: 100 })
  assert.deepEqual(
    files.map((file) => file.fileName),
    ['gift.txt'],
  )
  const { downloadUrl } = await visitor.downloadShareFilePublic({ shareId, fileId, kdstoken })
  const answer = await fetch(visitor.resolveUrl(downloadUrl))
  assert.equal(await answer.text(), 'for you')
})
