import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { startPostgres, testPostgres, type TestPostgres } from './postgres.ts'

let server: TestPostgres
before(async () => {
  server = await startPostgres()
})
after(async () => {
  await server.stop()
})

async function ask(url: string, statement: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement)
    return rows[0] === undefined ? undefined : Object.values(rows[0])[0]
  } finally {
    await client.end()
  }
}

function foldersOf(pid: number): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`driveway-postgres-${pid}-`))
}

test('the server is PostgreSQL 15 or newer, in UTF-8, sorting by code point', async () => {
  assert.ok(Number(await ask(server.url, 'show server_version_num')) >= 150_000)
  assert.equal(await ask(server.url, 'show server_encoding'), 'UTF8')
  assert.equal(await ask(server.url, `select 'a' > 'B'`), true)
})

test('each created database is empty and apart from the others', async () => {
  const [first, second] = await Promise.all([server.createDatabase(), server.createDatabase()])
  await ask(first, 'create table only_here (id int)')
  assert.equal(await ask(second, `select to_regclass('only_here')`), null)
})

test('a database is found under the name that was asked for, and gone after it was dropped while in use', async () => {
  const url = await server.createDatabase('kept "by" name')
  assert.equal(await ask(url, 'select current_database()'), 'kept "by" name')
  const busy = new pg.Client({ connectionString: url })
  busy.on('error', () => {})
  await busy.connect()
  await server.dropDatabase(url)
  await server.dropDatabase(url)
  await assert.rejects(ask(url, 'select 1'), /does not exist/)
})

test('commits are durable only when a suite asks for it', async () => {
  assert.equal(await ask(server.url, 'show fsync'), 'off')
  const durable = await startPostgres({ fsync: true })
  try {
    assert.equal(await ask(durable.url, 'show fsync'), 'on')
    assert.equal(await ask(durable.url, 'show synchronous_commit'), 'on')
  } finally {
    await durable.stop()
  }
})

test('a stopped server answers no more and leaves no files', async () => {
  const before = foldersOf(process.pid)
  const other = await startPostgres()
  assert.equal(foldersOf(process.pid).length, before.length + 1)
  await other.stop()
  await assert.rejects(ask(other.url, 'select 1'), /ECONNREFUSED/)
  assert.deepEqual(foldersOf(process.pid), before)
})

test('a shared server keeps running when one test file is done with it, without that file databases', async () => {
  const previous = process.env.DRIVEWAY_TEST_POSTGRES
  process.env.DRIVEWAY_TEST_POSTGRES = server.url
  try {
    const shared = await testPostgres()
    const database = await shared.createDatabase()
    assert.equal(new URL(database).host, new URL(server.url).host)
    await shared.stop()
    await assert.rejects(ask(database, 'select 1'), /does not exist/)
    assert.equal(await ask(server.url, 'select 1'), 1)
  } finally {
    if (previous === undefined) delete process.env.DRIVEWAY_TEST_POSTGRES
    else process.env.DRIVEWAY_TEST_POSTGRES = previous
  }
})

test('when the process that started it is killed, nothing keeps running and the next start clears its files', async () => {
  const script = `
    const { startPostgres } = await import(${JSON.stringify(new URL('./postgres.ts', import.meta.url).href)})
    console.log((await startPostgres()).url)
    setInterval(() => {}, 1000)`
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(owner.stdout.setEncoding('utf8'), 'data')) as [string]
  const [folder] = foldersOf(Number(owner.pid))
  const exit = once(owner, 'exit')
  owner.kill('SIGKILL')
  await exit

  const isRunning = (): boolean => existsSync(`${tmpdir()}/${folder ?? ''}/data/postmaster.pid`)
  for (let tries = 0; isRunning() && tries < 200; tries += 1) await sleep(50)
  await assert.rejects(ask(line.trim(), 'select 1'), /ECONNREFUSED/)

  const next = await startPostgres()
  await next.stop()
  assert.deepEqual(foldersOf(Number(owner.pid)), [])
})
