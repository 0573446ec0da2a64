import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'driveway-readme-'))
const password = 'correct horse battery'
let server: ChildProcess | undefined
let printed = ''

after(async () => {
  if (server && server.exitCode === null) {
    server.kill('SIGTERM')
    await new Promise((resolve) => server?.once('exit', resolve))
  }
  rmSync(folder, { recursive: true, force: true })
})

/** Starts a server on a free port with an empty data folder; resolves to the address it prints. */
async function startServer(): Promise<string> {
  const settings = { DRIVEWAY_PORT: '0', DRIVEWAY_DATA: join(folder, 'data'), DRIVEWAY_ADMIN_PASSWORD: password }
  const child = spawn(process.execPath, ['bin/driveway.js', 'serve'], {
    cwd: root,
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  server = child
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${printed}`)))
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString('utf8')
      const address = /ready at (http:\S+)/.exec(printed)?.[1]
      if (address !== undefined) resolve(address)
    })
  })
}

/** The shell lines below a heading of the README. */
function readLines(heading: string): string {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const [, section = ''] = readme.split(`\n## ${heading}\n`)
  return /```sh\n(.*?)```/s.exec(section)?.[1] ?? ''
}

test('the five lines of the README do the main job', { timeout: 60_000 }, async () => {
  const lines = readLines('The main job in five lines')
  assert.equal(lines.trim().split('\n').length, 3 + 1 + 5, 'three lines of preparation, an empty one, and the five')
  const address = await startServer()
  const script = `cd '${root}'; set -e\n${lines.replace('http://localhost:8080', address)}`
  const copied = script.replaceAll('copy.md', join(folder, 'copy.md'))
  const run = spawnSync('sh', ['-c', copied], { env: { ...process.env, PASSWORD: password }, encoding: 'utf8' })
  assert.equal(run.status, 0, run.stdout + run.stderr + printed)
  assert.match(run.stdout, /\/s\/[0-9A-Za-z]{22}/, 'the link is printed')
  assert.match(run.stdout, /"fileName":"README.md"/, 'the file is listed through the link')
  assert.match(run.stdout, /the same\n$/, 'what was downloaded is what was uploaded')
})
