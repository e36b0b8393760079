import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { ListUsersCommand } from '@aws-sdk/client-iam'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditLog } from './audit-log.ts'
import { iamClient } from './clients/iam-client.ts'
import { HOME, startTestServer, type TestServer } from './server.ts'
import { MAIN } from './program/program.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ regions: HOME })
})
afterAll(() => server[Symbol.asyncDispose]())

/** Runs a command on the server's data; what it prints, or the sentence with which it fails. */
async function keyspan(...args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(process.execPath, [MAIN, ...args, '--data', server.path])).stdout
  } catch (error) {
    return (error as { stderr: string }).stderr
  }
}

interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

async function whoIs(credentials: Keys): Promise<string | undefined> {
  const sts = new STSClient({ endpoint: server.url, region: HOME, credentials })
  return (await sts.send(new GetCallerIdentityCommand({}))).Arn
}

describe('keyspan account', () => {
  it('lists the accounts with their profiles, and names no secret', async () => {
    await keyspan('account', 'create', '444455556666')
    const { secretAccessKey, accessKeyId } = await server.credentials()
    const text = await keyspan('account', 'list')
    expect(text).toMatch(new RegExp(`^111122223333 {2}keyspan +${accessKeyId}\n444455556666 {2}keyspan-444455556666 `))
    expect(await keyspan('account', 'list', '--output', 'json')).not.toContain(secretAccessKey)
  })

  it('gives a root user another key, and the old one ends', async () => {
    await keyspan('account', 'create', '555566667777')
    const old = await server.credentials('555566667777')
    const key = JSON.parse(await keyspan('account', 'key', '555566667777', '--output', 'json')) as Keys
    expect(await server.credentials('555566667777')).toEqual({
      accessKeyId: key.accessKeyId,
      secretAccessKey: key.secretAccessKey,
    })
    expect(await whoIs(key)).toBe('arn:aws:iam::555566667777:root')
    await expect(whoIs(old)).rejects.toThrow('security token included in the request is invalid')
  })

  it('leaves a record of each key that it makes or ends, also where no server runs', async () => {
    await keyspan('account', 'create', '666677778888')
    const { accessKeyId: first } = await server.credentials('666677778888')
    await keyspan('account', 'key', '666677778888')
    const { accessKeyId: second } = await server.credentials('666677778888')
    await server.stop()
    await keyspan('account', 'key', '666677778888')
    const { accessKeyId: third, secretAccessKey } = await server.credentials('666677778888')
    const log = await auditLog(server, 'global')
    const told = log
      .split('\n')
      .filter((line) => line.includes('"recipientAccountId":"666677778888"'))
      .map((line) => JSON.parse(line))
    expect(
      told.map(({ eventName, requestParameters, responseElements }) => [
        eventName,
        requestParameters?.accessKeyId ?? responseElements.accessKey.accessKeyId,
      ]),
    ).toEqual([
      ['CreateAccessKey', first],
      ['DeleteAccessKey', first],
      ['CreateAccessKey', second],
      ['DeleteAccessKey', second],
      ['CreateAccessKey', third],
    ])
    expect(told[0]).toMatchObject({ userIdentity: { invokedBy: 'keyspan operator' }, eventSource: 'iam.amazonaws.com' })
    expect(log).not.toContain(secretAccessKey)
    await server.restart()
  })

  it('gives none to an account that there is not', async () => {
    expect(await keyspan('account', 'key', '999999999999')).toContain('keyspan: There is no account 999999999999.')
  })

  it('lists and renews without a server as well', async () => {
    await server.stop()
    const before = await server.credentials()
    expect(await keyspan('account', 'key', '111122223333')).toContain('older ones work no more')
    const { accessKeyId } = await server.credentials()
    expect(accessKeyId).not.toBe(before.accessKeyId)
    expect(await keyspan('account', 'list')).toContain(accessKeyId)
    await server.restart()
  })
})

describe('keyspan user create', () => {
  it('makes an administrator with a profile of her own, recorded as IAM’s calls of the root user', async () => {
    expect(await keyspan('user', 'create', 'ada', '--policy', 'AdministratorAccess')).toContain(
      'keyspan env --profile ada',
    )
    const text = await readFile(join(server.path, 'aws', 'credentials'), 'utf8')
    const [, accessKeyId = '', secretAccessKey = ''] =
      /\[ada\]\naws_access_key_id = (.*)\naws_secret_access_key = (.*)\n/.exec(text) ?? []
    expect(await whoIs({ accessKeyId, secretAccessKey })).toBe('arn:aws:iam::111122223333:user/ada')
    const records = await keyspan('audit', 'tail', '-n', '50')
    const names = [...records.matchAll(/"eventName":"(\w+)"/g)].map(([, name]) => name)
    expect(names).toEqual(expect.arrayContaining(['CreateUser', 'AttachUserPolicy', 'CreateAccessKey']))
    expect(records).not.toContain(secretAccessKey)
  })

  it('makes nobody where a policy is none', async () => {
    expect(await keyspan('user', 'create', 'bob', '--policy', 'Everything')).toContain('policy/Everything')
    const { Users } = await (await iamClient(server)).send(new ListUsersCommand({}))
    expect(Users?.map(({ UserName }) => UserName)).not.toContain('bob')
  })

  it('makes several at once, each with a profile, and one of a name', async () => {
    const names = ['par1', 'par2', 'par3', 'par4', 'same', 'same']
    const told = await Promise.all(names.map((name) => keyspan('user', 'create', name)))
    expect(told.filter((text) => text.startsWith('keyspan: '))).toHaveLength(1)
    for (const [file, mark] of [
      ['credentials', ''],
      ['config', 'profile '],
    ] as const) {
      const text = await readFile(join(server.path, 'aws', file), 'utf8')
      for (const name of new Set(names)) expect(text.split(`[${mark}${name}]`)).toHaveLength(2)
    }
  })

  it('does not make one twice, nor takes the profile of another', async () => {
    await keyspan('user', 'create', 'eve')
    expect(await keyspan('user', 'create', 'eve')).toContain('The profile eve')
    expect(await keyspan('user', 'create', 'keyspan')).toContain('The profile keyspan')
    expect(await keyspan('user', 'create', 'eve', '--account', '123')).toContain('There is no account 123.')
  })
})
