import { createDrive, type Drive, DriveError, uploadFile } from '@driveway/sdk'
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type ChildServer, startChildServer } from './testing/child-server.ts'
import { testPostgres, type TestPostgres } from './testing/postgres.ts'
import { testPassword } from './testing/server.ts'

const MiB = 1 << 20

let postgres: TestPostgres
let database: string
let dataFolder: string
let servers: ChildServer[]
let sql: pg.Client

const startOne = () =>
  startChildServer({
    dataFolder,
    env: { DRIVEWAY_DATABASE_URL: database, DRIVEWAY_SECRET_KEY: 'one key for both of the processes' },
  })

before(async () => {
  postgres = await testPostgres()
  database = await postgres.createDatabase()
  dataFolder = await mkdtemp(join(tmpdir(), 'driveway-two-'))
  // both at the same moment, on an empty database and an empty folder
  servers = await Promise.all([startOne(), startOne()])
  sql = new pg.Client({ connectionString: database })
  await sql.connect()
})
after(async () => {
  await Promise.all((servers ?? []).filter((server) => !server.hasEnded()).map((server) => server.stop()))
  await sql?.end()
  if (database !== undefined) await postgres.dropDatabase(database)
  await postgres?.stop()
  if (dataFolder !== undefined) await rm(dataFolder, { recursive: true, force: true })
})

/** One person at both processes, by one session. */
interface Pair {
  drives: [Drive, Drive]
  space: string
  id: string
}

async function signIn(account: string): Promise<Pair> {
  const urls = servers.map((server) => server.url)
  const { data } = await createDrive({ baseUrl: urls[0] ?? '' }).login({
    account,
    authType: '1',
    password: testPassword,
  })
  const token = data.sessionInfo.accessToken
  const drives = urls.map((baseUrl) => createDrive({ baseUrl, token })) as [Drive, Drive]
  const space = await drives[1].getSpace({ ownerId: data.userInfo.userId, type: 1 })
  return { drives, space: space.data.containerId, id: data.userInfo.userId }
}

async function person(account: string): Promise<Pair> {
  const admin = await signIn('admin')
  await admin.drives[0].createUser({ account, name: account, password: testPassword })
  return signIn(account)
}

const strangers = (): [Drive, Drive] => servers.map((server) => createDrive({ baseUrl: server.url })) as [Drive, Drive]

const folderIn = async (drive: Drive, containerId: string, fileName: string): Promise<string> =>
  (await drive.createFolder({ fileName, fileType: '10', containerId, renameMode: 3 })).id

async function contentOf(drive: Drive, containerId: string, fileId: string): Promise<Buffer> {
  const { downloads } = await drive.downloadFiles({ containerId, fileIds: [fileId] })
  const answer = await fetch(drive.resolveUrl(downloads[0]?.url ?? ''))
  assert.equal(answer.status, 200)
  return Buffer.from(await answer.arrayBuffer())
}

async function reasonOf(call: Promise<unknown>): Promise<DriveError> {
  const error = await call.then(
    () => assert.fail('it was allowed'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof DriveError)
  return error
}

async function countOf(query: string): Promise<number> {
  const { rows } = await sql.query<{ count: string }>(`select count(*) as count from ${query}`)
  return Number(rows[0]?.count)
}

async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!(await isTrue())) {
    assert.ok(Date.now() < deadline, `${what} did not come to pass within 20 s`)
    await sleep(50)
  }
}

test('two processes that start at the same moment make one enterprise with one administrator', async () => {
  assert.equal(await countOf('enterprise'), 1)
  assert.equal(await countOf('departments'), 1)
  assert.equal(await countOf("users where account = 'admin'"), 1)
  assert.equal(await countOf('spaces'), 1)
})

test('a session is good at both processes and ends at both', async () => {
  const [one, other] = strangers()
  const { data } = await one.login({ account: 'admin', authType: '1', password: testPassword })
  const { accessToken, refreshToken } = data.sessionInfo
  const at = (index: number, token: string) => createDrive({ baseUrl: servers[index]?.url ?? '', token })
  await at(1, accessToken).checkSession()
  const fresh = (await other.refreshToken({ refreshToken })).data.sessionInfo.accessToken
  await at(0, fresh).checkSession()
  assert.equal((await reasonOf(at(0, accessToken).checkSession())).reason, 'TOKEN_INVALID')
  await at(1, fresh).logoff()
  assert.equal((await reasonOf(at(0, fresh).checkSession())).reason, 'TOKEN_INVALID')
})

test('an upload takes its parts at both processes and is completed at either', async () => {
  const { drives, space } = await person('uploader')
  for (const [sizes, senders, finisher] of [
    [[5 * MiB, 5 * MiB, 3], [0, 1, 1], 1],
    [[5 * MiB, 5 * MiB, 3], [1, 0, 1], 0],
    [[1000], [0], 1],
    [[1000], [1], 0],
    [[0], [0], 1],
  ] as const) {
    const content = randomBytes(sizes.reduce((sum: number, size) => sum + size, 0))
    const { fileId, multiParts } = await drives[0].createFile({
      fileName: `${senders.join('')}-${finisher}-${content.length}.bin`,
      fileType: '45',
      parentFolder: ['root'],
      containerId: space,
      length: content.length,
      autoRename: 3,
      multiParts: sizes.map((partSize, index) => ({ partNumber: index + 1, partSize })),
    })
    const send = async (index: number): Promise<number> => {
      const { uploadUrl = '', partOffset = 0, partSize = 0 } = multiParts[index] ?? {}
      const url = drives[senders[index] ?? 0]?.resolveUrl(uploadUrl) ?? ''
      const body = content.subarray(partOffset, partOffset + partSize)
      return (await fetch(url, { method: 'PUT', body })).status
    }
    const statuses = await Promise.all(sizes.map((_, index) => send(index)))
    assert.deepEqual(new Set(statuses), new Set([200]))
    const links = await drives[1 - finisher]!.getUploadUrls({ fileId, multiParts })
    assert.ok(links.multiParts.every((part) => part.received))
    await Promise.all(drives.map((drive) => drive.completeFile({ fileId })))
    for (const drive of drives) assert.ok((await contentOf(drive, space, fileId)).equals(content))
  }
})

test('two uploads of equal content at both processes are two files', async () => {
  const { drives, space } = await person('twin')
  const content = randomBytes(50_000)
  const files = await Promise.all(
    [0, 1, 0, 1].map((at, index) =>
      uploadFile(drives[at]!, { source: new Blob([content]), name: `${index}.bin`, containerId: space }),
    ),
  )
  for (const { fileId } of files) assert.ok((await contentOf(drives[0], space, fileId)).equals(content))
  const { data } = await drives[1].getSpace({ ownerId: (await drives[1].checkSession()).data.userId, type: 1 })
  assert.equal(data.spaceUsed, 4 * content.length)
})

test('a link made at one process opens at the other at once, and shows every change at once', async () => {
  const { drives, space } = await person('sharer')
  const folder = await folderIn(drives[0], space, 'Shared')
  const { fileId } = await uploadFile(drives[0], {
    source: new Blob(['abc']),
    name: 'name 0.txt',
    containerId: space,
    parentFolder: folder,
  })
  const visitors = strangers()
  for (let round = 1; round <= 15; round++) {
    const [here, there] = round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)
    const { shareLink } = await drives[here].createShare({
      scope: 1,
      fileIds: [folder],
      containerId: space,
      extractCode: 'Kq7pW2xZ',
      validDays: 7,
    })
    const { shortUrl } = shareLink
    const { kdstoken } = await visitors[there].verifyExtractCodePublic({ shortUrl, extractCode: 'Kq7pW2xZ' })
    const list = async (at: 0 | 1): Promise<string[]> =>
      (await visitors[at].listShareFilesPublic({ shortUrl, kdstoken, parentFolder: folder })).files.map(
        (file) => file.fileName,
      )
    const before = await Promise.all([list(0), list(1)])
    assert.deepEqual(before[0], before[1])
    const name = `name ${round}.txt`
    await drives[here].renameFile({ fileId, containerId: space, name, renameMode: 3 })
    assert.deepEqual(await list(there), [name])
    assert.deepEqual(await list(here), [name])
    const { downloadUrl } = await visitors[here].downloadShareFilePublic({
      shareId: shareLink.shareId,
      fileId,
      kdstoken,
    })
    const answer = await fetch(visitors[there].resolveUrl(downloadUrl))
    assert.equal(await answer.text(), 'abc')
    assert.match(answer.headers.get('content-disposition') ?? '', new RegExp(name))
  }
})

test('wrong codes are counted together, also when they come at the same moment', async () => {
  const { drives, space } = await person('guarded')
  const folder = await folderIn(drives[0], space, 'Guarded')
  const share = async (): Promise<string> => {
    const input = { scope: 1 as const, fileIds: [folder], containerId: space, validDays: 7 }
    return (await drives[0].createShare({ ...input, extractCode: 'Kq7pW2xZ' })).shareLink.shortUrl
  }
  const visitors = strangers()
  const shortUrl = await share()
  const guess = (at: number, url: string) =>
    reasonOf(visitors[at]!.verifyExtractCodePublic({ shortUrl: url, extractCode: 'wrong' }))
  const left: unknown[] = []
  for (let index = 0; index < 5; index++) left.push((await guess(index % 2, shortUrl)).data['triesLeft'])
  assert.deepEqual(left, [4, 3, 2, 1, 0])
  for (const at of [0, 1]) assert.equal((await guess(at, shortUrl)).reason, 'TOO_MANY_ATTEMPTS')

  for (let round = 0; round < 4; round++) {
    const url = await share()
    await Promise.all([0, 1, 0, 1].map((at) => guess(at, url)))
    assert.equal((await guess(0, url)).data['triesLeft'], 0, 'the fifth of five')
  }
})

test('a job whose process is killed is carried out by the other one, once', async () => {
  const { drives, space, id } = await person('mover')
  const source = await folderIn(drives[0], space, 'Source')
  const target = await folderIn(drives[0], space, 'Target')
  const contents = [1000, 2000, 3000]
  for (const size of contents) {
    const content = { source: new Blob([randomBytes(size)]), name: `${size}.bin` }
    await uploadFile(drives[0], { ...content, containerId: space, parentFolder: source })
  }
  const [first, second] = servers as [ChildServer, ChildServer]
  // whoever copies waits here for the books of the space
  const lock = new pg.Client({ connectionString: database })
  await lock.connect()
  await lock.query('begin')
  await lock.query('select 1 from spaces where id = $1 for update', [space])
  // the other one sleeps, so that the job is surely with the one that dies
  process.kill(second.pid, 'SIGSTOP')
  const { data: jobId } = await drives[0].createJob({
    taskType: 1,
    actionType: 101,
    dstContainerId: space,
    taskInfo: { srcContainerId: space, fileInfo: [{ fileId: source }], newFilePath: target },
  })
  const jobOf = async () =>
    (await sql.query<{ status: number; lease_owner: string }>('select * from jobs where id = $1', [jobId])).rows[0]
  await until('the job runs', async () => (await jobOf())?.status === 1)
  const owner = (await jobOf())?.lease_owner
  await first.kill()
  process.kill(second.pid, 'SIGCONT')
  await lock.query('rollback')
  await lock.end()
  await sleep(3000)
  assert.equal((await jobOf())?.lease_owner, owner, 'a minute has not passed')
  await sql.query("update jobs set lease_until = '2000-01-01T00:00:00.000Z' where id = $1", [jobId])
  await until('the job ends', async () => (await jobOf())?.status === 2)
  assert.notEqual((await jobOf())?.lease_owner, owner)

  const [, drive] = drives
  const { data } = await drive.getJob({ job_id: jobId })
  assert.equal(data.jobInfo.taskResultCode, 1)
  const list = async (parentFileId: string) =>
    (await drive.listFiles({ type: 0, containerId: space, parentFileId })).files
  const copies = await list(target)
  assert.deepEqual(
    copies.map((copy) => copy.fileName),
    ['Source'],
  )
  const copied = await list(copies[0]?.id ?? '')
  assert.deepEqual(
    copied.map((file) => file.size ?? 0).toSorted((a, b) => a - b),
    contents,
  )
  const books = await drive.getSpace({ ownerId: id, type: 1 })
  assert.equal(books.data.spaceUsed, 2 * 6000)
})
