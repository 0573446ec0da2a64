import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { Agent, type IncomingMessage, request } from 'node:http'
import { rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import { type Config, readConfig } from './config.ts'
import { start, StartError } from './main.ts'
import { spawnServer, startChildServer } from './testing/child-server.ts'
import { testPostgres } from './testing/postgres.ts'
import { testEngines, testPassword } from './testing/server.ts'

const holder = createServer().listen(0, '127.0.0.1')
await once(holder, 'listening')
const takenPort = String((holder.address() as AddressInfo).port)
after(() => holder.close())

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'driveway-start-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

function configOf(dataFolder: string, env: Record<string, string> = {}): Config {
  const fixed = { DRIVEWAY_DATA: dataFolder, DRIVEWAY_PORT: '0', DRIVEWAY_ADMIN_PASSWORD: testPassword }
  return readConfig({ ...fixed, ...env })
}

const log = pino({ level: 'silent' })

/** Runs `driveway serve`, which is expected to refuse, and answers how it ended. */
async function refusedServe(dataFolder: string, env: Record<string, string>) {
  const began = performance.now()
  const child = spawnServer({ dataFolder, env })
  const [err, out, [code]] = await Promise.all([text(child.stderr!), text(child.stdout!), once(child, 'close')])
  return { err, out, code: code as number | null, ms: performance.now() - began }
}

for (const engine of testEngines()) {
  test(`a start that finds its port taken leaves nothing open, on ${engine}`, async (t) => {
    const dataFolder = folderOf(t)
    const postgres = engine === 'postgres' ? await testPostgres() : undefined
    const url = await postgres?.createDatabase()
    t.after(async () => {
      if (postgres && url) await postgres.dropDatabase(url)
      await postgres?.stop()
    })
    const database: Record<string, string> = url === undefined ? {} : { DRIVEWAY_DATABASE_URL: url }
    await assert.rejects(start(configOf(dataFolder, { ...database, DRIVEWAY_PORT: takenPort }), { log }), (error) => {
      assert.ok(error instanceof StartError)
      assert.match(error.message, new RegExp(`^Port ${takenPort} is taken: .*DRIVEWAY_PORT`))
      return true
    })
    const began = performance.now()
    const running = await start(configOf(dataFolder, database), { log })
    assert.ok(performance.now() - began < 1500, 'the database was given back')
    assert.equal((await fetch(`${running.url}/readyz`)).status, 200)
    await running.close()
  })
}

test('a start that fails before it listens leaves nothing open', async (t) => {
  const dataFolder = folderOf(t)
  await assert.rejects(start(configOf(dataFolder, { DRIVEWAY_TRUSTED_PROXIES: 'nowhere' }), { log }))
  const notAFolder = `file:${join(dataFolder, 'secret.key', 'blobs')}`
  await assert.rejects(start(configOf(dataFolder, { DRIVEWAY_BLOB_URL: notAFolder }), { log }))
  const running = await start(configOf(dataFolder), { log })
  await running.close()
})

test('serve says in one line that its port is taken and what to do, and ends with 1', async (t) => {
  const { err, out, code } = await refusedServe(folderOf(t), { DRIVEWAY_PORT: takenPort })
  assert.match(err, new RegExp(`^Port ${takenPort} is taken: .*DRIVEWAY_PORT.*\n$`))
  assert.equal(out, '')
  assert.equal(code, 1)
})

test('serve says in one line that its address is not of this machine', async (t) => {
  const { err, code } = await refusedServe(folderOf(t), { DRIVEWAY_HOST: '192.0.2.1' })
  assert.match(err, /^192\.0\.2\.1 is no address of this machine: .*DRIVEWAY_HOST.*\n$/)
  assert.equal(code, 1)
})

test('serve says in one line that its database does not answer, without the password', async (t) => {
  const env = { DRIVEWAY_DATABASE_URL: `postgres://drive:open-sesame@127.0.0.1:1/drive` }
  const { err, code } = await refusedServe(folderOf(t), env)
  assert.match(err, /^The database cannot be opened: .*ECONNREFUSED.*DRIVEWAY_DATABASE_URL.*\n$/)
  assert.ok(!err.includes('sesame'))
  assert.equal(code, 1)
})

test('a second server on the same data folder refuses soon, in one line', async (t) => {
  const dataFolder = folderOf(t)
  const first = await startChildServer({ dataFolder })
  try {
    const { err, code, ms } = await refusedServe(dataFolder, {})
    assert.match(err, /^Another process is using .*driveway\.db\. Stop it first.*\n$/)
    assert.equal(code, 1)
    assert.ok(ms < 5000, `${Math.round(ms)} ms`)
    assert.equal((await fetch(`${first.url}/readyz`)).status, 200)
  } finally {
    await first.stop()
  }
})

test('a server that is told to stop answers what it was asked, and ends then, although the client keeps its line', async (t) => {
  const server = await startChildServer({ dataFolder: folderOf(t) })
  const agent = new Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  const body = JSON.stringify({ account: 'admin', authType: '1', password: testPassword })
  const headers = { 'content-type': 'application/json', 'content-length': body.length }
  const call = request(`${server.url}/koodrive/ose/v1/auth/login`, { agent, method: 'POST', headers })
  const answered = once(call, 'response')
  call.write(body.slice(0, 10))
  await sleep(200)
  const began = performance.now()
  const stopped = server.stop()
  await sleep(200)
  call.end(body.slice(10))
  const [answer] = (await answered) as [IncomingMessage]
  assert.equal(answer.statusCode, 200)
  assert.match(await text(answer), /accessToken/)
  assert.equal(await stopped, 0)
  assert.ok(performance.now() - began < 5000)
})
