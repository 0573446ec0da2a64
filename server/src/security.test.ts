import { createDrive, signRequest } from '@driveway/sdk'
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import pino from 'pino'
import { writeByteToken } from './byte-tokens.ts'
import { readConfig } from './config.ts'
import { newNodeId, newShortUrl, randomHex } from './ids.ts'
import { start } from './main.ts'
import { deriveKeys } from './secrets.ts'
import { digestOf, everythingKept, quiet } from './testing/digest.ts'
import { startTestServer, testEngines, testPassword, type TestServer } from './testing/server.ts'
import { outcomeOf, places, send, titleOf, type WireAnswer } from './testing/wire.ts'
import {
  accessCode,
  freshName,
  makeDepartment,
  makeFolder,
  makePerson,
  type Person,
  putFile,
  runJob,
  share,
  signIn,
} from './testing/world.ts'

const ose = '/koodrive/ose/v1'
const openShare = `${ose}/share/public`

/** Each test stands for a row of the list of advisories: what was open elsewhere is tried here. */
for (const engine of testEngines()) {
  describe(`what went wrong elsewhere, on ${engine}`, () => {
    let server: TestServer
    let owner: Person
    let stranger: Person
    before(async () => {
      server = await startTestServer({ engine })
      owner = await makePerson(server, 'owner')
      stranger = await makePerson(server, 'stranger')
    })
    after(() => server.close())

    const post = (path: string, body: Record<string, unknown>, headers: Record<string, string> = {}) =>
      send(server.url, { method: 'POST', path, headers, body: JSON.stringify(body) })
    const get = (path: string, headers: Record<string, string> = {}) =>
      send(server.url, { method: 'GET', path, headers })
    const as = (person: Person) => ({ authorization: `Bearer ${person.token}` })

    /** A folder with a file and a folder in it, beside a private file, and a link of everybody's to the folder. */
    const shared = async (more: Parameters<typeof share>[2] = {}, person = owner) => {
      const outside = await makeFolder(person, freshName('outside '))
      const folder = await makeFolder(person, freshName('folder '), outside)
      const file = await putFile(person, 'inside.txt', 'inside', folder)
      const sub = await makeFolder(person, 'sub', folder)
      const secret = await putFile(person, 'secret.txt', 'secret', outside)
      return { outside, folder, file, sub, secret, ...(await share(person, [folder], more)) }
    }
    const bytesOf = async (url: string) => {
      const { pathname } = new URL(url, server.url)
      return get(pathname)
    }

    test('T01 a link with a code gives no file by any way round the code', async () => {
      const { shareId, shortUrl, file } = await shared({ extractCode: accessCode })
      const ways: Record<string, WireAnswer> = {
        download: await post(`${openShare}/download`, { shareId, fileId: file }),
        'download with an empty token': await post(`${openShare}/download`, { shareId, fileId: file, kdstoken: '' }),
        'download with the code for a token': await post(`${openShare}/download`, {
          shareId,
          fileId: file,
          kdstoken: accessCode,
        }),
        'download by GET': await get(`${openShare}/download?shareId=${shareId}&fileId=${file}`),
        'the code beside the call': await get(
          `${openShare}/download?shareId=${shareId}&fileId=${file}&extractCode=${accessCode}`,
        ),
        list: await post(`${openShare}/files`, { shortUrl }),
        'list of a folder': await post(`${openShare}/files`, { shortUrl, parentFolder: file }),
        'the signed-in download': await post(`${ose}/share/download`, { shareId, fileId: file }, as(stranger)),
        'the signed-in list': await post(`${ose}/share/files`, { shortUrl }, as(stranger)),
      }
      for (const [way, answer] of Object.entries(ways)) {
        assert.equal(outcomeOf(answer), 'ACCESS_CODE_REQUIRED', way)
        assert.ok(!answer.text.includes('inside.txt'), way)
      }
      const unsigned = ['bytes/download', 'share', 's', 'download', 'files'].map(
        (stem) => `/${stem}/${file}/inside.txt`,
      )
      for (const path of unsigned) assert.ok(!(await get(path)).text.includes('inside'), path)
    })

    test('T02 no address that is handed out carries a token of a person or of a visitor, and none is taken from one', async () => {
      const { shareId, shortUrl, linkUrl, file } = await shared({ extractCode: accessCode })
      const { kdstoken } = await server.anonymous.verifyExtractCodePublic({ shortUrl, extractCode: accessCode })
      const visitors = await server.anonymous.downloadShareFilePublic({ shareId, fileId: file, kdstoken })
      const own = await owner.drive.downloadFiles({ containerId: owner.space, fileIds: [file] })
      for (const url of [linkUrl, visitors.downloadUrl, own.downloads[0]?.url ?? '']) {
        const readable = `${url} ${Buffer.from(url.split('/')[5] ?? '', 'base64url').toString('latin1')}`
        for (const secret of [owner.token, owner.refreshToken, owner.sessionId, kdstoken, accessCode]) {
          assert.ok(!readable.includes(secret), url)
        }
      }
      const names = ['accessToken', 'access_token', 'token', 'Authorization', 'authorization', 'auth', 'sessionId']
      for (const name of names) {
        assert.equal(outcomeOf(await get(`${ose}/jobs?${name}=${owner.token}`)), 'TOKEN_INVALID', name)
        assert.equal(outcomeOf(await get(`${ose}/jobs?${name}=Bearer%20${owner.token}`)), 'TOKEN_INVALID', name)
      }
    })

    test('T04 a link opens nothing outside its folder, however the outside is named', async () => {
      const { shareId, shortUrl, folder, outside, secret, file } = await shared()
      const root = `DEUI7pa0C24Aroot${owner.space}`
      const folders = [
        outside,
        root,
        'root',
        '..',
        '.',
        `${folder}/..`,
        `../${outside}`,
        `${folder}%2f..`,
        '/',
        '\\..',
        secret,
        file,
        owner.space,
        '-1',
        '0',
      ]
      for (const parentFolder of folders) {
        for (const answer of [
          await post(`${openShare}/files`, { shortUrl, parentFolder }),
          await get(`${openShare}/files?shortUrl=${shortUrl}&parentFolder=${encodeURIComponent(parentFolder)}`),
          await post(`${ose}/share/files`, { shortUrl, parentFolder }, as(stranger)),
        ]) {
          assert.ok(['NOT_IN_SHARE', 'MALFORMED'].includes(outcomeOf(answer)), `${parentFolder}: ${answer.text}`)
          assert.ok(!answer.text.includes('secret.txt'))
        }
      }
      for (const fileId of [secret, root, '..', `${file}/../${secret}`, `${folder}/${file}`]) {
        const answer = await post(`${openShare}/download`, { shareId, fileId })
        assert.ok(['NOT_IN_SHARE', 'MALFORMED'].includes(outcomeOf(answer)), `${fileId}: ${answer.text}`)
      }
      const top = await server.anonymous.listShareFilesPublic({ shortUrl })
      assert.deepEqual(
        top.files.map((one) => one.parentFolder),
        [[]],
        'what is above the top is not named',
      )
      const all = await post(`${openShare}/files`, { shortUrl, fileName: 't', recursive: true })
      assert.deepEqual(
        (all.json['files'] as { fileName: string }[]).map((one) => one.fileName),
        ['inside.txt'],
      )
    })

    test('T05 T47 who may only look at a link cannot pass on more than he has', async () => {
      const { shareId, folder, file } = await shared({ permission: { preview: true, download: false } })
      const input = { scope: 1, validDays: 7, fileIds: [file], permission: { download: true } }
      for (const containerId of [owner.space, stranger.space]) {
        const answer = await post(`${ose}/share`, { ...input, containerId }, as(stranger))
        assert.ok(['SPACE_NOT_ACCESSIBLE', 'FILE_NOT_IN_SPACE'].includes(outcomeOf(answer)), answer.text)
      }
      const copy = {
        taskType: 1,
        dstContainerId: stranger.space,
        taskInfo: { fileInfo: [{ fileId: folder }], newFilePath: 'root' },
      }
      const fromOwner = { ...copy, taskInfo: { ...copy.taskInfo, srcContainerId: owner.space } }
      assert.equal(outcomeOf(await post(`${ose}/jobs`, fromOwner, as(stranger))), 'SPACE_NOT_ACCESSIBLE')
      const pretending = { ...copy, taskInfo: { ...copy.taskInfo, srcContainerId: stranger.space } }
      assert.equal(outcomeOf(await post(`${ose}/jobs`, pretending, as(stranger))), 'ok')
      await quiet(server.running.parts.db)
      const list = await stranger.drive.listFiles({ type: 0, containerId: stranger.space, parentFileId: 'root' })
      assert.deepEqual(list.files, [], 'a copy out of a foreign space takes nothing')
      for (const person of [stranger, owner]) {
        const answer = await post(`${ose}/share/download`, { shareId, fileId: file }, as(person))
        assert.equal(outcomeOf(answer), 'NOT_PERMITTED_BY_SHARE')
      }
    })

    test('T06 a link gives what its owner may give at this moment', async () => {
      const gone = await makePerson(server, freshName('gone'))
      const { shareId, shortUrl, file } = await shared({}, gone)
      const { downloadUrl } = await server.anonymous.downloadShareFilePublic({ shareId, fileId: file })
      const opens = async () => [
        outcomeOf(await post(`${openShare}/files`, { shortUrl })),
        outcomeOf(await post(`${openShare}/download`, { shareId, fileId: file })),
        outcomeOf(await get(`${openShare}/visit?shortUrl=${shortUrl}`)),
      ]
      const bytes = async () => (await bytesOf(downloadUrl)).text
      assert.deepEqual([await opens(), await bytes()], [['ok', 'ok', 'ok'], 'inside'])
      const { db } = server.running.parts
      const takeAway: Record<string, () => Promise<unknown>> = {
        'the owner is disabled': () => server.admin.updateUser({ userId: gone.id, status: 1 }),
        'his space is closed': () => db.updateTable('spaces').set({ status: 1 }).where('id', '=', gone.space).execute(),
        'his space goes to somebody else': () =>
          db.updateTable('spaces').set({ owner_id: stranger.id }).where('id', '=', gone.space).execute(),
      }
      for (const [what, take] of Object.entries(takeAway)) {
        await take()
        assert.deepEqual(await opens(), ['SHARE_INVALID', 'SHARE_INVALID', 'SHARE_INVALID'], what)
        assert.match(await bytes(), /SHARE_INVALID/, what)
        await server.admin.updateUser({ userId: gone.id, status: 0 })
        await db.updateTable('spaces').set({ status: 0, owner_id: gone.id }).where('id', '=', gone.space).execute()
        assert.deepEqual([await opens(), await bytes()], [['ok', 'ok', 'ok'], 'inside'])
      }
    })

    test('T07 what was taken out of a shared folder is out by every address', async () => {
      const { shareId, shortUrl, sub } = await shared()
      const deep = await makeFolder(owner, 'deep', sub)
      const file = await putFile(owner, 'deep.txt', 'deep', deep)
      const downloads = () => post(`${openShare}/download`, { shareId, fileId: file }).then(outcomeOf)
      const lists = (parentFolder: string) => post(`${openShare}/files`, { shortUrl, parentFolder }).then(outcomeOf)
      assert.deepEqual([await downloads(), await lists(deep), await lists(sub)], ['ok', 'ok', 'ok'])
      for (const kind of ['bin', 'move'] as const) {
        await runJob(server, owner, kind, sub)
        const outcomes = [await downloads(), await lists(deep), await lists(sub)]
        assert.deepEqual(outcomes, ['NOT_IN_SHARE', 'NOT_IN_SHARE', 'NOT_IN_SHARE'], kind)
        const search = await post(`${openShare}/files`, { shortUrl, fileName: 'deep', recursive: true })
        assert.deepEqual(search.json['files'], [], `${kind}: the search does not find it`)
        if (kind === 'bin') await runJob(server, owner, 'restore', sub)
      }
    })

    test('T09 a link is made for what is there, not for what may come', async () => {
      const upload = await owner.drive.createFile({
        fileName: freshName('coming '),
        fileType: '45',
        parentFolder: ['root'],
        containerId: owner.space,
        length: 3,
        autoRename: 2,
        multiParts: [{ partNumber: 1, partSize: 3 }],
      })
      const purged = await makeFolder(owner, freshName('purged '))
      await runJob(server, owner, 'purge', purged)
      for (const id of [upload.fileId, newNodeId(), purged, '..', 'a/b']) {
        const answer = await post(
          `${ose}/share`,
          { scope: 1, validDays: 7, fileIds: [id], containerId: owner.space },
          as(owner),
        )
        assert.ok(['FILE_NOT_IN_SPACE', 'MALFORMED'].includes(outcomeOf(answer)), answer.text)
        assert.equal(answer.json.error?.errorDetail[0]?.errorParam, 'fileIds[0]')
      }
      await runJob(server, owner, 'bin', (await shared()).folder)
    })

    test('T10 T28 T29 what a visitor is told of a link holds no code, no hash, no token and no address', async () => {
      const { shareId, shortUrl, file } = await shared({ extractCode: accessCode, comment: 'private words' })
      const { kdstoken } = await server.anonymous.verifyExtractCodePublic({ shortUrl, extractCode: accessCode })
      const row = await server.running.parts.db
        .selectFrom('shares')
        .selectAll()
        .where('id', '=', shareId)
        .executeTakeFirstOrThrow()
      const answers = {
        visit: await get(`${openShare}/visit?shortUrl=${shortUrl}`),
        facts: await get(`${openShare}/userInfo?shortUrl=${shortUrl}`),
        'facts for people': await get(`${ose}/share/userInfo?shortUrl=${shortUrl}`, as(stranger)),
        'facts for the owner': await get(`${ose}/share/userInfo?shortUrl=${shortUrl}`, as(owner)),
        'a wrong code': await post(`${openShare}/verify`, { shortUrl, extractCode: 'wrong' }),
        'no code': await post(`${openShare}/files`, { shortUrl }),
        list: await post(`${openShare}/files`, { shortUrl, kdstoken }),
        "the owner's list": await post(`${ose}/share/files`, { shortUrl }, as(owner)),
      }
      const secrets = [
        accessCode,
        row.code_hash,
        row.code_sealed,
        row.code_version,
        kdstoken,
        '$argon2',
        'bytes/download',
      ]
      for (const [what, { text }] of Object.entries(answers)) {
        for (const secret of secrets) assert.ok(secret !== null && !text.includes(secret), `${what} tells ${secret}`)
      }
      for (const what of ['visit', 'facts', 'facts for people', 'a wrong code', 'no code'] as const) {
        assert.ok(!answers[what].text.includes('private words'), `${what}: the message is for those who have the code`)
      }
      assert.ok(!answers.facts.text.includes(file))
      const named = await shared({ scope: 3, userIds: [stranger.id] })
      const facts = await get(`${openShare}/userInfo?shortUrl=${named.shortUrl}`)
      assert.equal(outcomeOf(facts), 'SIGN_IN_REQUIRED')
      for (const told of ['owner', named.shareId, 'expireTime']) assert.ok(!facts.text.includes(told), told)
    })

    test('T13 a link to one folder is no link to another whose name or id begins alike', async () => {
      const place = await makeFolder(owner, freshName('alike '))
      const docs = await makeFolder(owner, 'docs', place)
      const secret = await makeFolder(owner, 'docs-secret', place)
      const file = await putFile(owner, 'docs-secret.txt', 'secret', secret)
      const { shareId, shortUrl } = await share(owner, [docs])
      const tries = [
        post(`${openShare}/files`, { shortUrl, parentFolder: secret }),
        post(`${openShare}/download`, { shareId, fileId: file }),
        post(`${openShare}/files`, { shortUrl, parentFolder: docs.slice(0, -1) }),
        post(`${openShare}/files`, { shortUrl, parentFolder: `${docs}x` }),
        post(`${openShare}/files`, { shortUrl, parentFolder: docs.toLowerCase() }),
      ]
      for (const answer of await Promise.all(tries)) assert.equal(outcomeOf(answer), 'NOT_IN_SHARE')
      const search = await post(`${openShare}/files`, { shortUrl, fileName: 'docs', recursive: true })
      assert.deepEqual(
        (search.json['files'] as { id: string }[]).map((one) => one.id),
        [docs],
      )
    })

    test('T14 T30 no spelling of a path gets round the credential or reaches another endpoint', async () => {
      const paths = [
        `/${ose}/jobs`,
        `${ose}//jobs`,
        `//evil.example${ose}/jobs`,
        `${ose}/./jobs`,
        `${ose}/share/public/../../jobs`,
        `${ose}/share/public/visit/../../../jobs`,
        `${ose}/share/public/..%2f..%2fjobs`,
        `${ose}/share/public/%2e%2e/%2e%2e/jobs`,
        `${ose}/jobs;public=1`,
        `${ose}/jobs%00`,
        `${ose}/jobs/.`,
        `${ose}\\jobs`,
        `${ose}/JOBS`,
        `${ose}/jobs%2f`,
        `${ose}/jobs?`,
        `${ose}/jobs/`,
        '/api/v1/../v1/users',
        '/API/v1/users',
        '/api/v1//users',
      ]
      for (const path of paths) {
        const answer = await get(path)
        assert.ok([400, 401, 404].includes(answer.status), `${path}: ${answer.status}`)
        assert.ok(!('data' in answer.json) && !('users' in answer.json), path)
      }
    })

    test('T30 T31 links are opened and nothing else: no method changes or removes anything by them', async () => {
      const { shortUrl, shareId, file } = await shared()
      const { db } = server.running.parts
      const before = await digestOf(db)
      for (const method of ['DELETE', 'PATCH', 'PUT', 'MOVE', 'COPY', 'MKCOL', 'PROPPATCH', 'LOCK']) {
        for (const path of [
          'files',
          'download',
          'visit',
          'userInfo',
          'verify',
          `files/${file}`,
          `../files/rename/${file}`,
          `%2e%2e/directory`,
        ]) {
          const query = `shortUrl=${shortUrl}&shareId=${shareId}&fileId=${file}&path=..%2f..%2fx&destination=/`
          const headers = { destination: `${server.url}/x`, 'x-http-method-override': 'DELETE' }
          const answer = await send(server.url, { method, path: `${openShare}/${path}?${query}`, headers })
          assert.equal(answer.status, 404, `${method} ${path}`)
        }
      }
      const overriding = { 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE', ...as(owner) }
      assert.equal(outcomeOf(await post(`${ose}/share/files`, { shortUrl, _method: 'DELETE' }, overriding)), 'ok')
      assert.deepEqual(await digestOf(db), before)
      assert.equal((await server.anonymous.listShareFilesPublic({ shortUrl })).files.length, 1)
    })

    test('T16 a length below nothing, and one beyond everything, starts no upload', async () => {
      const good = {
        fileName: 'x',
        fileType: '45',
        parentFolder: ['root'],
        containerId: owner.space,
        length: 10,
        autoRename: 2,
      }
      const part = (more: Record<string, number>) => ({ multiParts: [{ partNumber: 1, partSize: 10, ...more }] })
      const wrong: [Record<string, unknown>, string][] = [
        [{ length: -1 }, 'length'],
        [{ length: 2 ** 53 }, 'length'],
        [{ length: '-1' }, 'length'],
        [{ length: 1e300 }, 'length'],
        [part({ partSize: -1 }), 'multiParts[0].partSize'],
        [part({ partOffset: -10 }), 'multiParts[0].partOffset'],
        [part({ partNumber: 0 }), 'multiParts[0].partNumber'],
        [part({ partNumber: -1 }), 'multiParts[0].partNumber'],
        [part({ partSize: 11 }), 'multiParts[0].partSize'],
        [part({ partOffset: 1 }), 'multiParts[0].partSize'],
      ]
      const { db } = server.running.parts
      const before = await digestOf(db)
      for (const [fault, field] of wrong) {
        const answer = await post(`${ose}/files/create`, { ...good, ...fault }, as(owner))
        assert.equal(answer.json.error?.errorDetail[0]?.errorParam, field, answer.text)
      }
      assert.deepEqual(await digestOf(db), before)
    })

    test('T77 a file cannot become larger than it was announced, by no number of parts', async () => {
      const size = 5 * 1024 * 1024
      const { fileId, multiParts } = await owner.drive.createFile({
        fileName: freshName('large '),
        fileType: '45',
        parentFolder: ['root'],
        containerId: owner.space,
        length: size + 1,
        autoRename: 2,
        multiParts: [{ partNumber: 1, partSize: size }],
      })
      const more = (partNumber: number, partOffset: number, partSize: number) =>
        owner.drive.getUploadUrls({ fileId, multiParts: [{ partNumber, partOffset, partSize }] })
      await assert.rejects(more(2, size, 2), { code: 13000102 })
      await assert.rejects(more(3, size + 1, 1), { code: 13000102 })
      const second = (await more(2, size, 1)).multiParts[0]?.uploadUrl ?? ''
      const third = (await more(3, size, 1)).multiParts[0]?.uploadUrl ?? ''
      for (const [url, body] of [
        [multiParts[0]?.uploadUrl ?? '', Buffer.alloc(size)],
        [second, Buffer.alloc(1)],
        [third, Buffer.alloc(1)],
      ] as const) {
        assert.equal((await send(server.url, { method: 'PUT', path: new URL(url).pathname, body })).status, 200)
      }
      await assert.rejects(
        owner.drive.completeFile({ fileId }),
        { reason: 'UPLOAD_INCOMPLETE' },
        'parts that lie over each other make no file',
      )
    })

    test('T78 T79 the upload of one person is nothing to another', async () => {
      const { fileId } = await owner.drive.createFile({
        fileName: freshName('own '),
        fileType: '45',
        parentFolder: ['root'],
        containerId: owner.space,
        length: 3,
        autoRename: 2,
        multiParts: [{ partNumber: 1, partSize: 3 }],
      })
      const parts = { fileId, multiParts: [{ partNumber: 1, partSize: 3 }] }
      for (const person of [stranger, await signIn(server, 'admin')]) {
        await assert.rejects(person.drive.getUploadUrls(parts), { reason: 'UPLOAD_NOT_FOUND' })
        await assert.rejects(person.drive.completeFile({ fileId }), { reason: 'UPLOAD_NOT_FOUND' })
        const finished = { fileId: await putFile(owner, freshName('done '), 'done') }
        await assert.rejects(person.drive.completeFile(finished), { reason: 'UPLOAD_NOT_FOUND' })
      }
    })

    test('T21 T49 without the right to download nothing gives the content, by any address', async () => {
      const { shareId, shortUrl, file, folder } = await shared({ permission: { preview: true, download: false } })
      const answers = [
        await get(`${openShare}/userInfo?shortUrl=${shortUrl}`),
        await post(`${openShare}/files`, { shortUrl, parentFolder: folder }),
        await post(`${ose}/share/files`, { shortUrl, parentFolder: folder }, as(owner)),
        await post(`${openShare}/download`, { shareId, fileId: file }),
        await get(`${openShare}/download?shareId=${shareId}&fileId=${file}&download=true&preview=true`),
        await post(`${ose}/share/download`, { shareId, fileId: file }, as(owner)),
        ...(await Promise.all(
          [
            `/s/${shortUrl}/download`,
            `/s/${shortUrl}/${file}`,
            `/s/${shortUrl}?download`,
            `/bytes/download/${shortUrl}/x`,
            `/bytes/download/${file}/x`,
          ].map((path) => get(path)),
        )),
      ]
      for (const { text } of answers) {
        assert.ok(!text.includes('bytes/download/'), text)
        assert.notEqual(text, 'inside')
        assert.ok(!text.includes('sha256') && !text.includes('"content"'), text)
      }
      const facts = answers[0]?.json['link'] as { permission: Record<string, boolean> }
      assert.deepEqual(facts.permission, { preview: true, edit: false, download: false })
      const { code_version: codeVersion } = await server.running.parts.db
        .selectFrom('shares')
        .select('code_version')
        .where('id', '=', shareId)
        .executeTakeFirstOrThrow()
      const token = writeByteToken(server.running.parts, {
        kind: 'share',
        shareId,
        codeVersion,
        nodeId: file,
        userId: '',
      })
      assert.equal(
        outcomeOf(await get(`/bytes/download/${token}/x`)),
        'NOT_PERMITTED_BY_SHARE',
        'the address is asked too',
      )
    })

    test('T22 an unknown account takes as long to refuse as a wrong password', async () => {
      const time = async (account: string) => {
        const started = performance.now()
        const answer = await post(`${ose}/auth/login`, { account, authType: '1', password: 'wrong password' })
        assert.equal(outcomeOf(answer), 'CREDENTIAL_WRONG')
        return performance.now() - started
      }
      const median = (times: number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
      const [known, unknown]: [number[], number[]] = [[], []]
      const people = [await makePerson(server, freshName('timed')), await makePerson(server, freshName('timed'))]
      await time(freshName('nobody'))
      for (const { account } of people) {
        for (let round = 0; round < 4; round++) {
          known.push(await time(account))
          unknown.push(await time(freshName('nobody')))
        }
      }
      // a check of a password takes tens of milliseconds, an answer without one takes one
      const ratio = median(unknown) / median(known)
      assert.ok(ratio > 0.4 && ratio < 2.5, `unknown ${median(unknown)} ms, known ${median(known)} ms`)
    })

    test('T23 many sign-ins at once, and oversized ones, leave the server answering', async () => {
      const body = { account: 'nobody', authType: '1', password: 'x'.repeat(1_000_000) }
      assert.equal(outcomeOf(await post(`${ose}/auth/login`, body)), 'TOO_LONG')
      const flood = Array.from({ length: 120 }, (_, index) =>
        post(`${ose}/auth/login`, { account: `flood${index}`, authType: '1', password: 'wrong' }),
      )
      const health = await get('/healthz')
      assert.equal(health.status, 200)
      const outcomes = new Set((await Promise.all(flood)).map(outcomeOf))
      for (const outcome of outcomes) assert.ok(['CREDENTIAL_WRONG', 'UNAVAILABLE'].includes(outcome), outcome)
      await owner.drive.checkSession({})
    })

    test('T24 headers that claim to be somebody make nobody', async () => {
      const claims = {
        'x-user-id': server.adminId,
        'x-forwarded-user': 'admin',
        'x-remote-user': 'admin',
        'remote-user': 'admin',
        'x-authenticated-user': 'admin',
        'x-forwarded-for': '127.0.0.1',
        'x-real-ip': '127.0.0.1',
        'x-session-id': owner.sessionId,
        'x-driveway-client': 'web',
      }
      for (const place of places.filter(({ endpoint }) => !['anyone', 'visitor'].includes(endpoint.caller))) {
        const path = place.path.replaceAll(/\{\w+\}/g, '1')
        const answer = await send(server.url, { method: place.method, path, headers: claims })
        assert.equal(outcomeOf(answer), 'TOKEN_INVALID', titleOf(place))
      }
    })

    test('T26 a token is dead after logging off and after a new password', async () => {
      const person = await makePerson(server, freshName('leaving'))
      const second = await signIn(server, person.account)
      await person.drive.logoff({})
      await assert.rejects(person.drive.checkSession({}), { reason: 'TOKEN_INVALID' })
      await server.admin.updateUser({ userId: person.id, password: 'a new password' })
      await assert.rejects(second.drive.checkSession({}), { reason: 'TOKEN_INVALID' })
      for (const { refreshToken } of [person, second]) {
        await assert.rejects(server.anonymous.refreshToken({ refreshToken }), { reason: 'TOKEN_INVALID' })
      }
    })

    test('T27 a link to a single file asks for its code like any other', async () => {
      const file = await putFile(owner, freshName('single '), 'single')
      const { shareId, shortUrl } = await share(owner, [file], { extractCode: accessCode })
      const tries = [
        post(`${openShare}/download`, { shareId, fileId: file }),
        post(`${openShare}/files`, { shortUrl }),
        post(`${openShare}/files`, { shortUrl, parentFolder: file }),
        get(`${openShare}/visit?shortUrl=${shortUrl}`),
        post(`${ose}/share/download`, { shareId, fileId: file }, as(stranger)),
      ]
      for (const answer of await Promise.all(tries)) assert.equal(outcomeOf(answer), 'ACCESS_CODE_REQUIRED')
      const { kdstoken } = await server.anonymous.verifyExtractCodePublic({ shortUrl, extractCode: accessCode })
      const { downloadUrl } = await server.anonymous.downloadShareFilePublic({ shareId, fileId: file, kdstoken })
      assert.equal((await bytesOf(downloadUrl)).text, 'single')
    })

    test('T35 guessing a password is slowed down, also when the guesses come all at once', async () => {
      const { account } = await makePerson(server, freshName('guessed'))
      const guess = (password: string) => post(`${ose}/auth/login`, { account, authType: '1', password })
      const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => guess(`guess ${index}`)))
      const checked = answers.filter((answer) => outcomeOf(answer) === 'CREDENTIAL_WRONG').length
      assert.ok(checked <= 5, `${checked} passwords were tried before it was enough`)
      const blocked = await guess(testPassword)
      assert.equal(blocked.status, 429)
      assert.ok(Number(blocked.headers['retry-after']) > 0)
    })

    test('T35 T85 guessing a code is slowed down by every method and endpoint together, also all at once', async () => {
      const { shortUrl } = await shared({ extractCode: accessCode })
      const guesses = (index: number) => {
        const extractCode = `wrong${index}`
        const ways = [
          () => post(`${openShare}/verify`, { shortUrl, extractCode }),
          () => get(`${openShare}/verify?shortUrl=${shortUrl}&extractCode=${extractCode}`),
          () => post(`${ose}/share/verify`, { shortUrl, extractCode }, as(stranger)),
          () =>
            get(`${openShare}/verify?shortUrl=${shortUrl}&extractCode=${extractCode}`, {
              'x-forwarded-for': `203.0.113.${index}`,
            }),
        ]
        return (ways[index % ways.length] ?? ways[0])?.() ?? assert.fail()
      }
      const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => guesses(index)))
      const checked = answers.filter((answer) => outcomeOf(answer) === 'ACCESS_CODE_WRONG').length
      assert.ok(checked <= 5, `${checked} codes were tried before it was enough`)
      assert.ok(
        answers.every((answer) =>
          ['ACCESS_CODE_WRONG', 'TOO_MANY_ATTEMPTS', 'UNAVAILABLE'].includes(outcomeOf(answer)),
        ),
      )
      const blocked = await get(`${openShare}/verify?shortUrl=${shortUrl}&extractCode=${accessCode}`)
      assert.equal(blocked.status, 429)
      assert.match(String(blocked.headers['retry-after']), /^\d+$/)
    })

    test('T35 guessing a code from many addresses is slowed down for the guessers, and for nobody else', async () => {
      const behind = await startTestServer({ engine, env: { DRIVEWAY_TRUSTED_PROXIES: '127.0.0.1' } })
      try {
        const person = await makePerson(behind, 'owner')
        const { shortUrl } = await share(person, [await putFile(person, 'x', 'x')], { extractCode: accessCode })
        const verify = (extractCode: string, from: string) =>
          send(behind.url, {
            method: 'POST',
            path: `${openShare}/verify`,
            headers: { 'x-forwarded-for': from },
            body: JSON.stringify({ shortUrl, extractCode }),
          }).then(outcomeOf)
        const guessers = Array.from({ length: 40 }, (_, index) => `203.0.113.${index}`)
        for (let round = 0; round < 3; round++) {
          await Promise.all(guessers.map((from) => verify(`wrong${round}`, from)))
        }
        const outcomes = new Set(await Promise.all(guessers.map((from) => verify('wrong3', from))))
        assert.deepEqual([...outcomes], ['TOO_MANY_ATTEMPTS'])
        assert.equal(await verify(accessCode, '198.51.100.1'), 'ok', 'who has not guessed is not slowed down')
      } finally {
        await behind.close()
      }
    })

    test('T35 right codes are not slowed down, however many people bring them from one place at once', async () => {
      const { shortUrl } = await shared({ extractCode: accessCode })
      const visitors = Array.from({ length: 20 }, () =>
        post(`${openShare}/verify`, { shortUrl, extractCode: accessCode }),
      )
      for (const answer of await Promise.all(visitors)) assert.equal(outcomeOf(answer), 'ok', answer.text)
    })

    test('T37 nothing is signed with an empty, a guessable or another installation’s key', async () => {
      const { file } = await shared()
      const url = `${server.url}${ose}/jobs`
      for (const [appId, appSecret] of [
        ['0'.repeat(64), ' '],
        ['0'.repeat(64), '0'.repeat(64)],
        [randomHex(32), randomHex(32)],
      ]) {
        const headers = await signRequest({
          appId: appId ?? '',
          appSecret: appSecret ?? '',
          userId: owner.id,
          method: 'GET',
          url,
          now: server.running.parts.now(),
        })
        assert.equal(outcomeOf(await get(`${ose}/jobs`, headers)), 'SIGNATURE_INVALID')
      }
      for (const secret of ['', 'secret', 'driveway', server.running.parts.config.secretKey.toUpperCase()]) {
        const parts = { keys: deriveKeys(secret), now: server.running.parts.now }
        const token = writeByteToken(parts, { kind: 'own', nodeId: file, userId: owner.id })
        assert.equal(outcomeOf(await get(`/bytes/download/${token}/x`)), 'DOWNLOAD_LINK_DEAD')
      }
    })

    test('T38 no page tells of the inside, and what is public holds no secret', async () => {
      const { config } = server.running.parts
      const hidden = [
        '/phpinfo.php',
        '/info.php',
        '/.env',
        '/env',
        '/debug',
        '/debug/pprof',
        '/metrics',
        '/actuator/env',
        '/server-status',
        '/config',
        '/config.json',
        '/package.json',
        '/src/main.ts',
        '/server/src/main.ts',
        '/node_modules/pino/package.json',
        '/.git/config',
        '/data/secret.key',
        '/assets/../../server/src/main.ts',
        '/assets/..%2f..%2f..%2fpackage.json',
        '/docs/../package.json',
        '/docs/..%2f..%2fpackage.json',
        '/blobs',
        '/bytes',
        '/bytes/download',
        '/graphql',
        '/admin',
        '/test',
      ]
      for (const path of hidden) {
        const answer = await get(path)
        assert.ok(answer.status === 404 || answer.status === 400, `${path}: ${answer.status}`)
        assert.ok(!answer.text.includes('"dependencies"'), path)
      }
      for (const path of [
        '/',
        '/docs',
        '/openapi.json',
        '/api/openapi.json',
        '/healthz',
        '/readyz',
        '/robots.txt',
        '/nowhere',
      ]) {
        const answer = await get(path)
        for (const secret of [
          config.secretKey,
          config.adminPassword,
          config.dataFolder,
          config.databaseUrl,
          process.cwd(),
        ]) {
          assert.ok(!answer.text.includes(secret), `${path} tells ${secret}`)
        }
        assert.equal(answer.headers['x-powered-by'], undefined)
        assert.equal(answer.headers['server'], undefined)
      }
    })

    test('T42 no store between here and the reader may keep an answer', async () => {
      const { shareId, shortUrl, file } = await shared()
      const { downloadUrl } = await server.anonymous.downloadShareFilePublic({ shareId, fileId: file })
      const answers = {
        list: await post(`${openShare}/files`, { shortUrl }),
        'list by GET': await get(`${openShare}/files?shortUrl=${shortUrl}`),
        facts: await get(`${openShare}/userInfo?shortUrl=${shortUrl}`),
        address: await get(`${openShare}/download?shareId=${shareId}&fileId=${file}`),
        bytes: await bytesOf(downloadUrl),
        'bytes by HEAD': await send(server.url, { method: 'HEAD', path: new URL(downloadUrl).pathname }),
        'some bytes': await get(new URL(downloadUrl).pathname, { range: 'bytes=1-2' }),
        'bytes that are gone': await get('/bytes/download/x/x'),
        'own facts': await get(`${ose}/session/auth`, as(owner)),
        refusal: await get(`${ose}/session/auth`),
        'no endpoint': await get(`${ose}/nowhere`),
        'sign-in': await post(`${ose}/auth/login`, { account: 'owner', authType: '1', password: testPassword }),
      }
      for (const [what, { headers }] of Object.entries(answers)) {
        assert.match(String(headers['cache-control']), /private.*no-store|no-store/, what)
      }
    })

    test('T42 T80 T33 content comes as an attachment that no browser runs, whatever its name and kind', async () => {
      const hostile = {
        'page.html': '<script>alert(1)</script>',
        'picture.svg': '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        "a'b;filename=evil.html;.txt": 'x',
        'ü “quoted” \u202Egnp.exe': 'x',
        '100%.txt': 'x',
        'a%0d%0aset-cookie=x.txt': 'x',
        'javascript：alert(1)': 'x',
      }
      for (const [name, content] of Object.entries(hostile)) {
        const file = await putFile(owner, name, content)
        const { shareId } = await share(owner, [file])
        const { downloadUrl } = await server.anonymous.downloadShareFilePublic({ shareId, fileId: file })
        const { headers, text } = await bytesOf(downloadUrl)
        assert.equal(text, content)
        const disposition = String(headers['content-disposition'])
        assert.match(disposition, /^attachment; filename[*=]/, name)
        const extended = /filename\*=UTF-8''(\S+)$/.exec(disposition)?.[1]
        const [, quoted, bare] = /filename=(?:"([^"]*)"|([^;\s]+))/.exec(disposition) ?? []
        assert.equal(extended === undefined ? (quoted ?? bare) : decodeURIComponent(extended), name, disposition)
        assert.equal(headers['x-content-type-options'], 'nosniff', name)
        assert.match(String(headers['content-security-policy']), /sandbox.*default-src 'none'/, name)
        assert.equal(headers['set-cookie'], undefined)
      }
    })

    test('T80 T86 a name holds no mark-up, no path and no control character, wherever it is given', async () => {
      const names = [
        '<img src=x onerror=alert(1)>',
        '../up',
        '..',
        '.',
        'a/b',
        'a\\b',
        'C:\\x',
        'a\nb',
        'a\u0085b',
        'a\u2028b',
        '"quoted"',
        '*',
        'a|b',
        ' a',
        'a ',
        'a\0b',
        '\ud800',
      ]
      const folder = await makeFolder(owner, freshName('named '))
      const { db } = server.running.parts
      const before = await digestOf(db)
      for (const name of names) {
        const calls = [
          post(`${ose}/directory`, { fileName: name, fileType: '10', containerId: owner.space }, as(owner)),
          post(
            `${ose}/files/create`,
            {
              fileName: name,
              fileType: '45',
              parentFolder: ['root'],
              containerId: owner.space,
              length: 0,
              autoRename: 2,
            },
            as(owner),
          ),
          post(`${ose}/files/rename/${folder}`, { name, containerId: owner.space, renameMode: 2 }, as(owner)),
        ]
        for (const answer of await Promise.all(calls)) {
          assert.equal(outcomeOf(answer), 'MALFORMED', JSON.stringify(name))
          assert.ok(!answer.text.includes('onerror'), 'a refusal does not repeat what was sent')
          assert.match(String(answer.headers['content-type']), /^application\/json/)
        }
      }
      assert.deepEqual(await digestOf(db), before)
    })

    test('T43 a link tells the name of its sharer and neither address nor number', async () => {
      const account = freshName('reachable')
      const contact = { email: 'ada@secret.example', mobile: '+8613800009999' }
      await server.admin.createUser({ account, name: 'Ada', password: testPassword, ...contact })
      const { shortUrl } = await shared({}, await signIn(server, account))
      for (const path of [
        `${openShare}/userInfo?shortUrl=${shortUrl}`,
        `${openShare}/files?shortUrl=${shortUrl}`,
        `${ose}/share/userInfo?shortUrl=${shortUrl}`,
      ]) {
        const answer = await get(path, as(stranger))
        assert.equal(outcomeOf(answer), 'ok')
        assert.ok(answer.text.includes('"ownerName":"Ada"'))
        for (const told of [contact.email, '13800009999', account]) assert.ok(!answer.text.includes(told), path)
      }
    })

    test('T51 a code is kept so that the database alone does not tell it, by whatever call it came', async () => {
      const code = 'Zq83Lw71'
      const file = await putFile(owner, freshName('coded '), 'coded')
      const input = { scope: 1, validDays: 7, fileIds: [file], containerId: owner.space, extractCode: code }
      const idempotencyKey = freshName('key')
      const { shareLink } = await owner.drive.createShare(input, { idempotencyKey })
      await server.anonymous.verifyExtractCodePublic({ shortUrl: shareLink.shortUrl, extractCode: code })
      await post(`${openShare}/verify`, { shortUrl: shareLink.shortUrl, extractCode: 'Wrong9999' })
      const kept = await everythingKept(server.running.parts.db)
      for (const secret of [
        code,
        'Wrong9999',
        Buffer.from(code).toString('base64').replace(/=+$/, ''),
        Buffer.from(code).toString('hex'),
      ]) {
        assert.ok(!kept.includes(secret), secret)
      }
      assert.equal(
        (await owner.drive.createShare(input, { idempotencyKey })).shareLink.extractCode,
        code,
        'a repeat still answers it',
      )
    })

    test('T56 who leaves a group or a department loses its links at once', async () => {
      const root = (await server.admin.listDepartments({})).list[0]?.id ?? ''
      const department = await makeDepartment(server, freshName('Team '), root)
      const person = await makePerson(server, freshName('leaver'), department)
      const group = (await owner.drive.createGroup({ groupName: freshName('Group '), sourceType: 1 })).id
      await owner.drive.addGroupMembers({ groupId: group, userIds: [person.id] })
      const byGroup = await shared({ scope: 3, groupIds: [group] })
      const byDepartment = await shared({ scope: 3, deptIds: [department] })
      for (const { shortUrl } of [byGroup, byDepartment]) await person.drive.listShareFiles({ shortUrl })
      await owner.drive.removeGroupMembers({ groupId: group, userIds: [person.id] })
      await server.admin.updateUser({ userId: person.id, deptId: root })
      for (const { shortUrl } of [byGroup, byDepartment]) {
        await assert.rejects(person.drive.listShareFiles({ shortUrl }), { reason: 'NOT_A_RECEIVER' })
      }
    })

    test('T58 signing in makes a new session and takes over none', async () => {
      const planted = randomHex(24)
      const body = JSON.stringify({
        account: 'owner',
        authType: '1',
        password: testPassword,
        cookie: true,
        accessToken: planted,
        sessionId: planted,
      })
      const headers = {
        cookie: `Authorization=${planted}`,
        authorization: `Bearer ${planted}`,
        'x-session-id': planted,
      }
      const answer = await send(server.url, { method: 'POST', path: `${ose}/auth/login`, headers, body })
      assert.equal(outcomeOf(answer), 'ok')
      assert.ok(!answer.text.includes(planted) && !String(answer.headers['set-cookie']).includes(planted))
      await assert.rejects(createDrive({ baseUrl: server.url, token: planted }).checkSession({}), {
        reason: 'TOKEN_INVALID',
      })
    })

    test('T57 T81 a changed code and a cancelled link end what visitors were given before', async () => {
      const { shareId, shortUrl, file } = await shared({ extractCode: accessCode })
      const { kdstoken } = await server.anonymous.verifyExtractCodePublic({ shortUrl, extractCode: accessCode })
      const lists = () => post(`${openShare}/files`, { shortUrl, kdstoken }).then(outcomeOf)
      const { downloadUrl } = await server.anonymous.downloadShareFilePublic({ shareId, fileId: file, kdstoken })
      assert.equal(await lists(), 'ok')
      const set = (values: { code_version?: string; cancelled_at?: string }) =>
        server.running.parts.db.updateTable('shares').set(values).where('id', '=', shareId).execute()
      await set({ code_version: randomHex(8) })
      assert.equal(await lists(), 'ACCESS_CODE_REQUIRED')
      assert.equal(outcomeOf(await bytesOf(downloadUrl)), 'ACCESS_CODE_REQUIRED')
      await set({ cancelled_at: new Date().toISOString() })
      assert.equal(await lists(), 'SHARE_CANCELLED')
    })

    test('T57 a visitor token ends after two hours', async () => {
      const own = await startTestServer({ engine })
      try {
        const person = await makePerson(own, 'owner')
        const file = await putFile(person, 'x', 'x')
        const { shortUrl } = await share(person, [file], { extractCode: accessCode })
        const { kdstoken } = await own.anonymous.verifyExtractCodePublic({ shortUrl, extractCode: accessCode })
        own.advance(119 * 60_000)
        await own.anonymous.listShareFilesPublic({ shortUrl, kdstoken })
        own.advance(61_000)
        await assert.rejects(own.anonymous.listShareFilesPublic({ shortUrl, kdstoken }), {
          reason: 'ACCESS_CODE_REQUIRED',
        })
        for (const forged of [
          `f${kdstoken.slice(1)}`,
          kdstoken.toUpperCase(),
          ` ${kdstoken}`,
          `${kdstoken}0`,
          'f'.repeat(48),
          `${'f'.repeat(12)}${kdstoken.slice(12)}`,
        ]) {
          await assert.rejects(own.anonymous.listShareFilesPublic({ shortUrl, kdstoken: forged }), {
            reason: 'ACCESS_CODE_REQUIRED',
          })
        }
      } finally {
        await own.close()
      }
    })

    test('T67 links, tokens and ids of files cannot be guessed from those before', () => {
      const makers = {
        link: newShortUrl,
        token: () => randomHex(24),
        file: () => newNodeId(1_800_000_000_000).slice(9),
      }
      for (const [what, make] of Object.entries(makers)) {
        const made = Array.from({ length: 4000 }, make)
        assert.equal(new Set(made).size, made.length, what)
        const length = made[0]?.length ?? 0
        const alphabet = new Set(made.join('')).size
        for (let place = 0; place < length; place++) {
          const counts = new Map<string, number>()
          for (const text of made) counts.set(text[place] ?? '', (counts.get(text[place] ?? '') ?? 0) + 1)
          assert.equal(counts.size, alphabet, `${what}: place ${place} takes every value`)
          const expected = made.length / alphabet
          // six standard deviations: a fair source is beyond them once in hundreds of millions
          const bound = 6 * Math.sqrt(expected)
          for (const count of counts.values()) assert.ok(Math.abs(count - expected) < bound, `${what}: place ${place}`)
        }
      }
      const sources = fileURLToPath(new URL('.', import.meta.url))
      for (const file of globSync(`${sources}**/*.ts`).filter(
        (name) => !/\.(?:test|contract)\.ts$|\/testing\//.test(name),
      )) {
        assert.ok(!readFileSync(file, 'utf8').includes('Math.random'), file)
      }
    })

    test('T73 looking for people tells neither their addresses nor their full numbers', async () => {
      const account = freshName('hidden')
      const contact = { email: 'hidden@secret.example', mobile: '+8613812345678' }
      const { data } = await server.admin.createUser({ account, name: account, password: testPassword, ...contact })
      await server.admin.updateUser({ userId: data.id, status: 1 })
      const { list } = await stranger.drive.listPeople({ keyWord: account })
      const text = JSON.stringify(list)
      for (const told of [contact.email, '13812345678', 'password', '$argon2']) assert.ok(!text.includes(told), text)
      const byContact = [contact.email, '13812345678', 'secret.example']
      for (const keyWord of byContact) assert.deepEqual((await stranger.drive.listPeople({ keyWord })).list, [])
    })

    test('T02 T43 the log holds no password, no token, no code and no signed address, at any level', async () => {
      const lines: string[] = []
      const sink = new Writable({
        write: (chunk: Buffer, _encoding, done) => {
          lines.push(chunk.toString())
          done()
        },
      })
      const folder = await mkdtemp(join(tmpdir(), 'driveway-test-'))
      const config = readConfig({
        DRIVEWAY_DATA: folder,
        DRIVEWAY_PORT: '0',
        DRIVEWAY_ADMIN_PASSWORD: testPassword,
        DRIVEWAY_LOG_LEVEL: 'debug',
      })
      const running = await start(config, { log: pino({ level: 'debug' }, sink) })
      try {
        const anonymous = createDrive({ baseUrl: running.url })
        const { data } = await anonymous.login({ account: 'admin', authType: '1', password: testPassword })
        const { accessToken, refreshToken, sessionId } = data.sessionInfo
        const drive = createDrive({ baseUrl: running.url, token: accessToken })
        const containerId = (await drive.getSpace({ ownerId: data.userInfo.userId })).data.containerId
        const person = {
          id: data.userInfo.userId,
          account: 'admin',
          drive,
          space: containerId,
          token: accessToken,
          sessionId,
          refreshToken,
        }
        const fileId = await putFile(person, 'logged.txt', 'logged')
        const { shareId, shortUrl } = await share(person, [fileId], { extractCode: accessCode })
        const verify = `${running.url}${openShare}/verify?shortUrl=${shortUrl}&extractCode=`
        const { kdstoken } = (await (await fetch(verify + accessCode)).json()) as { kdstoken: string }
        await fetch(`${verify}Wrong9999`)
        const { downloadUrl } = await anonymous.downloadShareFilePublic({ shareId, fileId, kdstoken })
        await (await fetch(downloadUrl)).arrayBuffer()
        await fetch(`${downloadUrl}x?accessToken=${accessToken}`)
        await fetch(`${running.url}${ose}/nowhere?accessToken=${accessToken}`)
        await assert.rejects(anonymous.login({ account: 'admin', authType: '1', password: 'Wrong password 1' }))
        const app = (await drive.createApp({ name: 'logged' })).data
        await createDrive({ baseUrl: running.url, app: { ...app, userId: person.id } }).listJobs({})
        await assert.rejects(
          createDrive({ baseUrl: running.url, app: { ...app, appId: '0'.repeat(64), userId: person.id } }).listJobs({}),
        )
        const log = lines.join('')
        assert.match(log, /"operation":"login"/, 'calls are logged')
        assert.match(log, /"operation":"verifyExtractCodePublic"/)
        const signed = downloadUrl.split('/').at(-2) ?? ''
        const secrets = [
          testPassword,
          'Wrong password 1',
          accessToken,
          refreshToken,
          sessionId,
          accessCode,
          'Wrong9999',
          kdstoken,
          signed,
          app.appSecret,
          config.secretKey,
        ]
        for (const secret of secrets) assert.ok(!log.includes(secret), `the log holds ${secret}`)
      } finally {
        await running.close()
        await rm(folder, { recursive: true, force: true })
      }
    })

    test('T40 a token of one space or file is a token of no other', async () => {
      const { file } = await shared()
      const foreign = await putFile(stranger, freshName('foreign '), 'foreign')
      for (const fileIds of [[file], [file, foreign]]) {
        const { downloads } = await stranger.drive.downloadFiles({ containerId: stranger.space, fileIds })
        assert.equal(downloads[0]?.url, '')
        assert.equal(downloads[0]?.fileName, '', 'not even its name')
      }
      for (const containerId of [stranger.space, owner.space]) {
        await assert.rejects(stranger.drive.getFile({ fileId: file, containerId }))
        await assert.rejects(stranger.drive.getFilePath({ fileId: file, containerId }))
        await assert.rejects(stranger.drive.renameFile({ fileId: file, containerId, name: 'mine', renameMode: 3 }))
        await assert.rejects(stranger.drive.listFiles({ type: 0, containerId, parentFileId: file }))
      }
    })

    test('T23 a caller who is slow to send, or never ends, does not keep others waiting', async () => {
      const { hostname, port } = new URL(server.url)
      const sockets = Array.from({ length: 50 }, () => {
        const socket = connect(Number(port), hostname)
        socket.on('error', () => undefined)
        socket.write(`POST ${ose}/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{"account":`)
        return socket
      })
      try {
        const started = performance.now()
        await owner.drive.checkSession({})
        assert.ok(performance.now() - started < 2000)
      } finally {
        for (const socket of sockets) socket.destroy()
      }
    })
  })
}
