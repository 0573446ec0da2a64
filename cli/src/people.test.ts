import assert from 'node:assert/strict'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import { startTestServer, testPassword, type TestServer } from '../../server/src/testing/server.ts'
import { type CliRun, homeOf, runCli } from './testing/run-cli.ts'

let server: TestServer

before(async () => {
  server = await startTestServer()
})
after(() => server.close())

function as(account = 'admin', password = testPassword): Record<string, string> {
  return { DRIVEWAY_SERVER: server.url, DRIVEWAY_ACCOUNT: account, DRIVEWAY_PASSWORD: password }
}

async function run(t: TestContext, args: string[], env = as()): Promise<CliRun> {
  const done = await runCli(t, args, { env })
  assert.equal(done.code, 0, `${args.join(' ')}: ${done.err}`)
  return done
}

async function runJson<T>(t: TestContext, args: string[]): Promise<T> {
  return JSON.parse((await run(t, [...args, '--json'])).out) as T
}

test('a person is added, signs in with the password that was shown, is moved, locked out and let in again', async (t) => {
  await run(t, ['dept', 'add', 'Sales/North'])
  assert.match((await run(t, ['dept', 'list'])).out, /\n {2}Sales\n {4}North\n/)
  assert.match((await run(t, ['dept', 'add', 'Sales/North'])).out, /was there already/)

  const added = await run(t, ['user', 'add', 'ada', '--name', 'Ada Lovelace', '--dept', 'Sales'])
  const password = /^Password {2}(\S{16}) /m.exec(added.out)?.[1] ?? ''
  await run(t, ['ls'], as('ada', password))
  const refused = await runCli(t, ['user', 'list'], { env: as('ada', password) })
  assert.deepEqual([refused.code, refused.out], [1, ''])
  assert.match(refused.err, /^driveway: Only a system administrator may do this\./)

  await run(t, ['user', 'move', 'ada', 'Sales/North'])
  assert.match((await run(t, ['user', 'list', 'ada'])).out, /^ada +Ada Lovelace +member +enabled +North$/m)
  await run(t, ['user', 'disable', 'ada'])
  assert.equal((await runCli(t, ['ls'], { env: as('ada', password) })).code, 1)
  await run(t, ['user', 'enable', 'ada'])
  const reset = await runCli(t, ['user', 'reset', 'ada', '--password-stdin'], {
    env: as(),
    input: 'difference engine\n',
  })
  assert.equal(reset.code, 0, reset.err)
  assert.ok(!reset.out.includes('difference engine'))
  await run(t, ['ls'], as('ada', 'difference engine'))
  const unknown = await runCli(t, ['user', 'disable', 'nobody'], { env: as() })
  assert.equal(unknown.err, 'driveway: There is no account "nobody". See: driveway user list\n')
})

test('a table of people is previewed, imported, and imported again without change', async (t) => {
  const file = join(homeOf(t), 'people.csv')
  await writeFile(
    file,
    '\ufeffaccount,name,department,email\r\ngrace,"Hopper, Grace",Navy/Ships,grace@example.com\r\nalan,Alan,Navy,\r\n',
  )
  const preview = await run(t, ['import', file, '--preview'])
  assert.match(preview.out, /^1 +created +grace/m)
  assert.match(preview.out, /^This would happen: 2 created, 0 updated, 0 unchanged, 0 failed\. Nothing was written\.$/m)
  assert.equal((await runJson<object[]>(t, ['user', 'list', 'grace'])).length, 0)

  const report = await runJson<{ created: number; rows: { account: string; password: string }[] }>(t, ['import', file])
  assert.equal(report.created, 2)
  await run(t, ['ls'], as('grace', report.rows[0]?.password))
  assert.match((await run(t, ['dept', 'list'])).out, /\n {2}Navy\n {4}Ships\n/)
  assert.match((await run(t, ['import', file])).out, /^0 created, 0 updated, 2 unchanged, 0 failed\.$/m)
})

test('rows that cannot be imported are named one by one, the others go through, and the exit code is 1', async (t) => {
  const file = join(homeOf(t), 'half.csv')
  await writeFile(file, 'account;name;email\nhedy;Hedy;hedy@example.com\nbad account;Bad;\nlise;Lise;no-address\n')
  const { code, out, err } = await runCli(t, ['import', file], { env: as() })
  assert.equal(code, 1)
  assert.match(out, /^1 +created +hedy +password \S+$/m)
  assert.match(out, /^2 +failed +bad account +account /m)
  assert.match(out, /^3 +failed +lise +email /m)
  assert.match(err, /^driveway: 2 rows failed\./)
})

test('a table without accounts, or with a column nobody knows, is refused before anything is sent', async (t) => {
  const file = join(homeOf(t), 'odd.csv')
  for (const [text, expected] of [
    ['name,email\nAda,\n', /must name the columns, "account" among them/],
    ['account,salary\nada,1\n', /The column "salary" is not known/],
    ['account,name\n', /nothing below it/],
  ] as const) {
    await writeFile(file, text)
    const { code, err } = await runCli(t, ['import', file], { env: as() })
    assert.equal(code, 1)
    assert.match(err, expected)
  }
})

test('more rows than one call takes are imported in several', async (t) => {
  const file = join(homeOf(t), 'many.csv')
  const rows = Array.from({ length: 1003 }, (_, n) => `bulk${n},Bulk ${n}`)
  await writeFile(file, `account,name\n${rows.join('\n')}\n`)
  const report = await runJson<{ created: number; rows: { row: number; account: string }[] }>(t, [
    'import',
    file,
    '--preview',
  ])
  assert.equal(report.created, 1003)
  assert.deepEqual([report.rows.at(-1)?.row, report.rows.at(-1)?.account], [1003, 'bulk1002'])
})

test('an app is registered with a secret shown once, listed without it, and removed', async (t) => {
  const { out } = await run(t, ['app', 'create', 'Payroll'])
  assert.match(out, /^App id {6}[0-9a-f]{64}\nApp secret {2}[0-9a-f]{64}\n/)
  const secret = /App secret {2}(\S+)/.exec(out)?.[1] ?? 'none'
  const listed = (await run(t, ['app', 'list'])).out
  assert.match(listed, /^Payroll /m)
  assert.ok(!listed.includes(secret))
  await run(t, ['app', 'remove', 'Payroll'])
  assert.ok(!(await run(t, ['app', 'list'])).out.includes('Payroll'))
})

test('a link for chosen people opens for them and for nobody else', async (t) => {
  await run(t, ['user', 'add', 'emmy', '--name', 'Emmy Noether'])
  await run(t, ['user', 'add', 'emma', '--name', 'Emma'])
  for (const account of ['emmy', 'emma']) {
    await runCli(t, ['user', 'reset', account, '--password-stdin'], { env: as(), input: 'a good password' })
  }
  const folder = join(homeOf(t), 'secret')
  await mkdir(folder)
  await writeFile(join(folder, 'plan.txt'), 'plan')
  const near = await runCli(t, ['share', folder, '--to', 'Em'], { env: as() })
  assert.equal(near.code, 1)
  assert.match(near.err, /There is nobody called "Em"\. Did you mean /)
  const { link } = await runJson<{ link: string }>(t, ['share', folder, '--to', 'Emmy Noether'])

  const stranger = await runCli(t, ['get', link, '-o', 'stranger'])
  assert.equal(stranger.code, 1)
  assert.match(stranger.err, /Nobody is signed in to/)
  const other = await runCli(t, ['get', link, '-o', 'other'], { env: as('emma', 'a good password') })
  assert.equal(other.code, 1)
  assert.match(other.err, /^driveway: This link was not shared with your account\./)
  await run(t, ['get', link, '-o', 'chosen'], as('emmy', 'a good password'))
  assert.deepEqual(await readdir(join(homeOf(t), 'chosen')), ['secret'])
})
