import { createDrive, type Drive, DriveError, pages, uploadFile, type UploadState } from '@driveway/sdk'
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { createCipheriv, createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, truncate, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import pino from 'pino'
import { readConfig } from './config.ts'
import { start } from './main.ts'
import { systemContext } from './context.ts'
import { transferSweeps } from './modules/transfers/transfers.sweeps.ts'
import { type ChildServer, spawnServer, startChildServer } from './testing/child-server.ts'
import { startPostgres } from './testing/postgres.ts'
import { testEngines, testPassword } from './testing/server.ts'

const KiB = 1024
const MiB = 1024 * KiB

/** Numbers from 0 up to 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A name that tells which bytes the file must have: `<round>.<worker>.<number>~<content>~<size>.bin`. */
function nameOf(place: string, content: string, size: number): string {
  return `${place}~${content}~${size}.bin`
}

function sizeOf(name: string): number {
  return Number.parseInt(name.split('~')[2] ?? '', 10)
}

function bytesOf(name: string): Buffer<ArrayBuffer> {
  const key = createHash('sha256')
    .update(name.split('~')[1] ?? '')
    .digest()
    .subarray(0, 16)
  return Buffer.from(createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(sizeOf(name))))
}

interface ShareCall {
  key: string
  fileId: string
  comment: string
  code: string | undefined
}

/** What clients were told, and what they were not told before the line broke. */
interface Witness {
  files: Map<string, string>
  shares: (ShareCall & { shareId: string; shortUrl: string })[]
  /** Broken off; gone on with in the next round. */
  uploads: { name: string; state: UploadState }[]
  calls: ShareCall[]
  /** Contents that were compared byte by byte since they were acknowledged. */
  compared: Set<string>
  /** Links that were opened since they were acknowledged. */
  opened: number
}

interface Site {
  dataFolder: string
  env: Record<string, string>
  /** Rows of the database, read beside the server. */
  rows(statement: string): Promise<Record<string, unknown>[]>
}

interface Session {
  drive: Drive
  anonymous: Drive
  containerId: string
}

const once = { attempts: 1, firstDelayMs: 1, longestDelayMs: 1 }
/** What clients are told when the server, or its database, is killed under them. */
const brokenReasons = new Set(['NETWORK', 'UNAVAILABLE', 'INTERNAL'])
const smallSizes = [0, 1, 100, 4 * KiB, 64 * KiB, 300_001, MiB, MiB + 1, 3 * MiB]

async function signIn(url: string): Promise<{ session: Session; token: string }> {
  const anonymous = createDrive({ baseUrl: url })
  const { data } = await anonymous.login({ account: 'admin', authType: '1', password: testPassword })
  const token = data.sessionInfo.accessToken
  const drive = createDrive({ baseUrl: url, token })
  const space = await drive.getSpace({ ownerId: data.userInfo.userId, type: 1 })
  return { session: { drive, anonymous, containerId: space.data.containerId }, token }
}

/** Clients of one round: each goes on until the line breaks, and fails when anything else happens. */
class Load {
  isOver = false
  /** Resolves with the first thing acknowledged. */
  readonly begun: Promise<void>
  #begin = (): void => undefined
  readonly #session: Session
  readonly #witness: Witness
  readonly #round: number
  readonly #random: () => number

  constructor(session: Session, witness: Witness, round: number, random: () => number) {
    this.#session = session
    this.#witness = witness
    this.#round = round
    this.#random = random
    this.begun = new Promise((resolve) => {
      this.#begin = resolve
    })
  }

  run(): Promise<unknown> {
    const workers = [this.#small, this.#small, this.#small, this.#large, this.#share, this.#share]
    return Promise.all(workers.map((work, worker) => this.#repeat(worker, work)))
  }

  async #repeat(worker: number, work: (place: string) => Promise<void>): Promise<void> {
    for (let number = 0; !this.isOver; number++) {
      try {
        await work.call(this, `${this.#round}.${worker}.${number}`)
        if (this.#witness.files.size > 0) this.#begin()
      } catch (error) {
        if (this.isOver && error instanceof DriveError && brokenReasons.has(error.reason)) return
        throw error
      }
    }
  }

  #pick<T>(choices: readonly T[]): T | undefined {
    return choices[Math.floor(this.#random() * choices.length)]
  }

  async #small(place: string): Promise<void> {
    const size = this.#pick(smallSizes) ?? 0
    // some contents are there already: then the new copy is given up for the old one
    const content = this.#random() < 0.2 ? 'twin' : place
    await this.#send(nameOf(place, content, size))
  }

  async #large(place: string): Promise<void> {
    const broken = this.#witness.uploads.shift()
    const size = 5 * MiB + Math.floor(this.#random() * 3 * MiB)
    await this.#send(broken?.name ?? nameOf(place, place, size), broken?.state)
  }

  async #send(name: string, resume?: UploadState): Promise<void> {
    const { drive, containerId } = this.#session
    let state = resume
    try {
      const { fileId, fileName } = await uploadFile(drive, {
        source: new Blob([bytesOf(name)]),
        name,
        containerId,
        retries: once,
        onState: (now) => (state = now),
        ...(resume ? { resume } : {}),
      })
      assert.equal(fileName, name)
      this.#witness.files.set(fileId, name)
    } catch (error) {
      if (state && state.length > 5 * MiB) this.#witness.uploads.push({ name, state })
      throw error
    }
  }

  async #share(place: string): Promise<void> {
    const fileId = this.#pick([...this.#witness.files.keys()])
    if (fileId === undefined) return sleep(5)
    const code = this.#random() < 0.05 ? 'MDg2K0vU' : undefined
    const call = this.#witness.calls.shift() ?? { key: `key-${place}`, fileId, comment: `share ${place}`, code }
    try {
      const { shareLink } = await this.#session.drive.createShare(
        {
          scope: 1,
          fileIds: [call.fileId],
          containerId: this.#session.containerId,
          validDays: 7,
          comment: call.comment,
          ...(call.code === undefined ? {} : { extractCode: call.code }),
        },
        { idempotencyKey: call.key },
      )
      this.#witness.shares.push({ ...call, shareId: shareLink.shareId, shortUrl: shareLink.shortUrl })
    } catch (error) {
      this.#witness.calls.push(call)
      throw error
    }
  }
}

/** Everything there is to say about the state after a crash, through the product and beside it. */
async function inspect(site: Site, session: Session, witness: Witness): Promise<void> {
  const listed = await listAll(session)
  for (const [fileId, name] of witness.files) assert.equal(listed.get(fileId), name, 'an acknowledged file is listed')
  await compareContents(session, witness, [...listed])
  for (const share of witness.shares.slice(witness.opened)) await openShare(session, share)
  witness.opened = witness.shares.length
  await inspectRows(site)
  await inspectStaging(site)
}

async function listAll({ drive, containerId }: Session): Promise<Map<string, string>> {
  const listed = new Map<string, string>()
  const fetchPage = (pageCursor: string | undefined) =>
    drive.listFiles({
      type: 0,
      containerId,
      parentFileId: 'root',
      sortInfo: { sortType: 1, sortDirection: 1 },
      pageInfo: { pageSize: 100, ...(pageCursor === undefined ? {} : { pageCursor }) },
    })
  for await (const page of pages(fetchPage)) {
    for (const file of page.files) {
      assert.ok(!listed.has(file.id), 'a file is listed once')
      listed.set(file.id, file.fileName)
      assert.equal(file.size, sizeOf(file.fileName), 'no file is visible with another length than was sent')
    }
  }
  return listed
}

/** Downloads what was not compared yet: everything visible has its bytes, acknowledged or not. */
async function compareContents({ drive, containerId }: Session, witness: Witness, files: [string, string][]) {
  const fresh = files.filter(([fileId]) => !witness.compared.has(fileId))
  for (let at = 0; at < fresh.length; at += 100) {
    const batch = new Map(fresh.slice(at, at + 100))
    const { downloads } = await drive.downloadFiles({ containerId, fileIds: [...batch.keys()] })
    for (const { fileId, url, code } of downloads) {
      assert.equal(code, '0')
      const answer = await fetch(drive.resolveUrl(url))
      assert.equal(answer.status, 200, 'no file is visible without its content')
      const expected = bytesOf(batch.get(fileId) ?? '')
      assert.ok(expected.equals(await answer.bytes()), `${batch.get(fileId)} comes back byte by byte`)
      witness.compared.add(fileId)
    }
  }
}

async function openShare({ anonymous }: Session, share: Witness['shares'][number]): Promise<void> {
  const { shortUrl, code } = share
  const kdstoken = code && (await anonymous.verifyExtractCodePublic({ shortUrl, extractCode: code })).kdstoken
  const { link, files } = await anonymous.listShareFilesPublic({ shortUrl, ...(kdstoken ? { kdstoken } : {}) })
  assert.deepEqual([link.shareId, link.status], [share.shareId, 0])
  assert.deepEqual(
    files.map((file) => file.id),
    [share.fileId],
  )
}

const noRows = {
  'a file without content': `select n.id from nodes n left join blobs b on b.key = n.blob_key
    where n.is_folder = 0 and (b.key is null or b.size <> n.size)`,
  'content with a wrong number of references': `select b.key from blobs b
    where b.refs <> (select count(*) from nodes n where n.blob_key = b.key)`,
  'a space with a wrong sum': `select s.id, s.used from spaces s where s.used <>
    (select coalesce(sum(n.size), 0) from nodes n where n.space_id = s.id)
    + (select coalesce(sum(u.length), 0) from uploads u where u.space_id = s.id)`,
  'a part without its upload': 'select upload_id from upload_parts where upload_id not in (select id from uploads)',
  'an upload that is a file too': 'select id from uploads where id in (select id from nodes)',
  'a share of nothing': 'select id from shares where id not in (select share_id from share_items)',
  'a share that was made twice': "select comment from shares where comment <> '' group by comment having count(*) > 1",
  'a share without its delivery': 'select id from shares where id not in (select target_id from jobs)',
  'an idempotency key that is never answered': 'select key from idempotency_keys where answer is null',
}

async function inspectRows(site: Site): Promise<void> {
  for (const [fault, statement] of Object.entries(noRows)) assert.deepEqual(await site.rows(statement), [], fault)
}

/** Only running uploads, and what is marked for removal, have something staged; half-written copies are for the sweep. */
async function inspectStaging(site: Site): Promise<void> {
  const owned = await site.rows('select blob_key as key from uploads union select key from doomed_blobs')
  const keys = new Set(owned.map((row) => row.key))
  for (const name of await readdir(join(site.dataFolder, 'blobs', 'staging'))) {
    assert.ok(
      name.endsWith('.new') || keys.has(name.split('.')[0]),
      `${name} in the staging folder belongs to an upload`,
    )
  }
}

/** A day later, when whatever was left half done is over: nothing is left of it, and nothing else is missing. */
async function inspectDayLater(site: Site, witness: Witness): Promise<void> {
  const blobs = join(site.dataFolder, 'blobs')
  for (const name of await readdir(join(blobs, 'staging'))) await utimes(join(blobs, 'staging', name), 0, 0)
  const config = readConfig({ DRIVEWAY_DATA: site.dataFolder, DRIVEWAY_PORT: '0', ...site.env })
  const now = () => new Date(Date.now() + 25 * 3_600_000)
  const running = await start(config, { now, log: pino({ level: 'silent' }) })
  try {
    for (let round = 0; round < 10; round++)
      for (const sweep of transferSweeps) await sweep(systemContext(running.parts), new AbortController().signal)
    assert.deepEqual(await readdir(join(blobs, 'staging')), [])
    assert.deepEqual(await site.rows('select id from uploads'), [])
    assert.deepEqual(await site.rows('select key from doomed_blobs'), [])
    const known = (await site.rows('select key, size from blobs')).map(
      (row) => `${String(row.key)} ${String(row.size)}`,
    )
    assert.deepEqual(await contentsOf(join(blobs, 'data')), known.toSorted())
    await inspectRows(site)
    const { session } = await signIn(running.url)
    const [used] = await site.rows('select sum(used) as used from spaces')
    const sizes = [...(await listAll(session)).values()].map(sizeOf)
    assert.equal(
      Number(used?.used),
      sizes.reduce((sum, size) => sum + size, 0),
      'the quota is the sum of what is there',
    )
    witness.compared.clear()
    witness.opened = 0
    await inspect(site, session, witness)
  } finally {
    await running.close()
  }
}

async function contentsOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const texts = files.map(async (file) => `${file.name} ${(await stat(join(file.parentPath, file.name))).size}`)
  return (await Promise.all(texts)).toSorted()
}

interface Plan {
  rounds: number
  seed: number
  /** Breaks something, and answers when clients may come again. */
  strike(server: ChildServer): Promise<ChildServer>
}

/** Rounds of load and crash on one data folder. */
async function survive(t: TestContext, site: Site, plan: Plan): Promise<void> {
  const random = randomOf(plan.seed)
  const witness: Witness = { files: new Map(), shares: [], uploads: [], calls: [], compared: new Set(), opened: 0 }
  let server = await startChildServer(site)
  t.after(() => server.kill())
  const { session: first, token } = await signIn(server.url)
  const sessionAt = (url: string): Session => ({
    drive: createDrive({ baseUrl: url, token }),
    anonymous: createDrive({ baseUrl: url }),
    containerId: first.containerId,
  })
  let strikes = 0
  for (; strikes < plan.rounds; strikes++) {
    const load = new Load(sessionAt(server.url), witness, strikes, random)
    const running = load.run()
    await Promise.race([load.begun.then(() => sleep(random() * 700)), running])
    load.isOver = true
    const [struck, ended] = await Promise.allSettled([plan.strike(server), running])
    if (ended.status === 'rejected') throw ended.reason
    if (struck.status === 'rejected') throw struck.reason
    server = struck.value
    await inspect(site, sessionAt(server.url), witness)
  }
  assert.equal(await server.stop(), 0)
  await inspectDayLater(site, witness)
  t.diagnostic(`${strikes} crashes; acknowledged: ${witness.files.size} files, ${witness.shares.length} shares`)
  assert.ok(witness.files.size + witness.shares.length > plan.rounds)
}

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'driveway-crash-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

function killAndRestart(site: Site): Plan['strike'] {
  return async (server) => {
    await server.kill()
    return startChildServer(site)
  }
}

if (testEngines().includes('sqlite')) {
  test('50 times kill -9 during uploads and shares loses nothing acknowledged and leaves no half file', async (t) => {
    const dataFolder = await folderFor(t)
    const file = join(dataFolder, 'driveway.db')
    const site: Site = {
      dataFolder,
      env: {},
      rows: async (statement) => {
        const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 })
        try {
          return database.prepare(statement).all()
        } finally {
          database.close()
        }
      },
    }
    await survive(t, site, { rounds: 50, seed: 20_261_121, strike: killAndRestart(site) })
    assert.deepEqual(
      (await site.rows('pragma integrity_check')).map((row) => row.integrity_check),
      ['ok'],
    )
  })

  test('a server that is killed while it starts for the first time starts afterwards', async (t) => {
    const random = randomOf(7)
    const dataFolder = await folderFor(t)
    for (let round = 0; round < 8; round++) {
      const child = spawnServer({ dataFolder })
      await sleep(100 + random() * 400)
      const gone = new Promise((resolve) => child.once('close', resolve))
      child.kill('SIGKILL')
      await gone
    }
    const server = await startChildServer({ dataFolder })
    const { session } = await signIn(server.url)
    assert.equal((await listAll(session)).size, 0)
    assert.equal(await server.stop(), 0)
  })
}

if (testEngines().includes('postgres')) {
  test('kill -9 loses nothing acknowledged on PostgreSQL', async (t) => {
    const { site } = await openPostgresSite(t)
    await survive(t, site, { rounds: 8, seed: 42, strike: killAndRestart(site) })
  })

  test('kill -9 of PostgreSQL itself loses nothing acknowledged, and the server goes on without a restart', async (t) => {
    const { site, url } = await openPostgresSite(t)
    const strike: Plan['strike'] = async (server) => {
      await killPostgres(t, url)
      assert.ok(!server.hasEnded(), `the server outlives its database:\n${server.output()}`)
      return server
    }
    await survive(t, site, { rounds: 5, seed: 43, strike })
  })
}

test('a secret key that a crash cut short is never used', async (t) => {
  const dataFolder = await folderFor(t)
  const { secretKey } = readConfig({ DRIVEWAY_DATA: dataFolder })
  assert.deepEqual(await readdir(dataFolder), ['secret.key'])
  assert.equal(readConfig({ DRIVEWAY_DATA: dataFolder }).secretKey, secretKey)
  await truncate(join(dataFolder, 'secret.key'))
  assert.throws(() => readConfig({ DRIVEWAY_DATA: dataFolder }), /secret\.key is damaged/)
})

/** A site on a PostgreSQL of its own that syncs as in production. */
async function openPostgresSite(t: TestContext): Promise<{ site: Site; url: string }> {
  const dataFolder = await folderFor(t)
  const postgres = await startPostgres({ fsync: true })
  t.after(() => postgres.stop())
  const url = await postgres.createDatabase()
  const rows: Site['rows'] = async (statement) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      return (await client.query<Record<string, unknown>>(statement)).rows
    } finally {
      await client.end()
    }
  }
  return { site: { dataFolder, env: { DRIVEWAY_DATABASE_URL: url }, rows }, url }
}

/** Kills the main process of our PostgreSQL and starts the same one on its folder. */
async function killPostgres(t: TestContext, url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  const { rows } = await client.query<{ folder: string }>("select current_setting('data_directory') as folder")
  const pid = Number((await readFile(join(rows[0]?.folder ?? '', 'postmaster.pid'), 'utf8')).split('\n')[0])
  const [program = '', ...words] = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').slice(0, -1)
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const identity = ['Uid', 'Gid'].map((name) => new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? '')
  process.kill(pid, 'SIGKILL')
  await client.end().catch(() => undefined)
  const lent = [`--reuid=${identity[0]}`, `--regid=${identity[1]}`, '--clear-groups']
  const command = ['--pdeathsig=INT', ...(process.getuid?.() === 0 ? lent : []), program]
  // until the last of the old processes is gone, a new one refuses to start
  for (let attempt = 0; attempt < 100; attempt++) {
    const child = spawn('setpriv', [...command, ...words], { cwd: dirname(rows[0]?.folder ?? ''), stdio: 'ignore' })
    if (await listens(child, url)) {
      t.after(() => endProcess(child))
      return
    }
    await sleep(100)
  }
  throw new Error('PostgreSQL did not start again')
}

async function listens(child: ChildProcess, url: string): Promise<boolean> {
  while (child.exitCode === null && child.signalCode === null) {
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => undefined)
    const isReady = await client.connect().then(
      () => client.end().then(() => true),
      () => false,
    )
    if (isReady) return true
    await sleep(25)
  }
  return false
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGINT')
  await gone
}
