import { type EndpointName, endpoints, errorKinds, type ErrorReason } from '@driveway/contract'
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ByteGrant, writeByteToken } from './byte-tokens.ts'
import { startTestServer, testEngines, type TestServer } from './testing/server.ts'
import {
  isDocumented,
  outcomeOf,
  part,
  type Place,
  places,
  send,
  titleOf,
  type WireAnswer,
  wireOf,
} from './testing/wire.ts'
import {
  accessCode,
  buildWorld,
  freshName,
  inputs,
  makeDepartment,
  makeFolder,
  makePerson,
  type Person,
  putFile,
  runJob,
  share,
  shareKinds,
  type ShareKind,
  signIn,
  type World,
} from './testing/world.ts'

type Expected = 'ok' | ErrorReason

const signedIn = ['owner', 'member', 'stranger', 'byUser', 'byGroup', 'byDepartment', 'admin'] as const
const others = [
  'anonymous',
  'deadToken',
  'disabled',
  'visitorWithToken',
  'visitorWithoutToken',
  'visitorWithForeignToken',
] as const
const callers = [...signedIn, ...others] as const
type Caller = (typeof callers)[number]
type Row = Record<Caller, Expected>

/** A row: what signed-in people get, what everybody else gets, and who gets something else. */
function row(people: Expected, rest: Expected, exceptions: Partial<Row> = {}): Row {
  const usual = (list: readonly Caller[], expected: Expected) => list.map((caller) => [caller, expected] as const)
  return { ...(Object.fromEntries([...usual(signedIn, people), ...usual(others, rest)]) as Row), ...exceptions }
}

const dead: Expected = 'TOKEN_INVALID'
const everybody = row('ok', 'ok')
const people = row('ok', dead)
const administrators = row('NOT_AN_ADMINISTRATOR', dead, { admin: 'ok' })
const ownerElse = (reason: Expected) => row(reason, dead, { owner: 'ok' })
const inSpace = ownerElse('SPACE_NOT_ACCESSIBLE')

const named: Partial<Row> = { owner: 'ok', byUser: 'ok', byGroup: 'ok', byDepartment: 'ok' }
const opensSignedIn: Record<ShareKind, Row> = {
  everybody: people,
  everybodyCode: row('ACCESS_CODE_REQUIRED', dead, { owner: 'ok' }),
  enterprise: people,
  enterpriseCode: row('ACCESS_CODE_REQUIRED', dead, { owner: 'ok' }),
  named: row('NOT_A_RECEIVER', dead, named),
  namedCode: row('NOT_A_RECEIVER', dead, named),
}
/** What needs no code: the public facts, and trying the code. */
const nearsSignedIn: Record<ShareKind, Row> = { ...opensSignedIn, everybodyCode: people, enterpriseCode: people }

const refused = row('SIGN_IN_REQUIRED', 'SIGN_IN_REQUIRED')
const closed = { enterprise: refused, enterpriseCode: refused, named: refused, namedCode: refused }
const codeFirst = row('ACCESS_CODE_REQUIRED', 'ACCESS_CODE_REQUIRED')
const nearsPublic: Record<ShareKind, Row> = { everybody, everybodyCode: everybody, ...closed }
const visitsPublic: Record<ShareKind, Row> = { everybody, everybodyCode: codeFirst, ...closed }
const opensPublic: Record<ShareKind, Row> = {
  everybody,
  everybodyCode: { ...codeFirst, visitorWithToken: 'ok' },
  ...closed,
}

const rows: Record<EndpointName, Row | Record<ShareKind, Row>> = {
  login: everybody,
  refreshToken: everybody,
  checkSession: people,
  logoff: everybody,
  refreshSession: ownerElse('TOKEN_INVALID'),

  listDepartments: people,
  getDepartment: people,
  createDepartment: administrators,
  updateDepartment: administrators,
  deleteDepartment: administrators,
  listPeople: people,
  createUser: administrators,
  listUsers: administrators,
  updateUser: administrators,
  importUsers: administrators,
  createGroup: people,
  listGroups: people,
  listGroupMembers: ownerElse('NOT_FOUND'),
  addGroupMembers: ownerElse('NOT_FOUND'),
  removeGroupMembers: ownerElse('NOT_FOUND'),
  createApp: administrators,
  listApps: administrators,
  deleteApp: administrators,

  getSpace: { ...inSpace, admin: 'ok' },
  listSpaces: { ...inSpace, admin: 'ok' },

  createFolder: inSpace,
  createFile: inSpace,
  getUploadUrls: ownerElse('UPLOAD_NOT_FOUND'),
  completeFile: ownerElse('UPLOAD_NOT_FOUND'),
  downloadFiles: inSpace,
  getFile: inSpace,
  renameFile: inSpace,
  getFilePath: inSpace,
  emptyBin: inSpace,
  listFiles: inSpace,

  createJob: inSpace,
  listJobs: people,
  getJob: ownerElse('NOT_FOUND'),
  cancelJob: ownerElse('NOT_FOUND'),

  createShare: inSpace,
  visitShare: opensSignedIn,
  getShareInfo: nearsSignedIn,
  verifyExtractCode: nearsSignedIn,
  listShareFiles: opensSignedIn,
  downloadShareFile: opensSignedIn,
  visitSharePublic: visitsPublic,
  getShareInfoPublic: nearsPublic,
  verifyExtractCodePublic: nearsPublic,
  listShareFilesPublic: opensPublic,
  downloadShareFilePublic: opensPublic,
}

const isByKind = (entry: Row | Record<ShareKind, Row>): entry is Record<ShareKind, Row> => 'everybody' in entry

/** Endpoints whose success ends or changes the session they are called with. */
const endSessions = new Set<EndpointName>(['logoff', 'refreshSession'])

/** What a caller sends beside the input. */
async function credentialOf(world: World, caller: Caller, place: Place, kind: ShareKind) {
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` }, kdstoken: undefined })
  switch (caller) {
    case 'anonymous':
      return { headers: {}, kdstoken: undefined }
    case 'deadToken':
      return bearer('0'.repeat(48))
    case 'disabled':
      return bearer(world.disabled.token)
    case 'visitorWithToken':
    case 'visitorWithoutToken':
    case 'visitorWithForeignToken': {
      const other = kind === 'everybody' ? 'everybodyCode' : 'everybody'
      const tokens = { visitorWithToken: kind, visitorWithForeignToken: other, visitorWithoutToken: undefined } as const
      const from = tokens[caller]
      const kdstoken = from && world.shares[from].kdstoken
      // a visitor token has the form of an access token: it must not pass for one
      return kdstoken === undefined ? { headers: {}, kdstoken } : { ...bearer(kdstoken), kdstoken }
    }
    default: {
      const person = world[caller]
      return bearer(endSessions.has(place.name) ? (await signIn(world.server, person.account)).token : person.token)
    }
  }
}

function check(answer: WireAnswer, expected: Expected, what: string, place?: Place): void {
  assert.equal(outcomeOf(answer), expected, `${what}: ${answer.text}`)
  if (place) assert.ok(isDocumented(place, answer), `${what}: the document does not name ${expected} for ${place.name}`)
  if (expected === 'ok') return
  const { status, code } = errorKinds[expected]
  assert.equal(answer.status, status, what)
  assert.equal(answer.json.code, code, what)
  assert.deepEqual(Object.keys(answer.json).toSorted(), ['code', 'error', 'msg'], what)
  assert.deepEqual(answer.json.error?.errorData, {}, `${what}: a refusal tells nothing of what is there`)
}

test('every endpoint of the contract has a row in the access matrix', () => {
  assert.deepEqual(Object.keys(rows).toSorted(), Object.keys(endpoints).toSorted())
})

for (const engine of testEngines()) {
  describe(`who may call what, on ${engine}`, () => {
    let server: TestServer
    let world: World
    before(async () => {
      server = await startTestServer({ engine })
      world = await buildWorld(server)
    })
    after(() => server.close())

    const call = (place: Place, input: Record<string, unknown>, headers: Record<string, string> = {}) =>
      send(server.url, wireOf(place, part(place, input), headers))

    for (const place of places) {
      test(`${titleOf(place)} answers each caller as the matrix says`, async () => {
        const entry = rows[place.name]
        for (const kind of isByKind(entry) ? shareKinds : (['everybody'] as const)) {
          const expected = isByKind(entry) ? entry[kind] : entry
          for (const caller of callers) {
            const { headers, kdstoken } = await credentialOf(world, caller, place, kind)
            const input = await inputs[place.name](world, kind)
            if (place.name === 'refreshSession' && caller === 'owner') {
              // the caller's own session, with the token that goes with it
              const own = await signIn(server, 'owner')
              const answer = await call(
                place,
                { 'x-session-id': own.sessionId },
                { authorization: `Bearer ${own.token}` },
              )
              check(answer, 'ok', caller)
              continue
            }
            const answer = await call(place, kdstoken === undefined ? input : { ...input, kdstoken }, headers)
            check(answer, expected[caller], `${caller}, link for ${kind}`, place)
          }
        }
      })
    }

    test('a visitor token opens its own link for anybody who is signed in, and no other link', async () => {
      for (const place of places.filter(({ name }) => name === 'listShareFiles' || name === 'downloadShareFile')) {
        for (const kind of ['everybodyCode', 'enterpriseCode'] as const) {
          const input = await inputs[place.name](world, kind)
          const headers = { authorization: `Bearer ${world.stranger.token}` }
          const { kdstoken } = world.shares[kind]
          check(await call(place, { ...input, kdstoken }, headers), 'ok', kind)
          const foreign = world.shares[kind === 'everybodyCode' ? 'enterpriseCode' : 'everybodyCode'].kdstoken
          check(await call(place, { ...input, kdstoken: foreign }, headers), 'ACCESS_CODE_REQUIRED', kind)
          check(await call(place, { ...input, kdstoken: '' }, headers), 'ACCESS_CODE_REQUIRED', kind)
        }
        const named = await inputs[place.name](world, 'named')
        const headers = { authorization: `Bearer ${world.stranger.token}` }
        const { kdstoken } = world.shares.named
        check(await call(place, { ...named, kdstoken }, headers), 'NOT_A_RECEIVER', 'a token is no invitation')
      }
    })

    test('lists of groups and jobs hold the own ones of the caller only', async () => {
      for (const person of [world.stranger, world.byGroup, world.admin]) {
        const { userGroupList } = await person.drive.listGroups({ sourceType: 1 })
        assert.ok(!userGroupList.some(({ id }) => id === world.group))
        const { data } = await person.drive.listJobs({})
        assert.deepEqual(data, [])
      }
      assert.ok((await world.owner.drive.listJobs({})).data.length > 0)
    })

    test('the administrator sees the size of a space and nothing that is in it', async () => {
      const { data } = await server.admin.getSpace({ ownerId: world.owner.id })
      const drive = server.admin
      for (const type of [0, 1]) {
        const list = drive.listFiles({ type, containerId: data.containerId, parentFileId: 'root' })
        await assert.rejects(list, { reason: 'SPACE_NOT_ACCESSIBLE' })
      }
      assert.ok(!JSON.stringify(data).includes('report.txt'))
    })

    describe('a link in each of its states', () => {
      const openers = places.filter((place) => isByKind(rows[place.name]))
      type Operation = 'visit' | 'facts' | 'verify' | 'list' | 'download'
      const operationOf = (name: EndpointName): Operation => {
        if (name.startsWith('visit')) return 'visit'
        if (name.startsWith('getShareInfo')) return 'facts'
        if (name.startsWith('verify')) return 'verify'
        return name.startsWith('list') ? 'list' : 'download'
      }
      interface Opened {
        shareId: string
        shortUrl: string
        /** The folder listed, when it is not the top. */
        parentFolder?: string
        fileId: string
        /** What the owner gets instead, when it is not what everybody gets. */
        owner?: Expected
        /** What somebody who is not signed in gets instead. */
        visitor?: Expected
      }
      interface State {
        make: () => Promise<Opened>
        expected: Record<Operation, Expected>
        /** `status` of the public facts. */
        status?: number
      }
      const all = (reason: Expected, rest: Partial<Record<Operation, Expected>> = {}) => ({
        visit: reason,
        facts: reason,
        verify: reason,
        list: reason,
        download: reason,
        ...rest,
      })
      const ended = (reason: Expected) => all(reason, { facts: 'ok' })

      /** A new folder with a file in it, and a link of everybody's to either. */
      const fresh = async (
        what: 'folder' | 'file',
        person: Person = world.owner,
        more: { expireTime?: string } = {},
      ) => {
        const folder = await makeFolder(person, freshName('state '))
        const fileId = await putFile(person, 'inside.txt', 'inside', folder)
        const made = await share(person, [what === 'folder' ? folder : fileId], more)
        return { shareId: made.shareId, shortUrl: made.shortUrl, fileId, folder }
      }
      const db = () => server.running.parts.db
      const setShare = async (shareId: string, values: Record<string, string | number | null>) => {
        await db().updateTable('shares').set(values).where('id', '=', shareId).execute()
      }

      const states: Record<string, State> = {
        'is live': { make: () => fresh('folder'), expected: all('ok'), status: 0 },
        'has expired': {
          make: async () => {
            const end = server.running.parts.now().getTime() + 5 * 60_000
            const made = await fresh('folder', world.owner, { expireTime: new Date(end).toISOString() })
            server.advance(5 * 60_000)
            return made
          },
          expected: ended('SHARE_EXPIRED'),
          status: 3,
        },
        'has an owner who was disabled': {
          make: async () => {
            const gone = await makePerson(server, freshName('gone'))
            const made = await fresh('folder', gone)
            await server.admin.updateUser({ userId: gone.id, status: 1 })
            return made
          },
          expected: ended('SHARE_INVALID'),
          status: 2,
        },
        'has an owner whose space was closed': {
          make: async () => {
            const closed = await makePerson(server, freshName('closed'))
            const made = await fresh('folder', closed)
            await db().updateTable('spaces').set({ status: 1 }).where('id', '=', closed.space).execute()
            return made
          },
          expected: ended('SHARE_INVALID'),
          status: 2,
        },
        'has its only item in the bin': {
          make: async () => {
            const made = await fresh('file')
            await runJob(server, world.owner, 'bin', made.fileId)
            return made
          },
          expected: ended('SHARE_FILES_DELETED'),
          status: 1,
        },
        'has a folder above its item in the bin': {
          make: async () => {
            const made = await fresh('file')
            await runJob(server, world.owner, 'bin', made.folder)
            return made
          },
          expected: ended('SHARE_FILES_DELETED'),
          status: 1,
        },
        'has its item back from the bin': {
          make: async () => {
            const made = await fresh('folder')
            await runJob(server, world.owner, 'bin', made.folder)
            await runJob(server, world.owner, 'restore', made.folder)
            return made
          },
          expected: all('ok'),
          status: 0,
        },
        'has its item purged': {
          make: async () => {
            const made = await fresh('file')
            await runJob(server, world.owner, 'purge', made.fileId)
            return made
          },
          expected: ended('SHARE_FILES_DELETED'),
          status: 1,
        },
        'has an item moved out of its folder': {
          make: async () => {
            const made = await fresh('folder')
            const parentFolder = await makeFolder(world.owner, 'moved out', made.folder)
            const fileId = await putFile(world.owner, 'moved.txt', 'moved', parentFolder)
            await runJob(server, world.owner, 'move', parentFolder)
            return { ...made, parentFolder, fileId }
          },
          expected: all('ok', { list: 'NOT_IN_SHARE', download: 'NOT_IN_SHARE' }),
          status: 0,
        },
        'has a folder inside in the bin': {
          make: async () => {
            const made = await fresh('folder')
            const parentFolder = await makeFolder(world.owner, 'binned', made.folder)
            const fileId = await putFile(world.owner, 'binned.txt', 'binned', parentFolder)
            await runJob(server, world.owner, 'bin', parentFolder)
            return { ...made, parentFolder, fileId }
          },
          expected: all('ok', { list: 'NOT_IN_SHARE', download: 'NOT_IN_SHARE' }),
          status: 0,
        },
        'was moved itself': {
          make: async () => {
            const made = await fresh('file')
            await runJob(server, world.owner, 'move', made.fileId, await makeFolder(world.owner, freshName('else ')))
            return made
          },
          expected: all('ok'),
          status: 0,
        },
        'does not permit downloads': {
          make: async () => {
            const made = await fresh('folder')
            await setShare(made.shareId, { can_download: 0 })
            return made
          },
          expected: all('ok', { download: 'NOT_PERMITTED_BY_SHARE' }),
          status: 0,
        },
        'has a code': {
          make: async () => {
            const folder = await makeFolder(world.owner, freshName('coded '))
            const fileId = await putFile(world.owner, 'coded.txt', 'coded', folder)
            const { shareId, shortUrl } = await share(world.owner, [folder], { extractCode: accessCode })
            return { shareId, shortUrl, fileId, owner: 'ok' }
          },
          expected: all('ACCESS_CODE_REQUIRED', { facts: 'ok', verify: 'ok' }),
          status: 0,
        },
        'was cancelled': {
          make: async () => {
            const made = await fresh('folder')
            await setShare(made.shareId, { cancelled_at: new Date().toISOString() })
            return made
          },
          expected: all('SHARE_CANCELLED'),
        },
        'never was': {
          make: async () => ({ shareId: '1234567890123456789', shortUrl: 'a'.repeat(22), fileId: world.file }),
          expected: all('SHARE_NOT_FOUND'),
        },
      }

      for (const [state, { make, expected, status }] of Object.entries(states)) {
        test(`a link that ${state} answers so on every endpoint that opens links`, async () => {
          const opened = await make()
          for (const place of openers) {
            const operation = operationOf(place.name)
            const input = {
              shortUrl: opened.shortUrl,
              shareId: opened.shareId,
              extractCode: accessCode,
              fileId: opened.fileId,
              ...(opened.parentFolder === undefined ? {} : { parentFolder: opened.parentFolder }),
            }
            const isPublic = place.endpoint.caller === 'anyone'
            const people = isPublic ? [undefined] : [world.owner, world.stranger, world.byUser]
            for (const person of people) {
              const headers: Record<string, string> = person ? { authorization: `Bearer ${person.token}` } : {}
              const answer = await call(place, input, headers)
              const owners = person === world.owner ? opened.owner : undefined
              check(
                answer,
                owners ?? expected[operation],
                `${titleOf(place)} by ${person?.account ?? 'a visitor'}`,
                place,
              )
              if (operation === 'facts' && status !== undefined) {
                assert.equal((answer.json['link'] as { status: number }).status, status)
              }
            }
          }
        })
      }

      test('with links for the outside switched off, visitors are turned away and people of the enterprise are not', async () => {
        const inside = await startTestServer({ engine, env: { DRIVEWAY_EXTERNAL_SHARING: 'off' } })
        try {
          const owner = await makePerson(inside, 'owner')
          const colleague = await makePerson(inside, 'colleague')
          const fileId = await putFile(owner, 'plan.txt', 'the plan')
          await assert.rejects(share(owner, [fileId]), { reason: 'EXTERNAL_SHARING_OFF' })
          const { shareId, shortUrl } = await share(owner, [fileId], { scope: 2 })
          // as a link that was made before the switch
          await inside.running.parts.db.updateTable('shares').set({ scope: 1 }).where('id', '=', shareId).execute()
          for (const place of openers) {
            const input = { shortUrl, shareId, fileId, extractCode: accessCode }
            const isPublic = place.endpoint.caller === 'anyone'
            const headers: Record<string, string> = isPublic ? {} : { authorization: `Bearer ${colleague.token}` }
            const answer = await send(inside.url, wireOf(place, part(place, input), headers))
            check(answer, isPublic ? 'EXTERNAL_SHARING_OFF' : 'ok', titleOf(place), place)
          }
        } finally {
          await inside.close()
        }
      })
    })

    describe('addresses of bytes', () => {
      const get = (url: string, init: RequestInit = {}) => fetch(url, init)
      const reasonOf = async (answer: Response): Promise<string> => {
        const text = await answer.text()
        if (answer.status === 200) return text
        return (JSON.parse(text) as WireAnswer['json']).error?.errorDetail[0]?.reason ?? text
      }
      const tokenAddress = (grant: ByteGrant) =>
        `${server.url}/bytes/download/${writeByteToken(server.running.parts, grant)}/x`
      const ownAddress = async (person: Person, fileId: string) => {
        const { downloads } = await person.drive.downloadFiles({ containerId: person.space, fileIds: [fileId] })
        return downloads[0]?.url ?? ''
      }
      const shared = async (what: 'folder' | 'file', person: Person = world.owner, more = {}) => {
        const folder = await makeFolder(person, freshName('bytes '))
        const fileId = await putFile(person, 'inside.txt', 'inside', folder)
        const { shareId, shortUrl } = await share(person, [what === 'folder' ? folder : fileId], more)
        return { shareId, shortUrl, fileId, folder }
      }
      const publicAddress = async (shareId: string, fileId: string, kdstoken?: string) =>
        (await server.anonymous.downloadShareFilePublic({ shareId, fileId, ...(kdstoken ? { kdstoken } : {}) }))
          .downloadUrl

      test('an address for sending takes nothing but sending, and one for fetching nothing but fetching', async () => {
        const { owner } = world
        const { fileId, multiParts } = await owner.drive.createFile({
          fileName: freshName('put '),
          fileType: '45',
          parentFolder: ['root'],
          containerId: owner.space,
          length: 3,
          autoRename: 2,
          multiParts: [{ partNumber: 1, partSize: 3 }],
        })
        const put = multiParts[0]?.uploadUrl ?? ''
        const putToken = put.split('/').at(-1) ?? ''
        const fetched = await ownAddress(owner, world.file)
        const fetchToken = fetched.split('/').at(-2) ?? ''
        assert.equal(await reasonOf(await get(`${server.url}/bytes/download/${putToken}/x`)), 'DOWNLOAD_LINK_DEAD')
        const body = { method: 'PUT', body: 'abc' }
        assert.equal(await reasonOf(await get(`${server.url}/bytes/upload/${fetchToken}`, body)), 'UPLOAD_LINK_DEAD')
        for (const method of ['GET', 'POST', 'DELETE', 'PATCH']) {
          assert.equal((await get(put, { method })).status, 404, `${method} on an upload address`)
        }
        for (const method of ['PUT', 'POST', 'DELETE', 'PATCH']) {
          assert.equal((await get(fetched, { method })).status, 404, `${method} on a download address`)
        }
        await assert.rejects(owner.drive.completeFile({ fileId }), { reason: 'UPLOAD_INCOMPLETE' })
        assert.equal((await get(put, body)).status, 200)
        await owner.drive.completeFile({ fileId })
        assert.equal(await reasonOf(await get(put, body)), 'UPLOAD_NOT_FOUND', 'a finished upload takes no more')
        assert.equal(await reasonOf(await get(await ownAddress(owner, fileId))), 'abc')
      })

      test('an address that was changed, shortened, lengthened or made up gives nothing', async () => {
        const good = await ownAddress(world.owner, world.file)
        const token = good.split('/').at(-2) ?? ''
        const [text = '', signature = ''] = token.split('.')
        const claim = Buffer.from(text, 'base64url').toString()
        const forged = claim.replace(world.owner.id, world.stranger.id)
        assert.notEqual(forged, claim)
        const tampered = [
          `${Buffer.from(forged).toString('base64url')}.${signature}`,
          `${text}.${signature.slice(0, -1)}${signature.endsWith('A') ? 'B' : 'A'}`,
          `${text}.${signature.slice(0, 12)}`,
          `${text}.`,
          text,
          `.${signature}`,
          `${text}.${signature}.x`,
          `${text}.${signature}AAAA`,
          `${signature}.${text}`,
          'x',
          '%2e%2e%2f',
          'a'.repeat(3000),
        ]
        for (const one of tampered) {
          const answer = await get(`${server.url}/bytes/download/${one}/x`)
          assert.equal(await reasonOf(answer), 'DOWNLOAD_LINK_DEAD', one)
          const put = await get(`${server.url}/bytes/upload/${one}`, { method: 'PUT', body: 'abc' })
          assert.equal(await reasonOf(put), 'UPLOAD_LINK_DEAD', one)
        }
        assert.equal(await reasonOf(await get(good)), 'the report')
      })

      test('an address is dead after its hour, for sending and for fetching', async () => {
        const { shareId, fileId } = await shared('folder')
        const addresses = [await ownAddress(world.owner, fileId), await publicAddress(shareId, fileId)]
        const upload = await world.owner.drive.createFile({
          fileName: freshName('late '),
          fileType: '45',
          parentFolder: ['root'],
          containerId: world.owner.space,
          length: 3,
          autoRename: 2,
          multiParts: [{ partNumber: 1, partSize: 3 }],
        })
        const put = upload.multiParts[0]?.uploadUrl ?? ''
        const minutes = async (count: number) => {
          // in steps shorter than a session's life, so that the people of the other tests stay signed in
          for (let step = 0; step < count; step += 10) {
            server.advance(10 * 60_000)
            for (const person of [
              world.admin,
              world.owner,
              world.member,
              world.stranger,
              world.byUser,
              world.byGroup,
            ]) {
              await person.drive.checkSession({})
            }
            await world.byDepartment.drive.checkSession({})
            await server.admin.checkSession({})
          }
        }
        await minutes(50)
        for (const url of addresses) assert.equal(await reasonOf(await get(url)), 'inside')
        await minutes(10)
        for (const url of addresses) assert.equal(await reasonOf(await get(url)), 'DOWNLOAD_LINK_DEAD')
        assert.equal(await reasonOf(await get(put, { method: 'PUT', body: 'abc' })), 'UPLOAD_LINK_DEAD')
      })

      test('an address names one file and one person: with another file or another person it gives nothing', async () => {
        const theirs = await putFile(world.stranger, freshName('theirs '), 'private')
        const own = (nodeId: string, userId: string) => get(tokenAddress({ kind: 'own', nodeId, userId }))
        assert.equal(await reasonOf(await own(theirs, world.stranger.id)), 'private')
        assert.equal(await reasonOf(await own(theirs, world.owner.id)), 'DOWNLOAD_LINK_DEAD')
        assert.equal(await reasonOf(await own(theirs, '')), 'DOWNLOAD_LINK_DEAD')
        assert.equal(await reasonOf(await own('root', world.owner.id)), 'DOWNLOAD_LINK_DEAD')
        const { shareId, fileId } = await shared('folder')
        const found = await world.owner.drive.downloadShareFile({ shareId, fileId })
        assert.equal(await reasonOf(await get(found.downloadUrl)), 'inside')
        const versions = await server.running.parts.db
          .selectFrom('shares')
          .select('code_version')
          .where('id', '=', shareId)
          .execute()
        const codeVersion = versions[0]?.code_version ?? ''
        const grant = { kind: 'share', shareId, codeVersion, nodeId: theirs, userId: '' } as const
        assert.equal(await reasonOf(await get(tokenAddress(grant))), 'NOT_IN_SHARE', 'a file outside the link')
      })

      test('an address of a link is dead once its owner is disabled, and alive when he is back', async () => {
        const gone = await makePerson(server, freshName('gone'))
        const { shareId, fileId } = await shared('folder', gone)
        const [url, own] = [await publicAddress(shareId, fileId), await ownAddress(gone, fileId)]
        assert.equal(await reasonOf(await get(url)), 'inside')
        await server.admin.updateUser({ userId: gone.id, status: 1 })
        assert.equal(await reasonOf(await get(url)), 'SHARE_INVALID')
        assert.equal(await reasonOf(await get(own)), 'DOWNLOAD_LINK_DEAD')
        await server.admin.updateUser({ userId: gone.id, status: 0 })
        assert.equal(await reasonOf(await get(url)), 'inside')
      })

      test('an address of a link is dead once its file is in the bin, moved out or purged', async () => {
        const { owner } = world
        const binned = await shared('folder')
        const urls = [await publicAddress(binned.shareId, binned.fileId), await ownAddress(owner, binned.fileId)]
        await runJob(server, owner, 'bin', binned.fileId)
        assert.equal(await reasonOf(await get(urls[0] ?? '')), 'NOT_IN_SHARE')
        assert.equal(await reasonOf(await get(urls[1] ?? '')), 'DOWNLOAD_LINK_DEAD')
        await runJob(server, owner, 'restore', binned.fileId)
        for (const url of urls) assert.equal(await reasonOf(await get(url)), 'inside')
        await runJob(server, owner, 'move', binned.fileId)
        assert.equal(await reasonOf(await get(urls[0] ?? '')), 'NOT_IN_SHARE')
        await runJob(server, owner, 'purge', binned.fileId)
        assert.equal(await reasonOf(await get(urls[0] ?? '')), 'NOT_IN_SHARE')
        assert.equal(await reasonOf(await get(urls[1] ?? '')), 'DOWNLOAD_LINK_DEAD')
      })

      test('an address of a link is dead once the code, the permission, the end or the receivers have changed', async () => {
        const { db } = server.running.parts
        const coded = await shared('folder', world.owner, { extractCode: accessCode })
        const { kdstoken } = await server.anonymous.verifyExtractCodePublic({
          shortUrl: coded.shortUrl,
          extractCode: accessCode,
        })
        const visitors = await publicAddress(coded.shareId, coded.fileId, kdstoken)
        const owners = (await world.owner.drive.downloadShareFile({ shareId: coded.shareId, fileId: coded.fileId }))
          .downloadUrl
        for (const url of [visitors, owners]) assert.equal(await reasonOf(await get(url)), 'inside')
        const change = (values: Record<string, string | number>) =>
          db.updateTable('shares').set(values).where('id', '=', coded.shareId).execute()
        await change({ can_download: 0 })
        for (const url of [visitors, owners]) assert.equal(await reasonOf(await get(url)), 'NOT_PERMITTED_BY_SHARE')
        await change({ can_download: 1, code_version: 'changed' })
        for (const url of [visitors, owners]) assert.equal(await reasonOf(await get(url)), 'ACCESS_CODE_REQUIRED')
        await assert.rejects(publicAddress(coded.shareId, coded.fileId, kdstoken), { reason: 'ACCESS_CODE_REQUIRED' })

        const open = await shared('folder')
        const anybodys = await publicAddress(open.shareId, open.fileId)
        const set = (values: Record<string, string | number>) =>
          db.updateTable('shares').set(values).where('id', '=', open.shareId).execute()
        await set({ scope: 2 })
        assert.equal(await reasonOf(await get(anybodys)), 'SIGN_IN_REQUIRED')
        await set({ scope: 1, expires_at: new Date(0).toISOString() })
        assert.equal(await reasonOf(await get(anybodys)), 'SHARE_EXPIRED')
        await set({ cancelled_at: new Date().toISOString() })
        assert.equal(await reasonOf(await get(anybodys)), 'SHARE_CANCELLED')

        const group = (await world.owner.drive.createGroup({ groupName: freshName('Fetchers '), sourceType: 1 })).id
        await world.owner.drive.addGroupMembers({ groupId: group, userIds: [world.member.id] })
        const inner = await shared('folder', world.owner, { scope: 3, groupIds: [group] })
        const members = (await world.member.drive.downloadShareFile({ shareId: inner.shareId, fileId: inner.fileId }))
          .downloadUrl
        assert.equal(await reasonOf(await get(members)), 'inside')
        await world.owner.drive.removeGroupMembers({ groupId: group, userIds: [world.member.id] })
        assert.equal(await reasonOf(await get(members)), 'NOT_A_RECEIVER')
      })
    })

    describe('departments as the organisation is now', () => {
      test('who joins a department of a link gets in at once, who leaves is out at once', async () => {
        const person = await makePerson(server, freshName('joins'))
        const { shortUrl } = world.shares.named
        const visits = () => person.drive.visitShare({ shortUrl })
        const refusal = { reason: 'NOT_A_RECEIVER' }
        await assert.rejects(visits(), refusal)
        for (const deptId of [world.fieldNorth, world.field]) {
          await server.admin.updateUser({ userId: person.id, deptId })
          await visits()
          await server.admin.updateUser({ userId: person.id, deptId: world.office })
          await assert.rejects(visits(), refusal)
        }
      })

      test('a department that moves under one of a link brings its people in, and takes them out again', async () => {
        const team = await makeDepartment(server, freshName('Team '), world.rootDepartment)
        const unit = await makeDepartment(server, freshName('Unit '), team)
        const person = await makePerson(server, freshName('unit'), unit)
        const { shortUrl } = world.shares.named
        const move = async (parentId: string) =>
          server.admin.updateDepartment({ department_id: team, name: freshName('Moved '), parentId })
        await assert.rejects(person.drive.visitShare({ shortUrl }), { reason: 'NOT_A_RECEIVER' })
        await move(world.fieldNorth)
        await person.drive.visitShare({ shortUrl })
        await person.drive.listShareFiles({ shortUrl })
        await move(world.rootDepartment)
        await assert.rejects(person.drive.listShareFiles({ shortUrl }), { reason: 'NOT_A_RECEIVER' })
      })

      test('a link for a department is not for the department above it or beside it', async () => {
        const { shortUrl } = await share(world.owner, [world.folder], { scope: 3, deptIds: [world.fieldNorth] })
        await world.byDepartment.drive.visitShare({ shortUrl })
        const above = await makePerson(server, freshName('above'), world.field)
        const beside = await makePerson(
          server,
          freshName('beside'),
          await makeDepartment(server, freshName('South '), world.field),
        )
        for (const person of [above, beside]) {
          await assert.rejects(person.drive.visitShare({ shortUrl }), { reason: 'NOT_A_RECEIVER' })
        }
      })

      test('a link for the root department is for everybody of the enterprise, whenever they came', async () => {
        const { shortUrl } = await share(world.owner, [world.folder], { scope: 3, deptIds: [world.rootDepartment] })
        const late = await makePerson(server, freshName('late'), world.fieldNorth)
        for (const person of [world.stranger, world.byDepartment, late]) await person.drive.visitShare({ shortUrl })
      })

      test('who joins a user group of a link gets in at once, who leaves is out at once', async () => {
        const { shortUrl } = world.shares.namedCode
        const person = await makePerson(server, freshName('member'))
        const change = { groupId: world.group, userIds: [person.id] }
        await assert.rejects(person.drive.listShareFiles({ shortUrl }), { reason: 'NOT_A_RECEIVER' })
        await world.owner.drive.addGroupMembers(change)
        await person.drive.listShareFiles({ shortUrl })
        await world.owner.drive.removeGroupMembers(change)
        await assert.rejects(person.drive.listShareFiles({ shortUrl }), { reason: 'NOT_A_RECEIVER' })
      })
    })
  })
}
