#!/usr/bin/env node
// Only syntax that Node 12 reads: an old Node must reach the sentence below, not a syntax error.
import childProcess from 'child_process'
import fs from 'fs'
import nodeModule from 'module'
import url from 'url'

const neededMajor = 24
const here = url.fileURLToPath(import.meta.url)

function findPinnedNode() {
  const resolve = nodeModule.createRequire(here).resolve
  for (const name of ['node/bin/node', 'node/bin/node.exe']) {
    try {
      return resolve(name)
    } catch {
      // Not installed under this name; the next one may be.
    }
  }
  return undefined
}

function isNewEnough(node) {
  if (fs.realpathSync(node) === fs.realpathSync(process.execPath)) return false
  const probe = childProcess.spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' })
  return probe.status === 0 && parseInt(probe.stdout, 10) >= neededMajor
}

function rerunWith(node) {
  const child = childProcess.spawn(node, [here].concat(process.argv.slice(2)), { stdio: 'inherit' })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) {
    process.on(signal, () => {
      // A terminal sends Ctrl+C to the child too; passing it on would look like a second, impatient Ctrl+C.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  child.on('error', () => refuse())
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

function refuse() {
  process.stderr.write(
    `driveway needs Node ${neededMajor} or newer and this is Node ${process.versions.node}: run "npm ci" in the ` +
      `checkout, which brings one, and then "npm start" or "npx driveway"; or install Node ${neededMajor}.\n`,
  )
  process.exit(1)
}

async function start() {
  if (parseInt(process.versions.node, 10) >= neededMajor) {
    nodeModule.enableCompileCache()
    await import('../cli/src/main.ts')
    return
  }
  const pinned = findPinnedNode()
  if (pinned && isNewEnough(pinned)) rerunWith(pinned)
  else refuse()
}

void start()
