import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { homeOf } from './testing/run-cli.ts'

const launcher = fileURLToPath(new URL('../../bin/driveway.js', import.meta.url))
const hasTerminals = spawnSync('script', ['--version']).status === 0
const skip = hasTerminals ? false : 'needs the program script, which makes terminals'

/** Runs the program on a terminal and answers its questions, each when it is asked. */
async function runOnTerminal(t: TestContext, args: string[], answers: [string, string][]) {
  const command = [process.execPath, launcher, ...args].map((part) => `'${part}'`).join(' ')
  const env = { PATH: process.env['PATH'], HOME: homeOf(t), TERM: 'xterm' }
  const child = spawn('script', ['-qec', command, '/dev/null'], { env })
  let shown = ''
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString()
    const [question, answer] = answers[0] ?? []
    if (question === undefined || !shown.includes(question)) return
    answers.shift()
    // A person answers after the program is ready to read.
    setTimeout(() => child.stdin.write(answer ?? ''), 300)
  })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, shown }
}

const login = ['login', '--server', 'http://127.0.0.1:1']

test('a password that is typed is never shown', { skip }, async (t) => {
  const { code, shown } = await runOnTerminal(t, login, [
    ['Account', 'ada\r'],
    ['Password', 'analytical\r'],
  ])
  assert.match(shown, /Account: .*ada/)
  assert.match(shown, /could not be reached/)
  assert.ok(!shown.includes('analytical'), shown)
  assert.equal(code, 1)
})

test('Ctrl+C at a question ends the program', { skip }, async (t) => {
  const { code, shown } = await runOnTerminal(t, login, [
    ['Account', 'ada\r'],
    ['Password', '\u0003'],
  ])
  assert.match(shown, /Interrupted\./)
  assert.equal(code, 130)
})
