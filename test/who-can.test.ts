import { CreateRoleCommand } from '@aws-sdk/client-iam'
import { CreateGrantCommand, CreateKeyCommand, PutKeyPolicyCommand, ReplicateKeyCommand } from '@aws-sdk/client-kms'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient, untilState } from './clients/kms-client.ts'
import { policyOf, principalsOf, type TestPrincipals } from './clients/principals.ts'
import { createAccount } from './control.ts'
import { PUBLISHED } from './policy/published.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'
import { MAIN } from './program/program.ts'

const OWNER = '111122223333'
const GUEST = '444455556666'
const ABSENT = '999988887777'
const root = (account: string) => `arn:aws:iam::${account}:root`
const allow = (Action: string, more: object = {}) => ({ Effect: 'Allow', Action, Resource: '*', ...more })
const byAccount = allow('kms:*', { Principal: { AWS: root(OWNER) } })

let server: TestServer
let owner: TestPrincipals

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  await createAccount(server, GUEST)
  owner = await principalsOf(server, HOME)
})
afterAll(() => server[Symbol.asyncDispose]())

async function createKey(input: { Policy?: string; MultiRegion?: boolean } = {}) {
  const kms = await kmsClient(server, HOME)
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ ...input, BypassPolicyLockoutSafetyCheck: true }))
  return { id: KeyMetadata?.KeyId ?? '', arn: KeyMetadata?.Arn ?? '' }
}

/** Runs the command as a person would. */
async function whoCan(...args: readonly string[]): Promise<string> {
  const asked = ['who-can', ...args, '--data', server.path]
  return (await promisify(execFile)(process.execPath, [MAIN, ...asked], { maxBuffer: 2 ** 26 })).stdout
}

interface Row {
  readonly principal: string
  readonly answers: readonly { action: string; region: string; access: string; when?: string }[]
}

/** What it says for programs, by principal: one action, one Region. */
async function access(arn: string, action: string, ...args: readonly string[]): Promise<Record<string, string>> {
  const stdout = await whoCan(arn, '--action', action, '--region', HOME, '--output', 'json', ...args)
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
  return Object.fromEntries(
    rows.map(({ principal, answers: [answer] }) => [principal, answer?.when ?? answer?.access ?? '']),
  )
}

describe('keyspan who-can', () => {
  it('shows a table, Region by Region, and what a replica cannot do', async () => {
    const { id, arn } = await createKey({ MultiRegion: true })
    const home = await kmsClient(server, HOME)
    const user = await owner.user()
    await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }))
    await untilState(await kmsClient(server, AWAY), id, 'Enabled')
    await home.send(new CreateGrantCommand({ KeyId: id, GranteePrincipal: user.arn, Operations: ['Encrypt'] }))
    const lines = (await whoCan(arn)).split('\n').map((line) => line.split(/ {2,}/))
    const row = (who: string) => lines.find(([first]) => first === who)
    expect(row(`principal in ${HOME}, ${AWAY}`)).toEqual([
      `principal in ${HOME}, ${AWAY}`,
      'Decrypt',
      'Encrypt',
      'GenerateDataKey',
      'PutKeyPolicy',
      'ScheduleKeyDeletion',
      'CreateGrant',
      'ReplicateKey',
    ])
    expect(row(root(OWNER))).toEqual([root(OWNER), 'yes', 'yes', 'yes', 'yes', 'yes', 'yes', 'yes / -'])
    expect(row(user.arn)).toEqual([user.arn, 'no', 'yes / no', 'no', 'no', 'no', 'no', 'no / -'])
  })

  it('leaves open what requests may say, and says on what it depends', async () => {
    const Condition = { StringEquals: { 'kms:EncryptionContext:team': 'payments' } }
    const user = await owner.user(policyOf(allow('kms:Encrypt', { Condition }), allow('kms:Decrypt')))
    const grantee = await owner.user()
    const { id, arn } = await createKey({ Policy: policyOf(byAccount) })
    const grant = { GranteePrincipal: grantee.arn, Operations: ['Decrypt' as const] }
    const Constraints = { EncryptionContextSubset: { tenant: 'a' } }
    await (await kmsClient(server, HOME)).send(new CreateGrantCommand({ KeyId: id, ...grant, Constraints }))
    const encrypt = await access(arn, 'kms:Encrypt')
    expect(encrypt[user.arn]).toBe('kms:EncryptionContext:team is payments')
    expect(encrypt[grantee.arn]).toBe('no')
    const given = ['--context', 'kms:EncryptionContext:team=payments']
    expect((await access(arn, 'kms:Encrypt', ...given))[user.arn]).toBe('yes')
    expect((await access(arn, 'kms:Encrypt', '--context', 'kms:EncryptionContext:team=hr'))[user.arn]).toBe('no')
    expect((await access(arn, 'kms:Decrypt'))[grantee.arn]).toBe('the encryption context has tenant=a')
  })

  it('turns a Deny unless into the values that are left', async () => {
    const third = '123456789012'
    await createAccount(server, third)
    const role = await (await principalsOf(server, HOME, third)).role('MyApplicationRole')
    const Policy = PUBLISHED.find(({ name }) => name === 'restrict replication to two Regions')?.text
    const kms = await kmsClient(server, HOME, third)
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ MultiRegion: true, Policy }))
    const replicate = await access(KeyMetadata?.Arn ?? '', 'kms:ReplicateKey')
    expect(replicate[root(third)]).toBe('kms:ReplicaRegion is eu-west-1 or ap-southeast-1')
    expect(replicate[role.arn]).toBe('no')
  })

  it('lists accounts that are let in with their principals, grantees, services and everybody', async () => {
    const guest = await principalsOf(server, HOME, GUEST)
    const isLet = await guest.user(policyOf(allow('kms:Decrypt')))
    const not = await guest.user()
    const Condition = { StringEquals: { 'aws:PrincipalOrgID': 'o-1234567890' } }
    const SourceArn = 'arn:aws:logs:us-east-1:111122223333:log-group:x'
    const Policy = policyOf(
      byAccount,
      allow('kms:Decrypt', { Principal: { AWS: [root(GUEST), root(ABSENT)] } }),
      allow('kms:Decrypt', {
        Principal: { Service: 'logs.amazonaws.com' },
        Condition: { ArnEquals: { 'aws:SourceArn': SourceArn } },
      }),
      allow('kms:Decrypt', { Principal: '*', Condition }),
    )
    const { arn } = await createKey({ Policy })
    expect(await access(arn, 'kms:Decrypt')).toMatchObject({
      [root(OWNER)]: 'yes',
      [`whoever account ${GUEST} lets`]: 'yes',
      [root(GUEST)]: 'yes',
      [isLet.arn]: 'yes',
      [not.arn]: 'no',
      [`whoever account ${ABSENT} lets`]: 'yes',
      'logs.amazonaws.com': `aws:SourceArn is like ${SourceArn}`,
      everybody: 'aws:PrincipalOrgID is o-1234567890',
    })
  })

  it('lists everybody, page by page, and only who is asked for', async () => {
    const third = '210987654321'
    await createAccount(server, third)
    const principals = await principalsOf(server, HOME, third)
    const trust = { Effect: 'Allow', Principal: { AWS: third }, Action: 'sts:AssumeRole' }
    for (let index = 0; index < 230; index += 1) {
      const RoleName = `role-${String(index).padStart(3, '0')}`
      await principals.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policyOf(trust) }))
    }
    const kms = await kmsClient(server, HOME, third)
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
    const arn = KeyMetadata?.Arn ?? ''
    const all = Object.keys(await access(arn, 'kms:Decrypt'))
    expect(all.filter((name) => name.includes(':role/role-'))).toHaveLength(230)
    expect(new Set(all).size).toBe(all.length)
    expect(Object.keys(await access(arn, 'kms:Decrypt', '--principal', '*:role/role-22*'))).toHaveLength(10)
    expect(await whoCan(arn)).toMatch(/\n230 more may do none of this; --all shows them\.\n$/)
  }, 60_000)

  it('says what does not exist, and what comes nearest', async () => {
    const { arn } = await createKey()
    const failing = (...args: readonly string[]) => whoCan(arn, ...args).catch((error: unknown) => String(error))
    expect(await failing('--action', 'kms:Encypt')).toContain(
      '"kms:Encypt" is no action of AWS KMS. Did you mean kms:Encrypt?',
    )
    expect(await failing('--action', 'ListKeys')).toContain('"ListKeys" is not asked of a key.')
    expect(await failing('--context', 'kms:ViaServce=s3.eu-west-1.amazonaws.com')).toContain(
      '"kms:ViaServce" is no condition key. Did you mean kms:ViaService?',
    )
    expect(await failing('--region', 'eu-west-9')).toContain(`The key is not in "eu-west-9". It is in ${HOME}.`)
  })

  it('asks again when a policy has changed', async () => {
    const user = await owner.user(policyOf(allow('kms:Sign')))
    const { id, arn } = await createKey()
    const Policy = policyOf(byAccount, allow('kms:Encrypt', { Principal: { AWS: user.arn } }))
    expect((await access(arn, 'kms:Encrypt'))[user.arn]).toBe('no')
    await (await kmsClient(server, HOME)).send(new PutKeyPolicyCommand({ KeyId: id, Policy }))
    expect((await access(arn, 'kms:Encrypt'))[user.arn]).toBe('yes')
  })
})
