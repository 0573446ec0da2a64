import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { homeOf, runCli } from './testing/run-cli.ts'

test('help comes without a server and names every command', async (t) => {
  const { code, out } = await runCli(t, ['--help'])
  assert.equal(code, 0)
  for (const command of ['serve', 'login', 'put', 'ls', 'share', 'get', 'user', 'app', 'import', 'dept']) {
    assert.match(out, new RegExp(`^  ${command}\\b`, 'm'))
  }
})

test('a wrong command line ends with 2 and says what is wrong', async (t) => {
  for (const [args, expected] of [
    [['bogus'], /unknown command 'bogus'/],
    [['share'], /missing required argument 'paths'/],
    [['share', 'x', '--days', '900'], /--days takes a number from 1 to 365/],
    [['share', 'x', '--code', 'a b'], /--code takes 4 to 32 letters and digits/],
    [['share', 'x', '--scope', 'chosen'], /belong together/],
    [['get', 'no-link'], /is no link of a share/],
    [['login', '--server', 'http://[', '--account', 'a'], /is no server address/],
  ] as const) {
    const { code, err } = await runCli(t, [...args])
    assert.match(err, expected)
    assert.equal(code, 2, args.join(' '))
  }
})

test('without anybody to ask, a command says how to sign in, in one line', async (t) => {
  const { code, err } = await runCli(t, ['ls'])
  assert.equal(code, 1)
  assert.match(err, /^driveway: Nobody is signed in to .*driveway login.*\n$/)
})

test('a server that is not there is named with what to check, and no stack', async (t) => {
  const env = { DRIVEWAY_SERVER: 'http://127.0.0.1:1', DRIVEWAY_TOKEN: 'a'.repeat(48) }
  const { code, err } = await runCli(t, ['ls'], { env })
  assert.equal(code, 1)
  assert.match(err, /^driveway: The server could not be reached\..*--server URL.*\n$/)
  assert.match((await runCli(t, ['ls'], { env: { ...env, DRIVEWAY_DEBUG: '1' } })).err, /\n +at /)
})

test('a server that finds its port taken says so and ends', async (t) => {
  const holder = createServer().listen(0, '127.0.0.1')
  t.after(() => holder.close())
  await once(holder, 'listening')
  const { port } = holder.address() as AddressInfo
  const env = {
    DRIVEWAY_PORT: String(port),
    DRIVEWAY_DATA: join(homeOf(t), 'data'),
    DRIVEWAY_ADMIN_PASSWORD: 'a good password',
  }
  const { code, err } = await runCli(t, ['serve'], { env })
  assert.equal(code, 1)
  assert.match(err, /^Port \d+ is taken: .* set DRIVEWAY_PORT to a free one\.\n$/)
})
