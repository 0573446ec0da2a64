import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import { layLine } from '../../sdk/src/testing/line.ts'
import { startTestServer, testPassword, type TestServer } from '../../server/src/testing/server.ts'
import { type CliRun, homeOf, runCli } from './testing/run-cli.ts'

const MiB = 1024 ** 2
let server: TestServer

before(async () => {
  server = await startTestServer()
})
after(() => server.close())

/** The environment of a script that signs in by itself. */
function asAdmin(url = server.url): Record<string, string> {
  return { DRIVEWAY_SERVER: url, DRIVEWAY_ACCOUNT: 'admin', DRIVEWAY_PASSWORD: testPassword }
}

async function run(t: TestContext, args: string[], env = asAdmin()): Promise<CliRun> {
  const done = await runCli(t, args, { env })
  assert.equal(done.code, 0, `${args.join(' ')}: ${done.err}`)
  return done
}

async function runJson<T>(t: TestContext, args: string[]): Promise<T> {
  return JSON.parse((await run(t, [...args, '--json'])).out) as T
}

interface Link {
  link: string
  code?: string
  expireTime: string
  fileIds: string[]
}

interface Entry {
  name: string
  isFolder: boolean
  size?: number
  editedTime: string
}

/** A folder in the test's home, with one file deep in it. */
async function makeFolder(t: TestContext, name: string): Promise<string> {
  const folder = join(homeOf(t), name)
  await mkdir(join(folder, 'sub', 'empty'), { recursive: true })
  await writeFile(join(folder, 'a.txt'), 'first')
  await writeFile(join(folder, 'sub', '报告.txt'), 'second')
  await utimes(join(folder, 'a.txt'), 1_600_000_000, 1_600_000_000)
  return folder
}

async function treeOf(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).toSorted()
}

test('signing in by hand keeps a session that only its owner can read, renews it, and ends it', async (t) => {
  const home = homeOf(t)
  const login = ['login', '--server', server.url, '--account', 'admin', '--password-stdin']
  const wrong = await runCli(t, login, { input: 'wrong\n' })
  assert.deepEqual([wrong.code, wrong.out], [1, ''])
  assert.match(wrong.err, /^driveway: The account or the password is wrong\. .*\n$/)
  const signedIn = await runCli(t, login, { input: `${testPassword}\n` })
  assert.equal(signedIn.code, 0, signedIn.err)
  const path = join(home, '.config', 'driveway', 'session.json')
  assert.equal((await stat(path)).mode & 0o777, 0o600)
  assert.equal((await stat(join(home, '.config', 'driveway'))).mode & 0o777, 0o700)
  const session = JSON.parse(await readFile(path, 'utf8')) as Record<string, string>
  assert.ok(!JSON.stringify(session).includes(testPassword))

  await writeFile(path, JSON.stringify({ ...session, token: 'f'.repeat(48) }))
  assert.equal((await run(t, ['whoami', '--json'], {})).code, 0)
  const renewed = JSON.parse(await readFile(path, 'utf8')) as Record<string, string>
  assert.notEqual(renewed['refreshToken'], session['refreshToken'])
  assert.equal((await run(t, ['ls'], {})).code, 0)

  await run(t, ['logout'], {})
  await assert.rejects(stat(path), { code: 'ENOENT' })
  await writeFile(path, JSON.stringify(renewed))
  const after = await runCli(t, ['ls'])
  assert.equal(after.code, 1)
  assert.match(after.err, /driveway login/)
})

test('a kept session is never sent to another server', async (t) => {
  await runCli(t, ['login', '--server', server.url, '--account', 'admin', '--password-stdin'], { input: testPassword })
  const line = await layLine(t, server.url)
  const { code, err } = await runCli(t, ['ls', '--server', line.url])
  assert.equal(code, 1)
  assert.match(err, /Nobody is signed in to/)
  assert.equal(line.sent(), 0)
})

test('a folder is put on the drive whole, and a second time nothing is sent', async (t) => {
  const folder = await makeFolder(t, 'put-me')
  await symlink('/etc/hostname', join(folder, 'leak'))
  const first = await run(t, ['put', folder, '--to', 'Team/2026'])
  assert.match(first.out, /^2 files sent \(11 B\)\.\n$/)
  assert.match(first.err, /^left out: .*leak \(symbolic link\)$/m)
  const listed = await runJson<Entry[]>(t, ['ls', '/team/2026/put-me'])
  assert.deepEqual(
    listed.map(({ name, isFolder, size }) => [name, isFolder, size]),
    [
      ['sub', true, undefined],
      ['a.txt', false, 5],
    ],
  )
  assert.equal(listed[1]?.editedTime, '2020-09-13T12:26:40.000Z')
  assert.match((await run(t, ['ls', 'Team/2026/put-me/sub'])).out, /empty\/\n.* 6 B .*报告\.txt\n$/)
  const second = await run(t, ['put', folder, '--to', '/Team/2026'])
  assert.match(second.out, /^0 files sent \(0 B\), 2 there already\.\n$/)
  await writeFile(join(folder, 'b.txt'), 'new')
  assert.match((await run(t, ['put', folder, '--to', '/Team/2026'])).out, /^1 file sent \(3 B\), 2 there already\./)
})

test('one file that cannot be sent does not stop the others, and the exit code says so', async (t) => {
  const folder = await makeFolder(t, 'half')
  await writeFile(join(folder, 'what?.txt'), 'refused by its name')
  const { code, out, err } = await runCli(t, ['put', folder], { env: asAdmin() })
  assert.equal(code, 1)
  assert.match(out, /^2 files sent/)
  assert.match(err, /^failed: .*what\?\.txt: .*fileName/m)
  assert.match(err, /^driveway: 1 item could not be sent\. Run the same command again to go on\.$/m)
})

test('an interrupted upload goes on where it stopped', async (t) => {
  const path = join(homeOf(t), 'big.bin')
  // three parts of 16 MiB are on their way at once: when 56 MiB have been sent, one at least is complete
  const bytes = randomBytes(80 * MiB)
  await writeFile(path, bytes)
  const line = await layLine(t, server.url, { bytesPerMs: 20_000 })
  const stopped = await runCli(t, ['put', path, '--to', 'big'], {
    env: asAdmin(line.url),
    stopWhen: () => line.sent() > 56 * MiB,
  })
  assert.equal(stopped.code, 130, stopped.err)
  assert.match(stopped.err, /^driveway: Interrupted\. Run the same command again to go on\.$/m)
  const before = line.sent()
  await run(t, ['put', path, '--to', 'big'], asAdmin(line.url))
  assert.ok(line.sent() - before < 66 * MiB, `${line.sent() - before} bytes were sent again`)
  assert.equal((await runJson<Entry[]>(t, ['ls', 'big'])).length, 1)
  const { link } = await runJson<Link>(t, ['share', 'big/big.bin'])
  await run(t, ['get', link, '-o', 'back'])
  assert.ok((await readFile(join(homeOf(t), 'back', 'big.bin'))).equals(bytes))
})

test('a folder of this machine becomes a link in one line, and a stranger gets it all with the code', async (t) => {
  const folder = await makeFolder(t, 'for-you')
  const shared = await run(t, ['share', folder, '--code', 'Open1234', '--days', '3', '--comment', 'hello'])
  const [link = '', code, until] = shared.out.split('\n')
  assert.match(link, /^http:\/\/.*\/s\/[0-9A-Za-z]{22}$/)
  assert.equal(code, 'Access code  Open1234')
  assert.match(until ?? '', /^Open until {3}\w{3} \d{1,2} \w{3} \d{4}, \d\d:\d\d$/)

  const bare = await runCli(t, ['get', link])
  assert.deepEqual([bare.code, bare.err], [1, 'driveway: This link needs its access code: give it with --code.\n'])
  const wrong = await runCli(t, ['get', link, '--code', 'nope'])
  assert.deepEqual([wrong.code, wrong.out], [1, ''])
  assert.match(wrong.err, /^driveway: The access code is wrong\. Ask the sharer/)

  const got = await runCli(t, ['get', link, '--code', 'Open1234', '-o', 'got'])
  assert.equal(got.code, 0, got.err)
  assert.match(got.out, /^2 files received \(11 B\)\.\n$/)
  const target = join(homeOf(t), 'got')
  assert.deepEqual(await treeOf(join(target, 'for-you')), await treeOf(folder))
  assert.equal(await readFile(join(target, 'for-you', 'sub', '报告.txt'), 'utf8'), 'second')
  assert.equal((await stat(join(target, 'for-you', 'a.txt'))).mtimeMs, 1_600_000_000_000)
  const again = await runCli(t, ['get', link, '--code', 'Open1234', '-o', 'got'])
  assert.match(again.out, /^0 files received \(0 B\), 2 here already\.\n$/)
})

test('a folder that is shared never joins one of that name, whose other content would be shared too', async (t) => {
  const folder = await makeFolder(t, 'plans')
  await run(t, ['put', folder])
  await writeFile(join(folder, 'public.txt'), 'public')
  const { link } = await runJson<Link>(t, ['share', folder])
  await run(t, ['get', link, '-o', 'seen'], {})
  const [name = ''] = await readdir(join(homeOf(t), 'seen'))
  assert.match(name, /^plans.+/)
  assert.equal((await runJson<Entry[]>(t, ['ls', '/plans'])).length, 2)
})

test('what is on the drive is shared without sending it, for looking only when so wished', async (t) => {
  await run(t, ['put', await makeFolder(t, 'look')])
  const { out } = await run(t, ['share', 'drive:/look', '--no-download'])
  assert.match(out, /^Opens for {4}everybody with the link, to look at only$/m)
  const { code, err } = await runCli(t, ['get', out.split('\n')[0] ?? '', '-o', 'nothing'])
  assert.equal(code, 1)
  assert.match(err, /^driveway: This link does not permit that\.$/m)
  const missing = await runCli(t, ['share', 'no/such/thing'], { env: asAdmin() })
  assert.match(missing.err, /^driveway: There is no "no\/such\/thing" here, and none on the drive either\./)
})

test('nothing is written through links that lie in the way, and files that differ are kept', async (t) => {
  const { link } = await runJson<Link>(t, ['share', await makeFolder(t, 'trap')])
  const home = homeOf(t)
  await mkdir(join(home, 'elsewhere'))
  await mkdir(join(home, 'target'))
  const top = (await runJson<Entry[]>(t, ['ls'])).find(({ name }) => name.startsWith('trap'))?.name ?? ''
  await symlink(join(home, 'elsewhere'), join(home, 'target', top))
  const blocked = await runCli(t, ['get', link, '-o', 'target'])
  assert.equal(blocked.code, 1)
  assert.match(blocked.err, /is in the way and is no folder/)
  assert.deepEqual(await readdir(join(home, 'elsewhere')), [])

  await mkdir(join(home, 'kept', top), { recursive: true })
  await writeFile(join(home, 'kept', top, 'a.txt'), 'mine')
  const kept = await runCli(t, ['get', link, '-o', 'kept'])
  assert.equal(kept.code, 1)
  assert.match(kept.err, /a\.txt: something else of this name is here; --force replaces files/)
  assert.equal(await readFile(join(home, 'kept', top, 'a.txt'), 'utf8'), 'mine')
  await run(t, ['get', link, '-o', 'kept', '--force'])
  assert.equal(await readFile(join(home, 'kept', top, 'a.txt'), 'utf8'), 'first')
})

test('a folder with more entries than a page comes whole', async (t) => {
  const folder = join(homeOf(t), 'many')
  await mkdir(folder)
  for (let n = 0; n < 130; n++) await writeFile(join(folder, `${n}.txt`), String(n))
  const { link } = await runJson<Link>(t, ['share', folder])
  assert.match((await run(t, ['get', link, '-o', 'many-back'], {})).out, /^130 files received/)
})
