import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { homeOf, runCli } from './testing/run-cli.ts'

interface Item {
  id: string
  fileName: string
  fileType: string
  size?: number
}

/** Somebody else's server that speaks the API and means harm: whatever it is asked, it lists what `list` says. */
async function startHostileServer(t: TestContext, list: (folderId: string | undefined) => Item[], refusal?: object) {
  const heard: string[] = []
  const server = createServer((request, response) => {
    heard.push(JSON.stringify(request.headers))
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const send = (answer: object) => response.end(JSON.stringify({ code: 0, msg: 'OK', ...answer }))
      if (request.url === '/evil') return response.end('evil')
      heard.push(body)
      if (refusal) return response.writeHead(401).end(JSON.stringify(refusal))
      const input = JSON.parse(body || '{}') as { parentFolder?: string }
      if (request.url?.endsWith('/share/public/files'))
        return send({ link: { shareId: '1' }, files: list(input.parentFolder) })
      const { port } = server.address() as AddressInfo
      return send({ downloadUrl: `http://127.0.0.1:${port}/evil` })
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { link: `http://127.0.0.1:${(server.address() as AddressInfo).port}/s/abc`, heard }
}

test('a hostile server cannot write outside the folder, whatever it calls its files', async (t) => {
  const file = (id: string, fileName: string): Item => ({ id, fileName, fileType: '45', size: 4 })
  const { link } = await startHostileServer(t, (folderId) =>
    folderId
      ? [file('4', '../../deeper')]
      : [
          file('1', '../escaped'),
          file('2', '/etc/driveway-was-here'),
          file('3', '..\\..\\windows'),
          { id: 'd', fileName: '..', fileType: '10' },
          file('5', 'a\u001b[2Jb'),
          file('6', ''),
        ],
  )
  const { code, err } = await runCli(t, ['get', link, '-o', 'in/here'])
  assert.equal(code, 0, err)
  assert.deepEqual(await readdir(join(homeOf(t), 'in')), ['here'])
  assert.deepEqual((await readdir(join(homeOf(t), 'in', 'here'), { recursive: true })).toSorted(), [
    '.._.._windows',
    '.._escaped',
    '_',
    '__',
    '__/.._.._deeper',
    '_etc_driveway-was-here',
    'a_[2Jb',
  ])
  assert.equal(await readFile(join(homeOf(t), 'in', 'here', '.._escaped'), 'utf8'), 'evil')
})

test('bytes that are not as many as announced never become a file', async (t) => {
  const { link } = await startHostileServer(t, () => [{ id: '1', fileName: 'short.txt', fileType: '45', size: 5 }])
  const { code, err } = await runCli(t, ['get', link, '-o', 'short'])
  assert.equal(code, 1)
  assert.match(err, /^failed: .*short\.txt: The server announces 4 bytes where 5 were expected\./m)
  assert.ok(!(await readdir(join(homeOf(t), 'short'))).includes('short.txt'))
})

test('folders that go down for ever end the download with a sentence', async (t) => {
  let next = 0
  const { link } = await startHostileServer(t, () => [{ id: `d${next++}`, fileName: 'd', fileType: '10' }])
  const { code, err } = await runCli(t, ['get', link, '-o', 'deep'])
  assert.equal(code, 1)
  assert.match(err, /^driveway: The folders of this link go deeper than 100 levels/)
})

test('the server of a link never sees credentials for another one, also when it asks to sign in', async (t) => {
  const refusal = { code: 13000909, msg: 'Sign in to go on.' }
  const { link, heard } = await startHostileServer(t, () => [], refusal)
  const secret = 'a'.repeat(48)
  const environments: Record<string, string>[] = [
    { DRIVEWAY_SERVER: 'https://drive.example.com', DRIVEWAY_TOKEN: secret },
    { DRIVEWAY_SERVER: 'https://drive.example.com', DRIVEWAY_ACCOUNT: 'ada', DRIVEWAY_PASSWORD: secret },
    { DRIVEWAY_TOKEN: secret },
  ]
  for (const env of environments) {
    const { code, err } = await runCli(t, ['get', link], { env })
    assert.equal(code, 1)
    assert.match(err, /^driveway: Nobody is signed in to http:\/\/127\.0\.0\.1:/)
  }
  assert.ok(heard.length > 0)
  assert.ok(!heard.join().includes(secret))
})
