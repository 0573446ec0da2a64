#!/usr/bin/env node
// Syntax that any Node since 12 can read: an old Node must reach the message below, not a stack.
import childProcess from 'child_process'
import fs from 'fs'
import nodeModule from 'module'
import url from 'url'

var here = url.fileURLToPath(import.meta.url)
var neededMajor = 24

function findPinnedNode() {
  var names = ['node/bin/node', 'node/bin/node.exe']
  var resolve = nodeModule.createRequire(here).resolve
  for (var i = 0; i < names.length; i += 1) {
    try {
      return resolve(names[i])
    } catch (_) {
      // This name is not installed on this platform; the next may be.
    }
  }
  return undefined
}

function runsNeededNode(node) {
  var probe = childProcess.spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' })
  return probe.status === 0 && parseInt(probe.stdout, 10) >= neededMajor
}

function rerunWith(node) {
  var child = childProcess.spawn(node, [here].concat(process.argv.slice(2)), { stdio: 'inherit' })
  var signals = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']
  function passOn(signal) {
    child.kill(signal)
  }
  signals.forEach(function (signal) {
    process.on(signal, passOn)
  })
  child.on('error', function (error) {
    refuse(error.message)
  })
  child.on('exit', function (code, signal) {
    if (!signal) {
      process.exit(code)
    }
    signals.forEach(function (name) {
      process.removeListener(name, passOn)
    })
    process.kill(process.pid, signal)
  })
}

function refuse(detail) {
  process.stderr.write(
    'driveway needs Node ' +
      neededMajor +
      ' or newer and this is Node ' +
      process.versions.node +
      (detail ? ' (' + detail + ')' : '') +
      ': run "npm ci" in the checkout, which brings one, then "npm start" or "npx driveway"; or install Node ' +
      neededMajor +
      '.\n',
  )
  process.exit(1)
}

function start() {
  if (parseInt(process.versions.node, 10) >= neededMajor) {
    nodeModule.enableCompileCache()
    return import('../cli/src/main.ts')
  }
  var pinned = findPinnedNode()
  if (!pinned || fs.realpathSync(pinned) === fs.realpathSync(process.execPath) || !runsNeededNode(pinned)) {
    return refuse()
  }
  return rerunWith(pinned)
}

start()
