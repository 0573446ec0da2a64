import { type EndpointName, errorKinds, type ErrorReason } from '@driveway/contract'
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { digestOf, quiet } from './testing/digest.ts'
import { absent, type Fault, faultsOf, type Field, fieldsOf, paramOf, withValue } from './testing/faults.ts'
import { startTestServer, testEngines, type TestServer } from './testing/server.ts'
import {
  isDocumented,
  outcomeOf,
  part,
  type Parted,
  type Place,
  places,
  send,
  titleOf,
  type WireAnswer,
  type WireCall,
  wireOf,
} from './testing/wire.ts'
import {
  buildWorld,
  freshName,
  inputs,
  makeFolder,
  putFile,
  runJob,
  share,
  type ShareKind,
  signIn,
  type World,
} from './testing/world.ts'

/** The same every time; another one is tried with DRIVEWAY_TEST_SEED, which a failure prints. */
const seed = Number(process.env['DRIVEWAY_TEST_SEED'] ?? 20_261_121)
const runsEach = 16

const traceOf = (() => {
  let count = 0
  return () => `fuzz-${String((count += 1)).padStart(53, '0')}`
})()

const documented = new Map<string, { status: number; code: number }>(Object.entries(errorKinds))
/** What tells of our inside: stacks, SQL, paths, hashes. */
const leaks = [
  /\bat [\w.<>#]+ \(/,
  /node:internal|node_modules|\.ts:\d+/,
  /\b(?:select|insert into|update|delete from)\b.+\b(?:from|values|set|where)\b/i,
  /sqlite|postgres|relation "|syntax error|violates|constraint/i,
  /\$argon2|DRIVEWAY_/,
]

/** What every refusal is, whatever was wrong (decisions W3, W4, W7). */
function assertRefusal(answer: WireAnswer, what: string, server: TestServer, traceId?: string): void {
  const { status, json, headers, text } = answer
  assert.ok(status >= 400 && status < 500, `${what}: HTTP ${status} ${text}`)
  assert.equal(headers['content-type'], 'application/json; charset=utf-8', what)
  assert.deepEqual(Object.keys(json).toSorted(), ['code', 'error', 'msg'], `${what}: ${text}`)
  const { error, code, msg } = json
  assert.equal(typeof code, 'number', what)
  assert.ok(typeof msg === 'string' && msg.length > 0, what)
  assert.deepEqual(Object.keys(error ?? {}).toSorted(), ['code', 'description', 'errorData', 'errorDetail'], what)
  assert.equal(error?.code, status, what)
  assert.ok((error?.errorDetail.length ?? 0) > 0, what)
  for (const detail of error?.errorDetail ?? []) {
    const fields = ['description', 'domain', 'errorCode', 'errorParam', 'errorPos', 'reason']
    assert.deepEqual(Object.keys(detail).toSorted(), fields, what)
    assert.ok(
      Object.values(detail).every((value) => typeof value === 'string'),
      what,
    )
    assert.ok(['', 'header', 'path', 'query', 'body'].includes(detail.errorPos), `${what}: ${detail.errorPos}`)
    assert.equal(detail.errorCode, String(code), what)
    const kind = documented.get(detail.reason)
    if (kind) assert.deepEqual({ status, code }, { status: kind.status, code: kind.code }, what)
  }
  if (status === 429) assert.match(String(headers['retry-after']), /^\d+$/, what)
  if (traceId !== undefined) assert.equal(headers['x-traceid'], traceId, what)
  else assert.match(String(headers['x-traceid']), /^[0-9A-Za-z_-]{58}$/, what)
  assertDiscreet(answer, what, server)
}

function assertDiscreet({ text }: WireAnswer, what: string, server: TestServer): void {
  const { config } = server.running.parts
  for (const secret of [config.secretKey, config.adminPassword, config.dataFolder]) {
    assert.ok(!text.includes(secret), `${what} tells ${secret}`)
  }
  for (const leak of leaks) assert.doesNotMatch(text, leak, what)
}

for (const engine of testEngines()) {
  describe(`bad input, on ${engine}`, () => {
    let server: TestServer
    let world: World
    /** Ids that are not the owner's to use, or nobody's. */
    let alien: Record<string, string>
    before(async () => {
      server = await startTestServer({ engine })
      world = await buildWorld(server)
      const { stranger, owner } = world
      const purged = await makeFolder(owner, 'purged')
      await runJob(server, owner, 'purge', purged)
      const upload = await stranger.drive.createFile({
        fileName: 'foreign upload',
        fileType: '45',
        parentFolder: ['root'],
        containerId: stranger.space,
        length: 3,
        autoRename: 2,
        multiParts: [{ partNumber: 1, partSize: 3 }],
      })
      const file = await putFile(stranger, 'foreign.txt', 'foreign')
      const foreignShare = await share(stranger, [file], { scope: 3, userIds: [world.member.id] })
      const job = await stranger.drive.createJob({
        taskType: 2,
        actionType: 201,
        dstContainerId: stranger.space,
        taskInfo: { srcContainerId: stranger.space, fileInfo: [{ fileId: await makeFolder(stranger, 'binned') }] },
      })
      alien = {
        'a file nobody has': `F${'z'.repeat(32)}`,
        'a number nobody has': '1'.repeat(19),
        'a dot': '.',
        'two dots': '..',
        "somebody else's file": file,
        "somebody else's folder": await makeFolder(stranger, 'foreign folder'),
        "somebody else's space": stranger.space,
        "somebody else's root": `DEUI7pa0C24Aroot${stranger.space}`,
        "somebody else's group": (await stranger.drive.createGroup({ groupName: 'Foreign', sourceType: 1 })).id,
        "somebody else's upload": upload.fileId,
        "somebody else's job": job.data,
        "somebody else's link": foreignShare.shareId,
        'a purged folder': purged,
      }
      await quiet(server.running.parts.db)
    })
    after(() => server.close())

    const digest = () => digestOf(server.running.parts.db)
    /** The link each endpoint is tried on: one whose code matters where there is a code to try. */
    const shareKindOf = (name: EndpointName): ShareKind => (name.startsWith('verify') ? 'everybodyCode' : 'everybody')

    /** Headers of the caller who may. */
    const credentials = (place: Place): Record<string, string> => {
      const { caller } = place.endpoint
      if (caller === 'anyone' || caller === 'visitor') return {}
      if (place.name === 'refreshSession') return { authorization: `Bearer ${ownToken}` }
      return { authorization: `Bearer ${caller === 'admin' ? world.admin.token : world.owner.token}` }
    }
    /** The token of a session that is used up by the test. */
    let ownToken = ''
    const prepare = async (place: Place): Promise<Parted> => {
      if (place.name === 'refreshSession') {
        const own = await signIn(server, 'owner')
        ownToken = own.token
        return part(place, { 'x-session-id': own.sessionId })
      }
      const parted = part(place, await inputs[place.name](world, shareKindOf(place.name)))
      await quiet(server.running.parts.db)
      return parted
    }
    const callOf = (place: Place, parted: Parted): { call: WireCall; traceId: string } => {
      const traceId = traceOf()
      return { call: wireOf(place, parted, { ...credentials(place), 'x-traceid': traceId }), traceId }
    }

    interface Attempt {
      title: string
      call: WireCall
      place?: Place
      traceId?: string
      check?: (answer: WireAnswer) => void
    }

    /** Sends calls that must all be refused, and shows that nothing has changed; when something has, which call it was. */
    const refuseAll = async (attempts: Attempt[]): Promise<void> => {
      const before = await digest()
      const run = async ({ title, call, place, traceId, check }: Attempt) => {
        const answer = await send(server.url, call)
        assert.notEqual(outcomeOf(answer), 'ok', `${title} was accepted: ${answer.text}`)
        assertRefusal(answer, title, server, traceId)
        if (place && answer.status !== 404)
          assert.ok(isDocumented(place, answer), `${title} is not documented: ${answer.text}`)
        check?.(answer)
      }
      for (const attempt of attempts) await run(attempt)
      const changed = differing(before, await digest())
      if (changed.length === 0) return
      let last = await digest()
      for (const attempt of attempts) {
        await run(attempt)
        const now = await digest()
        assert.deepEqual(differing(last, now), [], `${attempt.title} was refused and yet changed something`)
        last = now
      }
      assert.fail(`the refused calls changed ${changed.join(', ')}`)
    }
    const differing = (one: Record<string, string>, other: Record<string, string>) =>
      Object.keys(one).filter((name) => one[name] !== other[name])

    const names = (field: Field, params: string[], title: string) => (answer: WireAnswer) => {
      const details = answer.json.error?.errorDetail ?? []
      const named = details.filter((detail) => params.includes(detail.errorParam))
      assert.ok(named.length > 0, `${title}: ${params.join(' or ')} is not named in ${answer.text}`)
      assert.ok(
        named.some((detail) => detail.errorPos === field.position),
        `${title}: ${field.position} is not where ${answer.text} looks`,
      )
    }

    for (const place of places) {
      const faults = faultsOf(place)
      if (faults.length === 0) continue
      test(`${titleOf(place)} refuses ${faults.length} inputs its schema forbids, naming the field`, async () => {
        const good = await prepare(place)
        const attempt = (fault: Fault): Attempt => {
          const { call, traceId } = callOf(place, withValue(good, fault.field, fault.value))
          // what is no number is no job: the address of a job is an endpoint for digits only
          const isNoEndpoint = (answer: WireAnswer) => fault.param === 'job_id' && answer.status === 404
          const check = (answer: WireAnswer) =>
            isNoEndpoint(answer) || names(fault.field, [fault.param], fault.title)(answer)
          return { title: `${place.name}: ${fault.title}`, call, place, traceId, check }
        }
        await refuseAll(faults.map(attempt))
        const answer = await send(server.url, callOf(place, good).call)
        assert.equal(outcomeOf(answer), 'ok', `the input is good but for the faults: ${answer.text}`)
        await quiet(server.running.parts.db)
      })
    }

    /** Fields in which an unknown id fails its own entry and not the call, as the reference wants it. */
    const answeredEach = new Set([
      'addGroupMembers amendModRoles[0].userId',
      'addGroupMembers userIds[0]',
      'removeGroupMembers amendModRoles[0].userId',
      'removeGroupMembers userIds[0]',
      'downloadFiles fileIds[0]',
      'createJob taskInfo.fileInfo[0].fileId',
    ])
    /** Where two fields have to agree, either may be named. */
    const namedInstead: Record<string, string> = {
      'createJob taskInfo.srcContainerId': 'dstContainerId',
      'emptyBin container': 'containerId',
    }
    /** What is about the caller, not about a field. */
    const aboutTheCaller = new Set<string>([
      'TOKEN_INVALID',
      'SIGN_IN_REQUIRED',
      'NOT_A_RECEIVER',
    ] satisfies ErrorReason[])
    const isId = (field: Field) =>
      field.schema.pattern === '^[0-9A-Za-z_.-]+$' || ['shortUrl', 'job_id'].includes(String(field.path[0]))

    for (const place of places) {
      const fields = fieldsOf(place).filter(
        (field) => isId(field) && !answeredEach.has(`${place.name} ${paramOf(field.path)}`),
      )
      if (fields.length === 0) continue
      test(`${titleOf(place)} refuses ids of nobody, of somebody else and of what is gone`, async () => {
        const good = await prepare(place)
        const attempts = fields.flatMap((field) =>
          Object.entries(alien).map(([kind, value]): Attempt => {
            const title = `${place.name}: ${paramOf(field.path)} is ${kind}`
            // an alternative to another field is tried alone
            const base =
              place.name === 'emptyBin' ? withValue(good, { position: 'body', path: ['containerId'] }, absent) : good
            const { call, traceId } = callOf(place, withValue(base, field, value))
            const param = paramOf(field.path)
            const instead = namedInstead[`${place.name} ${param}`]
            const check = (answer: WireAnswer) => {
              if (aboutTheCaller.has(outcomeOf(answer)) || answer.status === 404) return
              // the first entry of a list stands for the list
              names({ ...field }, [param, param.replace(/\[0\]$/, ''), ...(instead ? [instead] : [])], title)(answer)
            }
            return { title, call, place, traceId, check }
          }),
        )
        // a path of dots is another path
        await refuseAll(attempts.filter(({ call }) => !/\/\.\.?(?:\/|\?|$)/.test(call.path)))
        await quiet(server.running.parts.db)
      })
    }

    const withBody = places.filter(({ endpoint, isBodyInQuery }) => endpoint.body && !isBodyInQuery)

    test('every endpoint with a body refuses bodies that are no object, not JSON or nested too deep', async () => {
      const bodies: Record<string, string | Buffer> = {
        'no JSON': '{"a":',
        text: 'nonsense',
        'two values': '{} {}',
        'a comma too many': '{"a":1,}',
        'in single quotes': "{'a':1}",
        NaN: '{"validDays":NaN}',
        'a list': '[]',
        'a text in JSON': '"x"',
        'a number': '5',
        null: 'null',
        true: 'true',
        '10,000 lists in each other': '['.repeat(10_000) + ']'.repeat(10_000),
        '10,000 lists that never end': '['.repeat(10_000),
        '10,000 objects that never end': '{"a":'.repeat(10_000),
        'bytes that are no UTF-8': Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a]),
        'UTF-16': Buffer.from('{"a":1}', 'utf16le'),
        'NUL bytes': Buffer.alloc(100),
      }
      for (const place of withBody) {
        const good = await prepare(place)
        const attempts = Object.entries(bodies).map(([kind, body]): Attempt => {
          const { call, traceId } = callOf(place, good)
          return { title: `${place.name}: the body is ${kind}`, call: { ...call, body }, traceId }
        })
        await refuseAll(attempts)
      }
    })

    test('fields that nest 10,000 levels deep are refused where they are known and ignored where they are not', async () => {
      const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`
      for (const place of withBody) {
        const good = await prepare(place)
        for (const name of Object.keys(place.endpoint.body?.properties ?? {})) {
          const { call, traceId } = callOf(place, withValue(good, { position: 'body', path: [name] }, absent))
          const body = `{"${name}":${deep},${(call.body as string).slice(1)}`.replace(/,\}$/, '}')
          const answer = await send(server.url, { ...call, body })
          // an object none of whose fields is sent says nothing
          if (outcomeOf(answer) === 'ok') assert.match(name, /^(?:permission|pageInfo|sortInfo)$/, place.name)
          else assertRefusal(answer, `${place.name} ${name}`, server, traceId)
        }
        const { call } = callOf(place, await prepare(place))
        const answer = await send(server.url, { ...call, body: `{"unknown":${deep},${(call.body as string).slice(1)}` })
        assert.equal(outcomeOf(answer), 'ok', place.name)
        await quiet(server.running.parts.db)
      }
    })

    test('a body over the bound is refused with 413, with a length and without one', async () => {
      for (const place of withBody) {
        const { call, traceId } = callOf(place, await prepare(place))
        const body = `{"padding":"${'x'.repeat(2 * 1024 * 1024)}"}`
        const headers = { ...call.headers, 'transfer-encoding': 'chunked' }
        const before = await digest()
        for (const one of [
          { ...call, body },
          { ...call, headers, body },
        ]) {
          const answer = await send(server.url, one)
          assert.equal(answer.status, 413, place.name)
          assertRefusal(answer, place.name, server, traceId)
          assert.equal(outcomeOf(answer), 'BODY_TOO_LARGE')
        }
        assert.deepEqual(differing(before, await digest()), [])
      }
    })

    test('keys that name prototypes are keys nobody knows, and pollute nothing', async () => {
      const keys = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']
      const hostile = '{"polluted":true,"role":2,"isAdmin":true,"prototype":{"polluted":true}}'
      for (const value of [hostile, '5', `[${hostile}]`]) {
        const extra = keys.map((key) => `"${key}":${value}`).join(',')
        for (const place of withBody) {
          const { call } = callOf(place, await prepare(place))
          const answer = await send(server.url, { ...call, body: `{${extra},${(call.body as string).slice(1)}` })
          assert.equal(outcomeOf(answer), 'ok', `${place.name}: ${answer.text}`)
          assert.ok(!answer.text.includes('polluted'), place.name)
        }
        await quiet(server.running.parts.db)
      }
      // and as the only thing that is sent, they stand for nothing
      for (const place of withBody.filter(({ endpoint }) => (endpoint.body?.required?.length ?? 0) > 0)) {
        const { call, traceId } = callOf(place, await prepare(place))
        const own = call.body as string
        const answer = await send(server.url, { ...call, body: `{"__proto__":${own},"constructor":${own}}` })
        assert.notEqual(outcomeOf(answer), 'ok', place.name)
        assertRefusal(answer, place.name, server, traceId)
      }
      assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
      assert.deepEqual(Object.keys(Object.prototype), [])
    })

    test('a body comes through under any content type, or is refused as a whole', async () => {
      const types = [
        'text/plain',
        'application/xml',
        'multipart/form-data; boundary=x',
        'application/json; charset=utf-16',
        'x',
        '',
        '/',
        ';;',
        'a'.repeat(4000),
        'application/x-www-form-urlencoded',
      ]
      const place = places.find(({ name }) => name === 'createFolder') as Place
      for (const type of types) {
        const { call, traceId } = callOf(place, await prepare(place))
        const before = await digest()
        const answer = await send(server.url, { ...call, headers: { ...call.headers, 'content-type': type } })
        if (outcomeOf(answer) === 'ok') continue
        assertRefusal(answer, type, server, traceId)
        assert.deepEqual(differing(before, await digest()), [], type)
      }
      const chunked = callOf(place, await prepare(place)).call
      const headers = { ...chunked.headers, 'transfer-encoding': 'chunked' }
      assert.equal(outcomeOf(await send(server.url, { ...chunked, headers })), 'ok', 'a body in chunks is a body')
    })

    test('what is sent under one name many times, or in no proper encoding, is refused or read as text', async () => {
      const queries = [
        '%',
        '%zz',
        '%ff%fe',
        '%ed%a0%80',
        '%00',
        '&&&&',
        '=',
        '=x',
        '__proto__=1',
        '__proto__[a]=1',
        'a'.repeat(8000),
        '%25',
        'x[]=1',
        '?',
        '#',
        ';',
        '+',
      ]
      for (const place of places.filter(({ method }) => method === 'GET')) {
        const { call } = callOf(place, await prepare(place))
        for (const query of queries) {
          const traceId = traceOf()
          const joined = `${call.path}${call.path.includes('?') ? '&' : '?'}${query}`
          const answer = await send(server.url, {
            ...call,
            path: joined,
            headers: { ...call.headers, 'x-traceid': traceId },
          })
          if (outcomeOf(answer) === 'ok') assertDiscreet(answer, joined, server)
          else assertRefusal(answer, joined, server, traceId)
        }
        await quiet(server.running.parts.db)
      }
      for (const place of places.filter(({ path }) => path.includes('{'))) {
        const attempts = ['%', '%zz', '%c3%28', '%2', '%ff'].map((text): Attempt => {
          const traceId = traceOf()
          const path = place.path.replaceAll(/\{\w+\}/g, text)
          const call = { method: place.method, path, headers: { ...credentials(place), 'x-traceid': traceId } }
          return {
            title: `${place.method} ${path}`,
            call: place.endpoint.body ? { ...call, body: '{}' } : call,
            traceId,
          }
        })
        await refuseAll(attempts)
      }
    })

    test('a method that an address does not have is no endpoint', async () => {
      const methods = [
        'GET',
        'POST',
        'PUT',
        'PATCH',
        'DELETE',
        'OPTIONS',
        'TRACE',
        'SEARCH',
        'PROPFIND',
        'MOVE',
        'COPY',
      ]
      const paths = new Map<string, Set<string>>()
      for (const { method, path } of places) paths.set(path, (paths.get(path) ?? new Set()).add(method))
      const attempts: Attempt[] = []
      for (const [path, served] of paths) {
        const concrete = path.replaceAll(/\{\w+\}/g, '1')
        const fitting = (method: string) =>
          [...paths].some(
            ([other, methodsOf]) =>
              methodsOf.has(method) && new RegExp(`^${other.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(concrete),
          )
        for (const method of methods.filter((one) => !served.has(one) && !fitting(one))) {
          const traceId = traceOf()
          const call = {
            method,
            path: concrete,
            headers: { authorization: `Bearer ${world.admin.token}`, 'x-traceid': traceId },
          }
          const check = (answer: WireAnswer) => assert.equal(outcomeOf(answer), 'NO_SUCH_ENDPOINT', `${method} ${path}`)
          attempts.push({ title: `${method} ${path}`, call, traceId, check })
        }
      }
      await refuseAll(attempts)
    })

    test('a credential in a wrong form is refused as a credential, on every endpoint that wants one', async () => {
      const { token, id } = world.owner
      const hex = (digit: string) => digit.repeat(64)
      const hmac = (app: string, names: string, signature: string) =>
        `HMAC-SHA256 AppId=${app},SignedHeaders=${names},Signature=${signature}`
      const wrong = [
        '0'.repeat(48),
        `Bearer ${'0'.repeat(48)}`,
        `Bearer  ${token}`,
        `bearer ${token}`,
        `Basic ${Buffer.from('admin:admin').toString('base64')}`,
        `Bearer ${token.toUpperCase()}x`,
        `Bearer ${token} `.concat('x'),
        `Bearer ${token},Bearer ${token}`,
        token.slice(1),
        `${token}0`,
        'Bearer',
        'Bearer null',
        'Bearer undefined',
        "Bearer ' or '1'='1",
        'x'.repeat(8000),
        'HMAC-SHA256 ',
        hmac('', '', ''),
        hmac(hex('0'), 'host;x-date;x-user-id', hex('0')),
        hmac(hex('g'), 'host', hex('0')),
        hmac(hex('0'), ';'.repeat(500), hex('0')),
        hmac(hex('0'), '__proto__;constructor', hex('0')),
        `${hmac(hex('0'), 'x-date;x-user-id', hex('0'))},${hmac(hex('1'), 'x-date', hex('1'))}`,
      ]
      for (const place of places.filter(({ endpoint }) => !['anyone', 'visitor'].includes(endpoint.caller))) {
        const good = await prepare(place)
        const attempts = wrong.map((authorization): Attempt => {
          const traceId = traceOf()
          const headers = { authorization, 'x-traceid': traceId, 'x-user-id': id, 'x-date': '20261121T100000Z' }
          const check = (answer: WireAnswer) => {
            assert.equal(answer.status, 401, authorization)
            assert.ok(['TOKEN_INVALID', 'SIGNATURE_INVALID'].includes(outcomeOf(answer)), authorization)
          }
          return { title: `${place.name} with ${authorization}`, call: wireOf(place, good, headers), traceId, check }
        })
        await refuseAll(attempts)
      }
    })

    test('a trace id of another form fails no call and is replaced; a good one comes back', async () => {
      const place = places.find(({ name }) => name === 'listJobs') as Place
      const { call } = callOf(place, await prepare(place))
      const good = `${'a-Z_0'.repeat(11)}xyz`
      assert.equal(good.length, 58)
      for (const traceId of [
        '',
        'short',
        'x'.repeat(57),
        'x'.repeat(59),
        `${'x'.repeat(57)}<`,
        `${'x'.repeat(57)} `,
        'x'.repeat(4000),
      ]) {
        const answer = await send(server.url, { ...call, headers: { ...call.headers, 'x-traceid': traceId } })
        assert.equal(outcomeOf(answer), 'ok')
        assert.match(String(answer.headers['x-traceid']), /^[0-9A-Za-z_-]{58}$/)
        assert.notEqual(answer.headers['x-traceid'], traceId)
      }
      for (const path of [call.path, '/nowhere', '/bytes/download/x/x']) {
        const answer = await send(server.url, { ...call, path, headers: { ...call.headers, 'x-traceid': good } })
        assert.equal(answer.headers['x-traceid'], good, path)
      }
    })

    test('an Idempotency-Key that is no key is named as the header at fault', async () => {
      for (const name of ['createShare', 'createJob', 'createFile', 'emptyBin'] as const) {
        const place = places.find((one) => one.name === name) as Place
        const good = await prepare(place)
        const attempts = ['a b', 'x'.repeat(201), 'a\tb', '\u00e4'].map((key): Attempt => {
          const { call, traceId } = callOf(place, good)
          const check = (answer: WireAnswer) => {
            const detail = answer.json.error?.errorDetail[0]
            assert.deepEqual([detail?.errorPos, detail?.errorParam], ['header', 'Idempotency-Key'])
          }
          return {
            title: `${name} ${key}`,
            call: { ...call, headers: { ...call.headers, 'idempotency-key': key } },
            traceId,
            check,
          }
        })
        await refuseAll(attempts)
      }
    })

    test('a cursor is good for its own list only, and only as it was given', async () => {
      const { owner, admin } = world
      for (const stem of ['c', 'd', 'e']) await makeFolder(owner, freshName(`${stem} `), world.folder)
      for (let count = 0; count < 3; count++) {
        await owner.drive.createGroup({ groupName: freshName('Paged '), sourceType: 1 })
        await owner.drive.createGroup({ groupName: freshName('Paged '), sourceType: 0 })
      }
      const { shortUrl } = world.shares.everybody
      const list = { type: 0, containerId: owner.space, parentFileId: world.folder }
      const lists: Record<string, { param: string; page: (pageCursor: string) => Promise<{ nextCursor?: string }> }> = {
        'a folder': {
          param: 'pageInfo.pageCursor',
          page: (pageCursor) => owner.drive.listFiles({ ...list, pageInfo: { pageSize: 1, pageCursor } }),
        },
        'the folder by name': {
          param: 'pageInfo.pageCursor',
          page: (pageCursor) =>
            owner.drive.listFiles({ ...list, pageInfo: { pageSize: 1, pageCursor }, sortInfo: { sortType: 1 } }),
        },
        'the folder, folders first': {
          param: 'pageInfo.pageCursor',
          page: (pageCursor) =>
            owner.drive.listFiles({ ...list, pageInfo: { pageSize: 1, pageCursor }, foldersFirst: true }),
        },
        'the top of the space': {
          param: 'pageInfo.pageCursor',
          page: (pageCursor) =>
            owner.drive.listFiles({ ...list, parentFileId: 'root', pageInfo: { pageSize: 1, pageCursor } }),
        },
        'a folder of a link': {
          param: 'pageCursor',
          page: (pageCursor) =>
            owner.drive.listShareFiles({ shortUrl, parentFolder: world.folder, pageSize: 1, pageCursor }),
        },
        'the same folder of another link': {
          param: 'pageCursor',
          page: (pageCursor) =>
            owner.drive.listShareFiles({
              shortUrl: world.shares.enterprise.shortUrl,
              parentFolder: world.folder,
              pageSize: 1,
              pageCursor,
            }),
        },
        'a link for everybody': {
          param: 'pageCursor',
          page: (pageCursor) =>
            server.anonymous.listShareFilesPublic({
              shortUrl,
              parentFolder: world.folder,
              sortType: 2,
              pageSize: 1,
              pageCursor,
            }),
        },
        people: { param: 'pageCursor', page: (pageCursor) => admin.drive.listUsers({ pageSize: 1, pageCursor }) },
        'people of a department': {
          param: 'pageCursor',
          page: (pageCursor) => admin.drive.listUsers({ pageSize: 1, pageCursor, deptId: world.rootDepartment }),
        },
        groups: {
          param: 'pageCursor',
          page: (pageCursor) => owner.drive.listGroups({ sourceType: 1, pageSize: 1, pageCursor }),
        },
        'groups of the other kind': {
          param: 'pageCursor',
          page: (pageCursor) => owner.drive.listGroups({ sourceType: 0, pageSize: 1, pageCursor }),
        },
      }
      const cursors: Record<string, string> = {}
      for (const [name, { page }] of Object.entries(lists)) {
        const { nextCursor } = await page('')
        assert.ok(nextCursor, `${name} has a second page`)
        cursors[name] = nextCursor
        await page(nextCursor)
        await page('0')
      }
      for (const [name, { page, param }] of Object.entries(lists)) {
        const own = cursors[name] ?? ''
        const [body = '', signature = ''] = own.split('.')
        const forged = Buffer.from(JSON.stringify(['', '', 0])).toString('base64url')
        const wrong = [
          ...Object.entries(cursors).flatMap(([other, cursor]) => (other === name ? [] : [cursor])),
          `${own}x`,
          own.slice(0, -1),
          `${own}=`,
          `${own}.x`,
          `${own}.`,
          ` ${own}`,
          `${forged}.${signature}`,
          `${body}.`,
          body,
          '1',
          'x',
          '..',
          'null',
          Buffer.from('{"__proto__":1}').toString('base64url'),
        ]
        for (const cursor of wrong) {
          await assert.rejects(page(cursor), (error: { reason: string; details: { errorParam: string }[] }) => {
            assert.equal(error.reason, 'CURSOR_INVALID', `${name} with ${cursor}`)
            assert.equal(error.details[0]?.errorParam, param, name)
            return true
          })
        }
      }
      const foreign = await world.stranger.drive.createGroup({ groupName: freshName('Own '), sourceType: 1 })
      assert.ok(foreign.id)
      const theirs = world.stranger.drive.listGroups({
        sourceType: 1,
        pageSize: 1,
        pageCursor: cursors['groups'] ?? '',
      })
      await assert.rejects(theirs, { reason: 'CURSOR_INVALID' })
    })

    describe('what no schema thought of', () => {
      const nasty: unknown[] = [
        null,
        '',
        ' ',
        '0',
        '-1',
        'NaN',
        'true',
        'undefined',
        '../../etc/passwd',
        '%00',
        'a\0b',
        '\ud800',
        '\udfff\ud800',
        '‮gnp.exe',
        'İ'.repeat(250),
        'ﷺ'.repeat(250),
        '１２３',
        "'; drop table shares; --",
        '${7*7}{{7*7}}<img src=x onerror=alert(1)>',
        '😀'.repeat(250),
        'a1'.repeat(125),
        '\u{10ffff}',
        2 ** 31,
        2 ** 53 + 2,
        -0,
        0.1,
        1e21,
        -1e308,
        [],
        [null],
        [[]],
        {},
        { __proto__: null, length: 1 },
        { length: -1 },
        { toString: 1, valueOf: 1 },
        [''],
        Array.from({ length: 1200 }, (_, index) => String(index)),
      ]
      const value = fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(...nasty) },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
        { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
        { weight: 1, arbitrary: fc.double() },
      )

      for (const place of places.filter((one) => fieldsOf(one).length > 0)) {
        test(`${titleOf(place)} answers anything with sense, and a refusal changes nothing`, async () => {
          const fields = fieldsOf(place)
          const change = fc.record({ field: fc.constantFrom(...fields), value })
          const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
            const good = await prepare(place)
            const parted = changes.reduce((sofar, one) => safely(sofar, one.field, one.value), good)
            const { call, traceId } = callOf(place, parted)
            const before = await digest()
            const answer = await send(server.url, call)
            const what = `${place.name} with ${JSON.stringify(parted).slice(0, 500)}`
            if (outcomeOf(answer) === 'ok') {
              assertDiscreet(answer, what, server)
              await quiet(server.running.parts.db)
              return
            }
            assertRefusal(
              answer,
              what,
              server,
              answer.status === 400 && answer.headers.connection === 'close' ? undefined : traceId,
            )
            if (answer.status === 400 && answer.headers.connection !== 'close')
              assert.ok(isDocumented(place, answer), `${what} is not documented: ${answer.text}`)
            assert.deepEqual(differing(before, await digest()), [], `${what}: ${answer.text}`)
          })
          // a failure prints the seed and the smallest input that fails
          await fc.assert(property, {
            seed,
            numRuns: runsEach,
            endOnFailure: false,
            interruptAfterTimeLimit: 20_000,
            markInterruptAsFailure: false,
          })
        })
      }

      /** As `withValue`, for changes one of which may have taken away what the next is about. */
      const safely = (parted: Parted, field: Field, one: unknown): Parted => {
        try {
          const sendable = field.position === 'header' ? String(JSON.stringify(one)).replaceAll(/[^ -~]/g, '') : one
          const text = field.position === 'body' || field.position === 'header' ? sendable : textFor(one)
          return withValue(parted, field, text)
        } catch {
          return parted
        }
      }
      /** Addresses carry text without half characters, and not too much of it. */
      const textFor = (one: unknown) =>
        (typeof one === 'string' ? one : (JSON.stringify(one) ?? '')).toWellFormed().slice(0, 500)
    })

    describe('lines that are no proper HTTP', () => {
      /** Sends bytes as they are; answers what came back before the line was closed. */
      const speak = (bytes: string | Buffer): Promise<string> =>
        new Promise((resolve, reject) => {
          const { hostname, port } = new URL(server.url)
          const socket = connect(Number(port), hostname)
          const chunks: Buffer[] = []
          socket.on('data', (chunk) => chunks.push(chunk))
          socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
          socket.on('error', (error: NodeJS.ErrnoException) =>
            error.code === 'ECONNRESET' ? undefined : reject(error),
          )
          socket.write(bytes)
          // what is left unsaid for ever is said to be over
          socket.end()
        })
      const target = '/koodrive/ose/v1/directory'

      test('a line that is no HTTP, or too long before its body, is answered in the envelope and closed', async () => {
        const before = await digest()
        const wrong = [
          'nonsense\r\n\r\n',
          'GET\r\n\r\n',
          `GET ${target} HTTP/9.9\r\n\r\n`,
          `GET ${target} HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n`,
          `GET ${target} HTTP/1.1\r\nhost: x\r\nx: a\0b\r\n\r\n`,
          `POST ${target} HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n`,
          `POST ${target} HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc`,
          `POST ${target} HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\nabc`,
          `POST ${target} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n`,
          `POST ${target} HTTP/1.1\r\nhost: x\r\ncontent-length: 1e3\r\n\r\n`,
          `GET ${target}?${'x'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
          `GET ${target} HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`,
          Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc]),
        ]
        for (const bytes of wrong) {
          const answer = await speak(bytes)
          const title = String(bytes).slice(0, 80)
          assert.match(answer, /^HTTP\/1\.1 4\d\d /, title)
          const json = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as WireAnswer['json']
          assert.equal(json.error?.errorDetail[0]?.reason, 'BAD_REQUEST', title)
          assert.match(answer, /\r\nx-traceid: [0-9A-Za-z_-]{58}\r\n/i, title)
          for (const leak of leaks) assert.doesNotMatch(answer, leak, title)
        }
        assert.deepEqual(differing(before, await digest()), [])
      })

      test('a call that breaks off within its body changes nothing', async () => {
        const before = await digest()
        const body = JSON.stringify({ fileName: 'broken', fileType: '10', containerId: world.owner.space })
        const head = `POST ${target} HTTP/1.1\r\nhost: x\r\nauthorization: ${world.owner.token}\r\ncontent-type: application/json\r\n`
        await speak(`${head}content-length: ${body.length + 10}\r\n\r\n${body}`)
        await speak(`${head}transfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n`)
        assert.deepEqual(differing(before, await digest()), [])
        assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
      })
    })

    describe('addresses of bytes', () => {
      test('a range that makes no sense is answered with the whole or refused, and never with a fault of ours', async () => {
        const { downloads } = await world.owner.drive.downloadFiles({
          containerId: world.owner.space,
          fileIds: [world.file],
        })
        const url = new URL(downloads[0]?.url ?? '')
        const call = { method: 'GET', path: url.pathname }
        const ranges = [
          'bytes=-',
          'bytes=',
          'bytes=a-b',
          'bytes=5-2',
          'bytes=0-0,2-3',
          'items=0-1',
          'bytes=0-99999999999999999999',
          'bytes=-0',
          'bytes=99-',
          'bytes= 0-1',
          'bytes=0x1-2',
          '-1',
          'bytes=-99999',
          'bytes=1.5-2',
          'x'.repeat(4000),
        ]
        for (const range of ranges) {
          const answer = await send(server.url, { ...call, headers: { range } })
          assert.ok([200, 206, 416].includes(answer.status), `${range}: ${answer.status}`)
          if (answer.status === 200) assert.equal(answer.text, 'the report', range)
          if (answer.status === 206) assert.ok('the report'.includes(answer.text), range)
        }
        for (const [name, text] of [
          ['if-range', '"x"'],
          ['if-none-match', '*, "x", W/"y"'],
          ['if-none-match', '\u00e4'],
        ] as const) {
          const answer = await send(server.url, { ...call, headers: { [name]: text, range: 'bytes=0-2' } })
          assert.ok([200, 206, 304].includes(answer.status), name)
        }
      })

      test('a part of another length than was declared is refused, and the upload goes on', async () => {
        const { owner } = world
        const { fileId, multiParts } = await owner.drive.createFile({
          fileName: freshName('parts '),
          fileType: '45',
          parentFolder: ['root'],
          containerId: owner.space,
          length: 3,
          autoRename: 2,
          multiParts: [{ partNumber: 1, partSize: 3 }],
        })
        const { pathname } = new URL(multiParts[0]?.uploadUrl ?? '')
        const before = await digest()
        const chunked = { 'transfer-encoding': 'chunked' }
        const wrong: WireCall[] = [
          { method: 'PUT', path: pathname, body: 'ab' },
          { method: 'PUT', path: pathname, body: 'abcd' },
          { method: 'PUT', path: pathname, body: '' },
          { method: 'PUT', path: pathname, body: 'ab', headers: chunked },
          { method: 'PUT', path: pathname, body: 'x'.repeat(100_000), headers: chunked },
          { method: 'PUT', path: pathname, body: 'x'.repeat(3_000_000) },
        ]
        for (const call of wrong) {
          const answer = await send(server.url, call)
          assertRefusal(answer, call.body as string, server)
          assert.equal(outcomeOf(answer), 'UPLOAD_FAILED')
        }
        assert.deepEqual(differing(before, await digest()), [])
        await assert.rejects(owner.drive.completeFile({ fileId }), { reason: 'UPLOAD_INCOMPLETE' })
        assert.equal((await send(server.url, { method: 'PUT', path: pathname, body: 'abc' })).status, 200)
        await owner.drive.completeFile({ fileId })
      })
    })

    test('after all of this the server is well', async () => {
      assert.equal((await fetch(`${server.url}/readyz`)).status, 200)
      const { files } = await server.anonymous.listShareFilesPublic({ shortUrl: world.shares.everybody.shortUrl })
      assert.deepEqual(
        files.map((one) => one.id),
        [world.folder],
      )
    })
  })
}
