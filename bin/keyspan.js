#!/usr/bin/env node
/**
 * Starts `keyspan` in a Node that can run it: this one, or else the one that is installed beside it. Every Node
 * from 18 on can read this file. It is no ES module, as `package.json` beside it says: for one, Node would load more
 * before it runs anything.
 */
'use strict'
const { existsSync, mkdirSync, statSync } = require('node:fs')
const nodeModule = require('node:module')
const { dirname, join } = require('node:path')

/** The first Node with all that Keyspan uses. */
const NEEDED = [24, 15]
/** What is asked to end ends the server. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
/** What an ephemeral server is told, which ends with the process that has started it, when that one is gone. */
const ORPHANED = 'orphaned'
const PARENT = process.ppid
const PARENT_POLL_MS = 250
const WRITABLE_BY_OTHERS = 0o022
/** The exit status of what could not be done. */
const FAILED = 2

if (isNewEnough(process.versions.node)) runHere()
else runElsewhere(otherNode())

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number)
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])
}

function runHere() {
  const dist = join(__dirname, '..', 'dist')
  if (!existsSync(join(dist, 'main.cjs'))) {
    process.stderr.write(
      'keyspan: This is a clone that was not built. Say npm run keyspan -- and the command, which runs its sources; or ' +
        'first npm run build\n',
    )
    process.exitCode = FAILED
    return
  }
  const cache = ownCache(dist)
  if (cache !== null) nodeModule.enableCompileCache(cache)
  require('../dist/main.cjs')
}

/**
 * Where V8 keeps what it has compiled: in the package, where that is this user's alone to write. Who writes there
 * decides what runs.
 */
function ownCache(dist) {
  const cache = join(dist, 'cache')
  try {
    if (process.geteuid === undefined || !isOwn(dist)) return null
    mkdirSync(cache, { mode: 0o700, recursive: true })
    return isOwn(cache) ? cache : null
  } catch {
    return null
  }
}

function isOwn(path) {
  const { uid, mode } = statSync(path)
  return uid === process.geteuid() && (mode & WRITABLE_BY_OTHERS) === 0
}

/** The Node that is installed beside Keyspan for this system; there may be none. */
function otherNode() {
  const [system, program] = process.platform === 'win32' ? ['win', 'node.exe'] : [process.platform, 'node']
  for (const name of ['node', 'node-bin']) {
    try {
      const path = join(dirname(require.resolve(`${name}-${system}-${process.arch}/package.json`)), 'bin', program)
      if (existsSync(path)) return path
    } catch {
      // It is not of that name.
    }
  }
  return undefined
}

function runElsewhere(node) {
  if (node === undefined) {
    process.stderr.write(
      `keyspan: This is Node ${process.versions.node}, and Keyspan needs ${NEEDED.join('.')} or newer: install one ` +
        'from https://nodejs.org, or install Keyspan with its optional dependencies, which have one.\n',
    )
    process.exitCode = FAILED
    return
  }
  // It costs a start that does without it a tenth of its time.
  const { spawn } = require('node:child_process')
  // The channel tells the server when this process is gone, however it went.
  const child = spawn(node, [__filename, ...process.argv.slice(2)], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    process.stderr.write(`keyspan: ${node} cannot be started: ${error.message}\n`)
    process.exitCode = FAILED
  })
  tellWhenOrphaned(child)
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code
      return
    }
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

/** The server’s own parent is this process, which outlives the one that has started it. */
function tellWhenOrphaned(child) {
  const timer = setInterval(() => {
    if (process.ppid === PARENT) return
    clearInterval(timer)
    if (child.connected) child.send(ORPHANED)
  }, PARENT_POLL_MS)
  timer.unref()
}
