import { CreateRoleCommand, CreateUserCommand } from '@aws-sdk/client-iam'
import { DescribeKeyCommand, GetKeyPolicyCommand, ListAliasesCommand, ListKeysCommand } from '@aws-sdk/client-kms'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consolePolicy } from '../src/domain/console-policy/console-policy.ts'
import { iamClient } from './clients/iam-client.ts'
import { kmsClient } from './clients/kms-client.ts'
import { MAIN } from './program/program.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'

const ACCOUNT = '111122223333'
const run = promisify(execFile)

let server: TestServer

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  const iam = await iamClient(server)
  await iam.send(new CreateUserCommand({ UserName: 'ada', Path: '/staff/' }))
  await iam.send(new CreateRoleCommand({ RoleName: 'app', AssumeRolePolicyDocument: TRUST }))
})
afterAll(() => server[Symbol.asyncDispose]())

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'sts:AssumeRole' },
})

const create = (words: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  run(process.execPath, [MAIN, 'key', 'create', '--data', server.path, ...words], {
    env: { PATH: process.env['PATH'], ...environment },
  })

const failure = async (words: readonly string[], environment?: NodeJS.ProcessEnv) => {
  const { code, stderr } = await create(words, environment).then(
    () => ({ code: 0, stderr: '' }),
    (error: { code: number; stderr: string }) => error,
  )
  return { code, stderr }
}

const keyCount = async () => {
  const kms = await kmsClient(server, HOME)
  return (await kms.send(new ListKeysCommand({}))).Keys?.length
}

describe('keyspan key create', () => {
  it('makes a key with the policy of the console, its alias and its tags', async () => {
    const words = ['--multi-region', '--origin', 'external', '--alias', 'payments', '--tag', 'team=a=b']
    const whom = [
      '--administrator',
      'user/staff/ada',
      '--no-admin-deletion',
      '--user',
      'role/app',
      '--user',
      'role/app',
    ]
    const also = ['--account', '444455556666', '--region', AWAY, '--output', 'json']
    const { stdout } = await create([...words, ...whom, ...also])
    const { KeyId } = JSON.parse(stdout) as { KeyId: string }
    const kms = await kmsClient(server, AWAY)
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/payments' }))
    expect(KeyMetadata).toMatchObject({ KeyId, MultiRegion: true, Origin: 'EXTERNAL' })
    const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId }))
    expect(Policy).toBe(
      consolePolicy(
        ACCOUNT,
        { spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT', origin: 'EXTERNAL', multiRegion: true },
        {
          administrators: [`arn:aws:iam::${ACCOUNT}:user/staff/ada`],
          administratorsDelete: false,
          users: [`arn:aws:iam::${ACCOUNT}:role/app`],
          accounts: ['444455556666'],
        },
      ),
    )
  })

  it('asks as whoever the shell is', async () => {
    await run(process.execPath, [MAIN, 'user', 'create', 'bob', '--data', server.path])
    const shell = { AWS_SHARED_CREDENTIALS_FILE: join(server.path, 'aws', 'credentials'), AWS_PROFILE: 'bob' }
    const refused = await failure([], shell)
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('user/bob is not authorized to perform: kms:CreateKey')
    expect((await create(['--profile', 'keyspan'], shell)).stdout).toMatch(
      /^Key arn:aws:kms:us-east-1:\d+:key\/.* is made.\n/,
    )
  })

  it('says that the key is there where its alias is not, and how it gets one', async () => {
    await create(['--alias', 'taken'])
    const { code, stderr } = await failure(['--alias', 'alias/taken'])
    expect(code).toBe(2)
    const [, keyId = ''] = /Key arn:aws:kms:us-east-1:\d+:key\/(\S+) is made, and has no alias/.exec(stderr) ?? []
    expect(stderr).toContain('AlreadyExistsException')
    expect(stderr).toContain(`--target-key-id ${keyId}`)
    const kms = await kmsClient(server, HOME)
    expect((await kms.send(new ListAliasesCommand({ KeyId: keyId }))).Aliases).toEqual([])
  })

  it.each([
    [['--administrator', 'ada'], '"ada" names no user or role. Give user/ada, role/ops'],
    [['--user', 'arn:aws:iam::111122223333:group/all'], 'names no user or role'],
    [['--user', 'role/nobody'], 'MalformedPolicyDocumentException'],
    [['--account', '4444'], 'An account id has 12 digits.'],
    [['--spec', 'RSA_2048'], 'RSA_2048 can be for more than one thing. Give --usage'],
    [
      ['--spec', 'HMAC_256', '--usage', 'SIGN_VERIFY'],
      'HMAC_256 is not for SIGN_VERIFY. Give --usage GENERATE_VERIFY_MAC.',
    ],
    [['--tag', 'team'], '"team" is no key=value.'],
    [['--region', 'eu-west-9'], 'eu-west-9'],
    [['--profile', 'nobody'], '"nobody" is no profile of'],
  ])('makes nothing where it is asked for what cannot be: %j', async (words, told) => {
    const before = await keyCount()
    const { code, stderr } = await failure(words)
    expect(stderr).toContain(told)
    expect(code).toBe(2)
    expect(await keyCount()).toBe(before)
  })

  it('says so where no server answers', async () => {
    await using other = await startTestServer({ regions: HOME })
    await other.stop()
    const { stderr } = await failure(['--data', other.path])
    expect(stderr).toMatch(/^keyspan: http:\/\/127.0.0.1:\d+ cannot be asked: nobody listens there\. Start the server/)
  })
})
