import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { hasTool } from '../clients/tools.ts'
import { MAIN } from '../program/program.ts'

const canRun =
  process.geteuid?.() === 0 && hasTool('unshare', ['--pid', '--fork', 'true'], 'a server as process 1 needs namespaces')

it.skipIf(!canRun)('A server that is still starting ends on SIGTERM, also as process 1', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'keyspan-'))
  // It waits for what is in this file.
  const root = join(directory, 'root.pem')
  execFileSync('mkfifo', [root])
  const args = [process.execPath, MAIN, 'serve', '--port', '0', '--data', directory, '--attestation-root', root]
  const parent = spawn('unshare', ['--pid', '--fork', '--kill-child', ...args], { stdio: 'ignore' })
  try {
    let writer: number | null = null
    while ((writer = openWhereRead(root)) === null) {
      if (parent.exitCode !== null) throw new Error('It ended by itself.')
      await sleep(50)
    }
    const exit = once(parent, 'exit')
    process.kill(Number(execFileSync('pgrep', ['--parent', String(parent.pid)], { encoding: 'utf8' })), 'SIGTERM')
    await sleep(300)
    // Without the signal it would go on now, and say that there is no certificate in the file.
    closeSync(writer)
    expect(await exit).toEqual([128 + 15, null])
  } finally {
    parent.kill('SIGKILL')
    await rm(directory, { recursive: true })
  }
})

/** Opens a pipe to write to it; null while nobody has opened it to read from it. */
function openWhereRead(pipe: string): number | null {
  try {
    return openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch {
    return null
  }
}
