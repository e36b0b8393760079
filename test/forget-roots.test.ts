import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { askRunningServer } from '../src/cli/control-client.ts'
import { dataDirectory } from '../src/server/data/data-directory.ts'
import { askControl } from './control.ts'
import { MAIN } from './program/program.ts'
import { AWAY, HOME, startTestServer } from './server.ts'

const run = promisify(execFile)
const keyspan = async (...args: readonly string[]) => (await run(process.execPath, [MAIN, ...args])).stdout

const linesOf = async (path: string) => (await readFile(join(path, 'root.key'), 'utf8')).trimEnd().split('\n')

describe('Former root keys', () => {
  it('are forgotten when somebody says so, and never one under which something is', async () => {
    await using server = await startTestServer({ regions: `${HOME},${AWAY}` })
    expect(await keyspan('keyring', 'forget', '--data', server.path)).toBe('There is none to forget.\n')
    await askControl(server, '/keyring/root', { to: 'file' })
    await askControl(server, '/keyring/root', { to: 'file' })
    const [now, ...former] = await linesOf(server.path)
    expect(former).toHaveLength(2)
    await expect(keyspan('keyring', 'forget', '--data', server.path)).rejects.toMatchObject({
      stderr: expect.stringMatching(/Backups that were taken before .* add --yes/),
    })
    expect(await linesOf(server.path)).toEqual([now, ...former])
    await keyspan('keyring', 'forget', '--yes', '--data', server.path)
    expect(await linesOf(server.path)).toEqual([now])
    await server.restart()
    // One that somebody has put first is the root key at the next start: what is in use till then stays.
    await server.stop()
    await writeFile(join(server.path, 'root.key'), `${former[0] ?? ''}\n${now ?? ''}\n${former[1] ?? ''}\n`)
    await keyspan('keyring', 'forget', '--yes', '--data', server.path)
    expect(await linesOf(server.path)).toEqual([former[0], now])
    await server.restart()
  })

  it('go with their file where something else holds the root key, and backups say what that is', async () => {
    await using server = await startTestServer({ regions: HOME })
    const backup = async (name: string) => keyspan('backup', join(server.path, '..', name), '--data', server.path)
    const name = `backup-${process.pid}`
    expect(await backup(`${name}-1`)).toContain('keep a copy of')
    await askControl(server, '/keyring/root', { to: 'file' })
    await askRunningServer(
      dataDirectory(server.path),
      '/keyring/passphrase',
      Buffer.from('correct horse battery staple'),
    )
    expect(await backup(`${name}-2`)).toContain('it is made from the passphrase that the server has now')
    await keyspan('keyring', 'forget', '--yes', '--data', server.path)
    expect(existsSync(join(server.path, 'root.key'))).toBe(false)
    await run('rm', ['-r', join(server.path, '..', `${name}-1`), join(server.path, '..', `${name}-2`)])
  })
})
