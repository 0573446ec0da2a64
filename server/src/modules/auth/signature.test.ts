import { createDrive, type RequestToSign, signRequest } from '@driveway/sdk'
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { digestOf, everythingKept } from '../../testing/digest.ts'
import { startTestServer, testEngines, type TestServer } from '../../testing/server.ts'
import { outcomeOf, places, send, type WireAnswer } from '../../testing/wire.ts'
import { freshName, makePerson, type Person, signIn } from '../../testing/world.ts'

const ose = '/koodrive/ose/v1'
const minute = 60_000

for (const engine of testEngines()) {
  describe(`app signatures, on ${engine}`, () => {
    let server: TestServer
    let person: Person
    let app: { appId: string; appSecret: string }
    before(async () => {
      server = await startTestServer({ engine })
      person = await makePerson(server, 'ada')
      app = (await server.admin.createApp({ name: 'reports' })).data
    })
    after(() => server.close())

    const key = () => ({ ...app, userId: person.id })
    const now = () => server.running.parts.now()
    type Signed = Omit<RequestToSign, 'appId' | 'appSecret' | 'userId' | 'url'> & { path: string; userId?: string }
    const sign = ({ path, ...rest }: Signed) =>
      signRequest({
        ...key(),
        now: now(),
        traceId: `${freshName('t').padEnd(58, 'x')}`,
        url: server.url + path,
        ...rest,
      })
    const call = (method: string, path: string, headers: Record<string, string>, body?: string) =>
      send(server.url, { method, path, headers, ...(body === undefined ? {} : { body }) })
    const refused = (answer: WireAnswer, why: string) => {
      assert.equal(outcomeOf(answer), 'SIGNATURE_INVALID', `${why}: ${answer.text}`)
      assert.equal(answer.status, 401)
    }
    const jobs = `${ose}/jobs?offset=0&limit=5`
    const folder = () => JSON.stringify({ fileName: freshName('Signed '), fileType: '10', containerId: person.space })

    test('a call that the SDK signs is the person’s own call, with every method, query and body', async () => {
      const drive = createDrive({ baseUrl: server.url, app: key() })
      const made = await drive.createFolder({ fileName: "Büro (ü) '1' !~", fileType: '10', containerId: person.space })
      const path = await drive.getFilePath({ fileId: made.id, containerId: person.space })
      assert.ok(path.namePath.endsWith("/Büro (ü) '1' !~"))
      await drive.listPeople({ keyWord: "a b+c&d=e/?'()*~" })
      await drive.listDepartments({})
      const { data } = await drive.getSpace({ ownerId: person.id })
      assert.equal(data.containerId, person.space)
    })

    test('a signature is good once', async () => {
      const body = folder()
      const headers = await sign({ method: 'POST', path: `${ose}/directory`, body })
      assert.equal(outcomeOf(await call('POST', `${ose}/directory`, headers, body)), 'ok')
      const before = await digestOf(server.running.parts.db)
      refused(await call('POST', `${ose}/directory`, headers, body), 'a second time')
      assert.deepEqual(await digestOf(server.running.parts.db), before)
      const parallel = await sign({ method: 'GET', path: jobs })
      const answers = await Promise.all(Array.from({ length: 6 }, () => call('GET', jobs, parallel)))
      assert.equal(answers.filter((answer) => outcomeOf(answer) === 'ok').length, 1, 'of many at once too')
    })

    test('a signature is good for 15 minutes and not before its time', async () => {
      const at = (offset: number) => sign({ method: 'GET', path: jobs, now: new Date(now().getTime() + offset) })
      refused(await call('GET', jobs, await at(-15 * minute - 1000)), 'too old')
      refused(await call('GET', jobs, await at(-365 * 24 * 60 * minute)), 'a year old')
      refused(await call('GET', jobs, await at(2 * minute)), 'of the future')
      refused(await call('GET', jobs, await at(365 * 24 * 60 * minute)), 'of next year')
      assert.equal(outcomeOf(await call('GET', jobs, await at(-14 * minute))), 'ok')
      assert.equal(outcomeOf(await call('GET', jobs, await at(30_000))), 'ok', 'clocks differ a little')
      const waiting = await at(0)
      server.advance(15 * minute)
      refused(await call('GET', jobs, waiting), 'sent too late')
    })

    test('a signature that was used stays used, also when what is known of it has been tidied away', async () => {
      const headers = await sign({ method: 'GET', path: jobs })
      assert.equal(outcomeOf(await call('GET', jobs, headers)), 'ok')
      server.advance(16 * minute)
      await server.running.parts.db.deleteFrom('used_signatures').execute()
      refused(await call('GET', jobs, headers), 'a replay after the tidying')
    })

    test('a call with another body, path, query, method or header than was signed is refused', async () => {
      const path = `${ose}/directory`
      const body = folder()
      const before = await digestOf(server.running.parts.db)
      const fresh = () => sign({ method: 'POST', path, body })
      refused(await call('POST', path, await fresh(), body.replace('Signed', 'Forged')), 'another body')
      refused(await call('POST', path, await fresh(), `${body} `), 'a blank more')
      refused(await call('POST', path, await fresh(), ''), 'no body')
      refused(await call('POST', `${ose}/share`, await fresh(), body), 'another path')
      refused(await call('POST', `${path}?a=1`, await fresh(), body), 'a query more')
      refused(
        await call('GET', `${ose}/jobs?offset=0&limit=50`, await sign({ method: 'GET', path: jobs })),
        'another query',
      )
      refused(await call('GET', `${ose}/jobs?offset=0`, await sign({ method: 'GET', path: jobs })), 'less of the query')
      refused(
        await call(
          'GET',
          `${ose}/usergroups?sourceType=1`,
          await sign({ method: 'POST', path: `${ose}/usergroups?sourceType=1` }),
        ),
        'another method',
      )
      const date = new Date(now().getTime() + 1000).toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
      refused(await call('POST', path, { ...(await fresh()), 'X-Date': date }, body), 'another date')
      refused(await call('POST', path, { ...(await fresh()), 'X-User-Id': server.adminId }, body), 'another person')
      refused(await call('POST', path, { ...(await fresh()), 'X-Traceid': 'y'.repeat(58) }, body), 'another trace id')
      refused(await call('POST', path, { ...(await fresh()), host: 'evil.example' }, body), 'another host')
      assert.deepEqual(await digestOf(server.running.parts.db), before)
    })

    /** Signs by hand, so that a test can leave out and reorder what the SDK never would. */
    const signByHand = (options: {
      names: string[]
      listed?: string
      secret?: string
      headers?: Record<string, string>
    }) => {
      const date = now()
        .toISOString()
        .replaceAll(/[-:]|\.\d{3}/g, '')
      const { host } = new URL(server.url)
      const headers: Record<string, string> = {
        host,
        'x-date': date,
        'x-user-id': person.id,
        'x-traceid': freshName('h').padEnd(58, 'z'),
        ...options.headers,
      }
      const hash = (text: string) => createHash('sha256').update(text).digest('hex')
      const names = options.names.toSorted()
      const [path = '', query = ''] = jobs.split('?')
      const canonical = [
        'GET',
        `${path}/`,
        query.split('&').toSorted().join('&'),
        names.map((name) => `${name}:${headers[name] ?? ''}\n`).join(''),
        names.join(';'),
        hash(''),
      ].join('\n')
      const signature = createHmac('sha256', options.secret ?? app.appSecret)
        .update(`HMAC-SHA256\n${hash(canonical)}`)
        .digest('hex')
      const listed = options.listed ?? names.join(';')
      return {
        ...headers,
        authorization: `HMAC-SHA256 AppId=${app.appId},SignedHeaders=${listed},Signature=${signature}`,
      }
    }

    test('the headers of a signature may be listed in any order, and are the same signature then', async () => {
      const names = ['host', 'x-date', 'x-traceid', 'x-user-id']
      const headers = signByHand({ names, listed: names.toReversed().join(';') })
      assert.equal(outcomeOf(await call('GET', jobs, headers)), 'ok')
      const authorization = headers.authorization.replace(names.toReversed().join(';'), names.join(';'))
      refused(await call('GET', jobs, { ...headers, authorization }), 'the same in another order is a replay')
    })

    test('the date and the person must be signed, the host when it is named', async () => {
      refused(await call('GET', jobs, signByHand({ names: ['host', 'x-traceid', 'x-user-id'] })), 'without the date')
      refused(await call('GET', jobs, signByHand({ names: ['host', 'x-date', 'x-traceid'] })), 'without the person')
      const bare = signByHand({ names: ['x-date', 'x-traceid', 'x-user-id'] })
      assert.equal(
        outcomeOf(await call('GET', jobs, { ...bare, host: 'another.example' })),
        'ok',
        'the host is not signed',
      )
      const absent = signByHand({ names: ['host', 'x-date', 'x-traceid', 'x-user-id', 'x-absent'] })
      assert.equal(outcomeOf(await call('GET', jobs, absent)), 'ok', 'a header that is not sent is signed as empty')
      const claimed = signByHand({
        names: ['x-date', 'x-traceid', 'x-user-id'],
        listed: 'x-date;x-traceid;x-user-id;host',
      })
      refused(await call('GET', jobs, claimed), 'more headers listed than signed')
    })

    test('an unknown app, a wrong secret and a removed app sign nothing', async () => {
      const { drive } = await signIn(server, 'admin')
      const other = (await drive.createApp({ name: 'other' })).data
      const attempts = {
        'an unknown app': { appId: '0'.repeat(64), appSecret: app.appSecret, userId: person.id },
        "another app's secret": { appId: app.appId, appSecret: other.appSecret, userId: person.id },
        'an empty secret': { appId: app.appId, appSecret: ' ', userId: person.id },
        'the id as its secret': { appId: app.appId, appSecret: app.appId, userId: person.id },
        nobody: { ...app, userId: '1234567890123456789' },
        'an account in place of the id': { ...app, userId: 'ada' },
      }
      for (const [why, keyOf] of Object.entries(attempts)) {
        const headers = await signRequest({
          ...keyOf,
          method: 'GET',
          url: server.url + jobs,
          now: now(),
          traceId: freshName('u').padEnd(58, 'u'),
        })
        refused(await call('GET', jobs, headers), why)
      }
      const mine = createDrive({ baseUrl: server.url, app: { ...other, userId: person.id } })
      await drive.deleteApp({ appId: other.appId })
      await assert.rejects(mine.listJobs({}), { reason: 'SIGNATURE_INVALID' })
    })

    test('an app acts for nobody who was disabled', async () => {
      const { drive } = await signIn(server, 'admin')
      const account = freshName('gone')
      const { data } = await drive.createUser({ account, name: account, password: 'analytical engine 1843' })
      const headers = () => sign({ method: 'GET', path: jobs, userId: data.id })
      assert.equal(outcomeOf(await call('GET', jobs, await headers())), 'ok')
      await drive.updateUser({ userId: data.id, status: 1 })
      refused(await call('GET', jobs, await headers()), 'the person is disabled')
      await drive.updateUser({ userId: data.id, status: 0 })
      assert.equal(outcomeOf(await call('GET', jobs, await headers())), 'ok')
    })

    test('an app has the rights of its person and no more', async () => {
      const path = '/api/v1/apps'
      const headers = await sign({ method: 'GET', path })
      assert.equal(outcomeOf(await call('GET', path, headers)), 'NOT_AN_ADMINISTRATOR')
      const admins = await sign({ method: 'GET', path, userId: server.adminId })
      const answer = await call('GET', path, admins)
      assert.equal(outcomeOf(answer), 'ok')
      assert.ok(!answer.text.includes(app.appSecret) && !answer.text.includes('secret'), 'a secret is shown once')
    })

    test('session endpoints take no signature', async () => {
      for (const place of places.filter(({ endpoint }) => endpoint.caller === 'session')) {
        const headers = {
          ...(await sign({ method: place.method, path: place.path })),
          'x-session-id': person.sessionId,
        }
        assert.equal(outcomeOf(await call(place.method, place.path, headers)), 'TOKEN_INVALID', place.name)
      }
      const logoff = await call(
        'GET',
        `${ose}/session/logoff`,
        await sign({ method: 'GET', path: `${ose}/session/logoff` }),
      )
      assert.equal(outcomeOf(logoff), 'ok')
      const { account } = person
      person = await signIn(server, account)
      await person.drive.checkSession({})
    })

    test('the secret of an app is kept sealed', async () => {
      const kept = await everythingKept(server.running.parts.db)
      assert.ok(kept.includes(app.appId))
      assert.ok(!kept.includes(app.appSecret))
    })
  })
}
