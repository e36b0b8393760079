import { DescribeKeyCommand, CreateKeyCommand } from '@aws-sdk/client-kms'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rename, rm, writeFile, chmod } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { kmsClient } from './clients/kms-client.ts'
import { startTestServer, type TestServer } from './server.ts'
import { MAIN } from './program/program.ts'

/** Runs `keyspan` as a person would. */
async function keyspan(...args: readonly string[]) {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [MAIN, ...args])
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, stdout, stderr }
  }
}

describe('keyspan seed check', () => {
  it('needs the name of a file', async () => {
    const { code, stdout, stderr } = await keyspan('seed', 'check', '')
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('seed check was given no file: its name is empty.')
  })
})

describe('keyspan, with a server that runs', () => {
  let server: TestServer

  beforeEach(async () => {
    server = await startTestServer({ regions: 'us-east-1' })
  })
  afterEach(() => server[Symbol.asyncDispose]())

  it('makes an account that can be used at once', async () => {
    const { stdout } = await keyspan('account', 'create', '444455556666', '--data', server.path, '--output', 'json')
    expect(JSON.parse(stdout)).toMatchObject({ account: '444455556666', profile: 'keyspan-444455556666' })
    const kms = await kmsClient(server, 'us-east-1', '444455556666')
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
    expect(KeyMetadata?.AWSAccountId).toBe('444455556666')
    expect(await readFile(join(server.path, 'aws', 'config'), 'utf8')).toContain('[profile keyspan-444455556666]')
  })

  it('says what is wrong with an account', async () => {
    expect(await keyspan('account', 'create', '111122223333', '--data', server.path)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('keyspan: Account 111122223333 exists.'),
    })
    expect((await keyspan('account', 'create', 'mine', '--data', server.path)).stderr).toContain('it takes 12 digits')
  })

  it('moves the clock, and says what time it is', async () => {
    const { stdout } = await keyspan('clock', 'advance', '30d', '--data', server.path)
    const [, now = ''] = /It is (.*)\.\n/.exec(stdout) ?? []
    expect(Date.parse(now) - Date.now()).toBeGreaterThan(29 * 24 * 60 * 60 * 1000)
    expect((await keyspan('clock', 'advance', 'soon', '--data', server.path)).stderr).toContain('"soon" is no duration')
    await server.restart()
    const kms = await kmsClient(server, 'us-east-1')
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
    expect(KeyMetadata?.CreationDate?.getTime()).toBeGreaterThanOrEqual(Date.parse(now))
  })

  it('moves no clock outside development mode', async () => {
    await server.restart({ dev: false })
    for (const command of [
      ['clock', 'advance', '1d'],
      ['region', 'partition'],
      ['region', 'heal'],
      ['region', 'down', 'us-east-1'],
      ['region', 'up', 'us-east-1'],
      ['region', 'delay', 'us-east-1', 'eu-west-1', '5s'],
    ]) {
      const { code, stderr } = await keyspan(...command, '--data', server.path)
      expect(code).toBe(2)
      expect(stderr).toContain('Start the server with --dev.')
    }
    const { stdout } = await keyspan('region', 'status', '--data', server.path)
    expect(stdout).toBe('Every Region is up and hears all others.\n')
  })

  it('does not start outside development mode where the clock was moved', async () => {
    await keyspan('clock', 'advance', '1d', '--data', server.path)
    await expect(server.restart({ dev: false })).rejects.toThrow('Start it with --dev')
    await server.restart({ dev: true }).catch(() => {})
  })

  it('prints the last records', async () => {
    const kms = await kmsClient(server, 'us-east-1')
    await kms.send(new CreateKeyCommand({ Description: 'recorded' }))
    const { stdout } = await keyspan('audit', 'tail', '-n', '1', '--data', server.path)
    expect(JSON.parse(stdout)).toMatchObject({
      eventName: 'CreateKey',
      requestParameters: { description: 'recorded', keySpec: 'SYMMETRIC_DEFAULT' },
      responseElements: { keyMetadata: { keyState: 'Enabled' } },
    })
  })

  it('does not start a second server on the same data', async () => {
    const { code, stderr } = await keyspan('serve', '--data', server.path, '--port', '0')
    expect(code).toBe(2)
    expect(stderr).toContain('Another keyspan process is using')
  })
})

describe('keyspan, with no server', () => {
  let data: string

  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'keyspan-'))
  })
  afterEach(() => rm(data, { recursive: true }))

  it('makes an account in the data directory', async () => {
    expect((await keyspan('account', 'create', '444455556666', '--data', data)).code).toBe(0)
    expect(await readFile(join(data, 'aws', 'credentials'), 'utf8')).toContain('[keyspan-444455556666]')
  })

  it('says that none is running', async () => {
    expect((await keyspan('clock', 'advance', '1d', '--data', data)).stderr).toContain('No server is running on')
  })

  it('lets nobody debug it outside development mode', async () => {
    const debugged = promisify(execFile)(process.execPath, [
      '--inspect=0',
      MAIN,
      'serve',
      '--data',
      data,
      '--port',
      '0',
    ])
    await expect(debugged).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('with --dev only') })
  })

  it('refuses settings that cannot be', async () => {
    expect(await keyspan('serve', '--data', data, '--port', 'many')).toMatchObject({
      code: 2,
      stderr: 'keyspan: The port "many" from the flag --port is not a number from 0 to 65535.\n',
    })
  })
})

describe('The root key', () => {
  it('is never made anew over data that it had sealed, and is its owner’s alone', async () => {
    await using server = await startTestServer({ regions: 'us-east-1' })
    const kms = await kmsClient(server, 'us-east-1')
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
    const path = join(server.path, 'root.key')

    await rename(path, `${path}.lost`)
    await expect(server.restart()).rejects.toThrow('Put the file back from its backup.')
    await writeFile(path, `kmsroot-v1:12345678-1234-1234-1234-123456789012:${Buffer.alloc(32).toString('base64')}\n`, {
      mode: 0o600,
    })
    await expect(server.restart()).rejects.toThrow('Put the file back that belongs to this data.')
    await rename(`${path}.lost`, path)
    await chmod(path, 0o644)
    await expect(server.restart()).rejects.toThrow('chmod 600')
    await chmod(path, 0o600)
    await server.restart()
    const again = await kmsClient(server, 'us-east-1')
    await again.send(new DescribeKeyCommand({ KeyId: KeyMetadata?.KeyId }))
  })
})
