import { createDrive, type Drive } from '@driveway/sdk'
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { before, test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { openSqlite } from './db/sqlite.ts'
import { type ChildServer, startChildServer } from './testing/child-server.ts'
import { testPassword } from './testing/server.ts'
import { readTrace, requireStrace, straceOf, type SystemCall } from './testing/strace.ts'

const syncs = ['fdatasync', 'fsync', 'sync_file_range', 'syncfs', 'sync', 'msync']
const writes = ['pwrite64', 'pwritev', 'pwritev2', 'write', 'writev', 'sendto', 'sendmsg', 'ftruncate']
const renames = ['rename', 'renameat', 'renameat2']

before(requireStrace)

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'driveway-durable-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

interface Client {
  drive: Drive
  containerId: string
}

async function signIn(url: string): Promise<Client> {
  const { data } = await createDrive({ baseUrl: url }).login({
    account: 'admin',
    authType: '1',
    password: testPassword,
  })
  const drive = createDrive({ baseUrl: url, token: data.sessionInfo.accessToken })
  const space = await drive.getSpace({ ownerId: data.userInfo.userId, type: 1 })
  return { drive, containerId: space.data.containerId }
}

let traces = 0

/** A trace id that finds a call again among bytes; its answer carries it back. */
function newTraceId(): string {
  return `durable${String(traces++).padStart(51, '0')}`
}

interface Told {
  traceId: string
  /** An id that the change wrote into the database. */
  id: string
}

async function share({ drive, containerId }: Client, fileId: string): Promise<Told> {
  const traceId = newTraceId()
  const input = { scope: 1, fileIds: [fileId], containerId, validDays: 7 }
  const { shareLink } = await drive.createShare(input, { headers: { 'X-Traceid': traceId } })
  return { traceId, id: shareLink.shareId }
}

/** Create, send and complete, one part each. */
async function upload({ drive, containerId }: Client, name: string, sizes: number[]): Promise<Told[]> {
  const ids = [newTraceId(), newTraceId()]
  const input = {
    fileName: name,
    fileType: '45',
    parentFolder: ['root'],
    containerId,
    length: sizes.reduce((sum, size) => sum + size, 0),
    autoRename: 2,
    multiParts: sizes.map((partSize, index) => ({ partNumber: index + 1, partSize })),
  }
  const { fileId, multiParts } = await drive.createFile(input, { headers: { 'X-Traceid': ids[0] ?? '' } })
  for (const part of multiParts) {
    const body = Buffer.alloc(part.partSize, name)
    const answer = await fetch(drive.resolveUrl(part.uploadUrl), { method: 'PUT', body })
    assert.equal(answer.status, 200, await answer.text())
  }
  await drive.completeFile({ fileId }, { headers: { 'X-Traceid': ids[1] ?? '' } })
  return ids.map((traceId) => ({ traceId, id: fileId }))
}

/** Runs `work` some times, a few at once. */
async function repeat<T>(times: number, atOnce: number, work: (number: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < times) results.push(await work(next++))
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return results
}

/** One commit in the log: what it wrote, and the line of the trace at which all of it was there. */
interface Commit {
  pages: Buffer[]
  ended: number
}

/** Reads the frames that were written to the log: a header tells with a number of pages that its page is the last of a commit. */
function commitsOf(calls: SystemCall[]): Commit[] {
  const commits: Commit[] = []
  let pages: Buffer[] = []
  let isLast = false
  for (const call of calls) {
    const [bytes] = call.texts
    if (call.name !== 'pwrite64' || !call.path.endsWith('.db-wal') || !bytes) continue
    if (bytes.length === 24) isLast = bytes.readUInt32BE(4) > 0
    else if (bytes.length === 4096) pages.push(bytes)
    if (bytes.length !== 4096 || !isLast) continue
    commits.push({ pages, ended: call.ended })
    pages = []
  }
  return commits
}

function answersOf(calls: SystemCall[]): SystemCall[] {
  return calls.filter(
    (call) => call.path.startsWith('socket:') && call.texts.some((text) => text.includes('HTTP/1.1 ')),
  )
}

/** Whether a sync of this path ran from begin to end between two lines. */
function isSyncedBetween(calls: SystemCall[], isPath: (path: string) => boolean, from: number, to: number): boolean {
  return calls.some(
    (call) =>
      syncs.includes(call.name) && isPath(call.path) && call.begun > from && call.ended < to && call.result === 0,
  )
}

const isLog = (path: string): boolean => path.endsWith('.db-wal')

/** Each of these calls was answered after a sync of the log that began when its commit was written. */
function checkOrder(calls: SystemCall[], told: Told[], count: { commits: number; syncs: number }): void {
  const commits = commitsOf(calls)
  const answers = answersOf(calls)
  for (const { traceId, id } of told) {
    const answer = answers.find((call) => call.texts.some((text) => text.includes(traceId)))
    assert.ok(answer, 'the answer is in the trace')
    // the audit line names the call; the start of an upload has none and is found by what it makes
    const isOf = (text: string) => commits.find((commit) => commit.pages.some((page) => page.includes(text)))
    const commit = isOf(traceId) ?? isOf(id)
    assert.ok(commit, 'the commit is in the trace')
    assert.ok(isSyncedBetween(calls, isLog, commit.ended, answer.begun), 'an answer comes after the sync of its commit')
  }
  count.commits = commits.length
  count.syncs = calls.filter((call) => syncs.includes(call.name) && isLog(call.path)).length
}

/** At each answer, everything that had been written to the log, to contents and to folders was synced. */
function checkNothingOpen(calls: SystemCall[], from: number): number {
  const commits = commitsOf(calls)
  const isContent = (path: string): boolean => path.includes('/blobs/')
  const written = calls.filter((call) => writes.includes(call.name) && isContent(call.path))
  const moved = calls.filter((call) => renames.includes(call.name) && call.result === 0)
  const answers = answersOf(calls).filter((call) => call.begun > from)
  let last = from
  for (const answer of answers) {
    const isNew = (call: { ended: number }): boolean => call.ended > last && call.ended < answer.begun
    for (const commit of commits.filter(isNew))
      assert.ok(isSyncedBetween(calls, isLog, commit.ended, answer.begun), 'a commit is synced before the answer')
    for (const write of written.filter(isNew)) {
      const isFile = (path: string): boolean => path === write.path
      assert.ok(isSyncedBetween(calls, isFile, write.ended, answer.begun), `${basename(write.path)} is synced before`)
    }
    for (const [index, move] of moved.entries()) {
      const target = String(move.texts.at(-1))
      const isMovedOn = moved
        .slice(index + 1)
        .some((later) => later.begun < answer.begun && String(later.texts[0]) === target)
      if (!isNew(move) || isMovedOn) continue
      const folder = join(target, '..')
      assert.ok(
        isSyncedBetween(calls, (path) => path === folder, move.ended, answer.begun),
        'so is the folder of a name',
      )
    }
    last = answer.begun
  }
  return answers.length
}

/** Syncs of the main thread between two lines. */
function syncsOnMain(calls: SystemCall[], pid: number, from: number, to: number): string[] {
  const own = calls.filter((call) => call.thread === pid && call.begun > from && call.begun < to)
  return own.filter((call) => syncs.includes(call.name)).map((call) => `${call.name} ${call.path}`)
}

function readyLine(calls: SystemCall[]): number {
  return calls.find((call) => call.texts.some((text) => text.includes('Driveway is ready')))?.begun ?? Infinity
}

/** Runs a traced server under a load; answers its calls up to the end of the load, and the number of its process. */
async function traced(
  t: TestContext,
  load: (client: Client) => Promise<void>,
): Promise<{ calls: SystemCall[]; pid: number; folder: string }> {
  const folder = await folderFor(t)
  const file = join(folder, 'trace')
  const server = await startChildServer({
    dataFolder: folder,
    under: straceOf(file, [...syncs, ...writes, ...renames]),
  })
  try {
    await load(await signIn(server.url))
  } finally {
    await server.kill()
  }
  return { calls: await readTrace(file), pid: server.pid, folder }
}

test('shares made by many at once are answered after the sync of their commit, and many share one sync', async (t) => {
  const told: Told[] = []
  const { calls, pid } = await traced(t, async (client) => {
    const [, done] = await upload(client, 'shared.txt', [4096])
    told.push(...(await repeat(160, 16, () => share(client, done?.id ?? ''))))
  })
  const count = { commits: 0, syncs: 0 }
  checkOrder(calls, told, count)
  t.diagnostic(`${told.length} shares: ${count.commits} commits, ${count.syncs} syncs of the log`)
  assert.ok(count.syncs < count.commits)
  assert.deepEqual(syncsOnMain(calls, pid, readyLine(calls), Infinity), [])
})

test('small uploads made by many at once are answered after the sync of their commit', async (t) => {
  const told: Told[] = []
  const { calls, pid } = await traced(t, async (client) => {
    told.push(...(await repeat(48, 8, (number) => upload(client, `${number}.txt`, [4096]))).flat())
  })
  const count = { commits: 0, syncs: 0 }
  checkOrder(calls, told, count)
  const content = calls.filter((call) => syncs.includes(call.name) && call.path.includes('/blobs/staging/'))
  t.diagnostic(`${told.length / 2} uploads: ${count.commits} commits, ${count.syncs} syncs of the log`)
  assert.ok(content.length >= 48, 'every content is synced')
  assert.deepEqual(syncsOnMain(calls, pid, readyLine(calls), Infinity), [])
})

test('whoever calls alone is answered when nothing that was written is unsynced', async (t) => {
  const { calls, pid } = await traced(t, async (client) => {
    for (let number = 0; number < 6; number++) {
      const [, done] = await upload(
        client,
        `alone-${number}.txt`,
        number === 3 ? [5 << 20, 700_000] : [1 + number * 1000],
      )
      await share(client, done?.id ?? '')
      await client.drive.renameFile({
        fileId: done?.id ?? '',
        containerId: client.containerId,
        name: `renamed-${number}.txt`,
        renameMode: 3,
      })
    }
  })
  const answers = checkNothingOpen(calls, readyLine(calls))
  t.diagnostic(`${answers} answers`)
  assert.ok(answers > 6 * 5)
  assert.deepEqual(syncsOnMain(calls, pid, readyLine(calls), Infinity), [])
})

test('a call that is repeated while the first still waits for its sync is answered after that sync too', async (t) => {
  const folder = await folderFor(t)
  const trace = join(folder, 'trace')
  const slow = straceOf(trace, [...syncs, ...writes], ['--inject=fdatasync:delay_enter=200ms'])
  const server = await startChildServer({ dataFolder: folder, under: slow })
  const traceIds = Array.from({ length: 8 }, newTraceId)
  try {
    const { drive, containerId } = await signIn(server.url)
    const { fileId, multiParts } = await drive.createFile({
      fileName: 'repeated.txt',
      fileType: '45',
      parentFolder: ['root'],
      containerId,
      length: 5,
      autoRename: 2,
    })
    await fetch(drive.resolveUrl(multiParts[0]?.uploadUrl ?? ''), { method: 'PUT', body: 'hello' })
    const complete = async (traceId: string, index: number) => {
      await sleep(index * 20)
      await drive.completeFile({ fileId }, { headers: { 'X-Traceid': traceId } })
    }
    await Promise.all(traceIds.map(complete))
  } finally {
    await server.kill()
  }
  const calls = await readTrace(trace)
  const isOf = (traceId: string) => (commit: Commit) => commit.pages.some((page) => page.includes(traceId))
  const commit = commitsOf(calls).find((one) => traceIds.some((traceId) => isOf(traceId)(one)))
  assert.ok(commit, 'one of them made the file')
  for (const traceId of traceIds) {
    const answer = answersOf(calls).find((call) => call.texts.some((text) => text.includes(traceId)))
    assert.ok(answer && isSyncedBetween(calls, isLog, commit.ended, answer.begun), 'no answer comes before the sync')
  }
})

test('after a sync has failed nothing more is acknowledged, and what was is there after a restart', async (t) => {
  const folder = await folderFor(t)
  const trace = join(folder, 'trace')
  const broken = straceOf(trace, ['fdatasync'], ['--inject=fdatasync:error=EIO:when=9'])
  const server = await startChildServer({ dataFolder: folder, under: broken, env: { DRIVEWAY_LOG_LEVEL: 'silent' } })
  const told: Told[] = []
  let failures = 0
  try {
    const client = await signIn(server.url)
    const made = await client.drive.createFolder({
      fileName: 'shared',
      fileType: '10',
      containerId: client.containerId,
    })
    for (let call = 0; call < 200 && failures < 12; call++) {
      await share(client, made.id).then(
        (one) => {
          told.push(one)
          assert.equal(failures, 0, 'no acknowledgement after a failure')
        },
        () => failures++,
      )
    }
  } finally {
    await server.kill()
  }
  t.diagnostic(`${told.length} acknowledged, then ${failures} refused`)
  assert.ok(told.length > 0 && failures === 12)
  const database = new DatabaseSync(join(folder, 'driveway.db'))
  t.after(() => database.close())
  const there = new Set(
    database
      .prepare('select id from shares')
      .all()
      .map((row) => row.id),
  )
  assert.ok(told.every((one) => there.has(one.id)))
})

/** Node itself measures how long its event loop was held up, and tells on SIGUSR2; the time since the signal before counts. */
const measureDelay = `
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { writeFileSync } from 'node:fs'
const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
process.on('SIGUSR2', () => {
  const ms = (nanoseconds) => Math.round(nanoseconds / 1e4) / 100
  const { mean, max } = delay
  const told = { mean: ms(mean), p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(max) }
  delay.reset()
  writeFileSync(process.env.DRIVEWAY_TEST_DELAYS, JSON.stringify(told))
})`

/** For comparison: every sync holds the event loop up. */
const syncInLoop = `
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
fs.fdatasync = (descriptor, done) => {
  try {
    fs.fdatasyncSync(descriptor)
    process.nextTick(done, null)
  } catch (error) {
    process.nextTick(done, error)
  }
}
syncBuiltinESMExports()`

interface Delays {
  mean: number
  p50: number
  p99: number
  max: number
}

async function readDelays(server: ChildServer, file: string): Promise<Delays> {
  await rm(file, { force: true })
  process.kill(server.pid, 'SIGUSR2')
  for (let waited = 0; waited < 10_000; waited += 20) {
    const text = await readFile(file, 'utf8').catch(() => '')
    if (text.endsWith('}')) return JSON.parse(text) as Delays
    await sleep(20)
  }
  throw new Error('the server does not tell its delays')
}

/** Shares and small uploads on a disk whose every sync takes 10 ms longer. */
async function measure(t: TestContext, preload: string): Promise<{ main: string[]; synced: number; delays: Delays[] }> {
  const folder = await folderFor(t)
  const [trace, told] = [join(folder, 'trace'), join(folder, 'delays')]
  const server = await startChildServer({
    dataFolder: folder,
    env: { DRIVEWAY_TEST_DELAYS: told },
    under: straceOf(trace, [...syncs, 'write'], ['--inject=fdatasync:delay_enter=10ms']),
    nodeOptions: [preload, measureDelay].flatMap((code) =>
      code === '' ? [] : ['--import', `data:text/javascript,${encodeURIComponent(code)}`],
    ),
  })
  try {
    const client = await signIn(server.url)
    const [, done] = await upload(client, 'shared.txt', [4096])
    await readDelays(server, told)
    await repeat(160, 16, () => share(client, done?.id ?? ''))
    const shares = await readDelays(server, told)
    await repeat(32, 8, (number) => upload(client, `${number}.txt`, [4096]))
    const uploads = await readDelays(server, told)
    await server.kill()
    const calls = await readTrace(trace)
    const synced = calls.filter((call) => syncs.includes(call.name) && call.begun > readyLine(calls)).length
    return { main: syncsOnMain(calls, server.pid, readyLine(calls), Infinity), synced, delays: [shares, uploads] }
  } finally {
    await server.kill()
  }
}

test('the event loop never waits for a sync, however slow the disk is', async (t) => {
  const off = await measure(t, '')
  const inLoop = await measure(t, syncInLoop)
  for (const [name, run] of Object.entries({ 'off the loop': off, 'in the loop': inLoop })) {
    t.diagnostic(`syncs ${name}: ${run.main.length} of ${run.synced} by the main thread`)
    for (const [index, kind] of ['W1', 'W6'].entries()) {
      const { mean, p50, p99, max } = run.delays[index] ?? { mean: 0, p50: 0, p99: 0, max: 0 }
      t.diagnostic(`loop delay ${name}, ${kind}: mean ${mean} ms, p50 ${p50}, p99 ${p99}, max ${max}`)
    }
  }
  assert.deepEqual(off.main, [])
  assert.ok(off.synced > 0)
  assert.ok(inLoop.main.length > 0, 'such calls are seen where they are made')
})

test('the log stays short while many write, and is folded into the file in between', async (t) => {
  const folder = await folderFor(t)
  const file = join(folder, 'driveway.db')
  const db = await openSqlite(file)
  t.after(() => db.destroy())
  await sql`create table bulk (id integer primary key, body blob) strict`.execute(db)
  let longest = 0
  let folds = 0
  let before = 0
  await repeat(6000, 16, async (number) => {
    const body = Buffer.alloc(20_000, String(number))
    await sql`insert into bulk (id, body) values (${number % 300}, ${body})
      on conflict (id) do update set body = excluded.body`.execute(db)
    const { size } = await stat(`${file}-wal`)
    longest = Math.max(longest, size)
    if (size < before) folds++
    before = size
  })
  t.diagnostic(`120 MB were written; longest log ${Math.round(longest / 1e6)} MB, folded ${folds} times`)
  assert.ok(folds > 2)
  assert.ok(longest < 64 << 20)
})

/** What a disk has of one file: what was synced, and what was written since. */
interface DiskFile {
  synced: Buffer
  /** Bytes of `synced` that count. */
  size: number
  pending: SystemCall[]
}

/** A disk that keeps only what was synced when the power fails, and of everything since then whatever chance wants. */
class Disk {
  readonly #files = new Map<string, DiskFile>()

  file(path: string): DiskFile {
    const known = this.#files.get(path)
    if (known) return known
    const made = { synced: Buffer.alloc(0), size: 0, pending: [] }
    this.#files.set(path, made)
    return made
  }

  write(call: SystemCall): void {
    this.file(call.path).pending.push(call)
  }

  /** A sync ended: what had been written when it began is safe. */
  sync(call: SystemCall): void {
    const file = this.file(call.path)
    for (const written of file.pending.filter((one) => one.ended < call.begun)) apply(file, written)
    file.pending = file.pending.filter((one) => one.ended > call.begun)
  }

  /** The file as it is found after the power came back. `keeps` decides about each write and its first byte. */
  after(path: string, keeps: (call: SystemCall) => (position: number) => boolean): Buffer {
    const { synced, size, pending } = this.file(path)
    const found = { synced: Buffer.from(synced.subarray(0, size)), size, pending: [] }
    for (const written of pending) apply(found, written, keeps(written))
    return found.synced.subarray(0, found.size)
  }
}

const sector = 512

function apply(file: DiskFile, call: SystemCall, keeps: (position: number) => boolean = () => true): void {
  const [bytes] = call.texts
  const [first = 0, second = 0] = call.numbers
  if (call.name === 'ftruncate') {
    if (!keeps(0)) return
    if (first > file.size) fill(file, first)
    file.size = first
    return
  }
  if (!bytes) return
  for (let from = 0; from < bytes.length;) {
    const to = Math.min(bytes.length, from + sector - ((second + from) % sector))
    if (keeps(from)) {
      fill(file, second + to)
      bytes.copy(file.synced, second + from, from, to)
    }
    from = to
  }
}

function fill(file: DiskFile, size: number): void {
  if (size <= file.size) return
  if (size > file.synced.length) {
    const grown = Buffer.alloc(Math.max(size, 2 * file.synced.length))
    file.synced.copy(grown, 0, 0, file.size)
    file.synced = grown
  }
  file.synced.fill(0, file.size, size)
  file.size = size
}

/** Writes in transactions of some hundred pages each, two at a time, and says which are acknowledged. */
const steadyWriter = `
import { sql } from ${JSON.stringify(import.meta.resolve('kysely'))}
import { openSqlite } from ${JSON.stringify(new URL('./db/sqlite.ts', import.meta.url).href)}
const db = await openSqlite(process.argv[1])
await sql\`create table acknowledged (id integer primary key) strict\`.execute(db)
await sql\`create table slots (id integer primary key, version integer not null, body blob) strict\`.execute(db)
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))
// the thread that checkpoints has to be up first
await pause(500)
let next = 1
const worker = async () => {
  for (let id = next++; id <= 130; id = next++) {
    await db.transaction().execute(async (tx) => {
      await sql\`insert into acknowledged (id) values (\${id})\`.execute(tx)
      for (let slot = 0; slot < 70; slot++)
        await sql\`insert or replace into slots (id, version, body) values (\${(id * 31 + slot) % 300}, \${id}, \${Buffer.alloc(3900, id)})\`.execute(tx)
    })
    process.stdout.write('acknowledged ' + id + '\\n')
    await pause(3)
  }
}
await Promise.all([worker(), worker()])
process.exit()`

/** Everything a steady writer did to its database file and log, in order. */
async function traceWriter(t: TestContext): Promise<{ calls: SystemCall[]; file: string }> {
  const folder = await folderFor(t)
  const file = join(folder, 'writer.db')
  const trace = join(folder, 'trace')
  const [tool = '', ...words] = straceOf(trace, [...syncs, 'pwrite64', 'ftruncate', 'write'])
  const child = spawn(tool, [...words, process.execPath, '--input-type=module', '-e', steadyWriter, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout.resume()
  const [code] = (await once(child, 'close')) as [number | null]
  assert.equal(code, 0)
  return { calls: await readTrace(trace), file }
}

/** Opens what is left after a power cut and looks for everything that was acknowledged before. */
async function inspectFound(file: string, found: { database: Buffer; log: Buffer }, told: number[]): Promise<void> {
  await rm(`${file}-shm`, { force: true })
  await writeFile(file, found.database)
  await writeFile(`${file}-wal`, found.log)
  const database = new DatabaseSync(file)
  try {
    assert.deepEqual(Object.values(database.prepare('pragma integrity_check').get() ?? {}), ['ok'])
    const there = new Set(
      database
        .prepare('select id from acknowledged')
        .all()
        .map((row) => Number(row.id)),
    )
    assert.deepEqual(
      told.filter((id) => !there.has(id)),
      [],
      'everything acknowledged is there',
    )
    const torn = 'select count(*) as count from slots where version not in (select id from acknowledged)'
    assert.equal(database.prepare(torn).get()?.count, 0, 'a transaction is there as a whole')
  } finally {
    database.close()
  }
}

/** One moment of a trace: a call begins or has come back. */
interface Step {
  at: number
  call: SystemCall
  isEnd: boolean
}

function stepsOf(calls: SystemCall[]): Step[] {
  return calls
    .flatMap((call) => [
      { at: call.begun, call, isEnd: false },
      { at: call.ended, call, isEnd: true },
    ])
    .filter((step) => step.at !== Infinity)
    .toSorted((a, b) => a.at - b.at)
}

function follow(disk: Disk, { call, isEnd }: Step): void {
  const isWrite = call.name === 'pwrite64' || call.name === 'ftruncate'
  if (isWrite && !isEnd) disk.write(call)
  if (syncs.includes(call.name) && isEnd && call.result === 0) disk.sync(call)
}

function acknowledgedBy({ call, isEnd }: Step): number[] {
  const text = call.name === 'write' && !isEnd ? String(call.texts[0]) : ''
  return [...text.matchAll(/acknowledged (\d+)/g)].map((match) => Number(match[1]))
}

test('a power cut at any moment, checkpoints included, loses nothing acknowledged', async (t) => {
  const { calls, file } = await traceWriter(t)
  const log = `${file}-wal`
  const random = randomOf(1789)
  const disk = new Disk()
  const told: number[] = []
  let cuts = 0
  // a checkpoint is where things can go wrong; of the other moments some
  const isCut = ({ call }: Step): boolean => {
    const isSync = syncs.includes(call.name)
    const isFold = call.name === 'ftruncate' || (isSync && call.path === file)
    return isFold || random() < (isSync ? 0.03 : 0.0005)
  }
  for (const step of stepsOf(calls.filter((call) => [file, log].includes(call.path) || call.name === 'write'))) {
    if (told.length > 0 && isCut(step)) {
      cuts++
      for (const keeps of fates(random)) {
        const found = { database: disk.after(file, keeps), log: disk.after(log, keeps) }
        await inspectFound(join(file, '..', 'found.db'), found, told)
      }
    }
    follow(disk, step)
    told.push(...acknowledgedBy(step))
  }
  const folds = calls.filter((call) => call.name === 'ftruncate' && call.path === log).length
  t.diagnostic(`${told.length} acknowledged; ${cuts} power cuts, 4 outcomes each; the log was emptied ${folds} times`)
  assert.equal(told.length, 130)
  assert.ok(folds >= 2 && cuts > 30)
})

type Fate = (call: SystemCall) => (position: number) => boolean

/** What may have become of writes that were not synced: none reached the disk, all, some, or sectors of some. */
function fates(random: () => number): Fate[] {
  const whole = (keeps: boolean) => () => keeps
  return [() => whole(false), () => whole(true), () => whole(random() < 0.5), () => () => random() < 0.5]
}

/** Numbers from 0 up to 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x80000000
  }
}
