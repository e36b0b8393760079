import { CreatePolicyCommand, AttachUserPolicyCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DisableKeyCommand,
  EncryptCommand,
  ReEncryptCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import {
  AttachPolicyCommand,
  CreateAccountCommand,
  CreateOrganizationCommand,
  CreatePolicyCommand as CreateControlPolicyCommand,
  EnablePolicyTypeCommand,
  ListRootsCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient } from './clients/kms-client.ts'
import { policyOf, principalsOf, type TestPrincipals } from './clients/principals.ts'
import { createAccount } from './control.ts'
import { HOME, startTestServer, type TestServer } from './server.ts'
import { MAIN } from './program/program.ts'

const OWNER = '111122223333'
const allow = (Action: string | readonly string[], more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...more,
})
const byAccount = allow('kms:*', { Principal: { AWS: `arn:aws:iam::${OWNER}:root` } })

let server: TestServer
let owner: TestPrincipals

beforeAll(async () => {
  server = await startTestServer()
  owner = await principalsOf(server, HOME)
})
afterAll(() => server[Symbol.asyncDispose]())

async function createKey(...statements: readonly object[]) {
  const kms = await kmsClient(server, HOME)
  const Policy = policyOf(...(statements.length === 0 ? [byAccount] : statements))
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Policy, BypassPolicyLockoutSafetyCheck: true }))
  return { id: KeyMetadata?.KeyId ?? '', arn: KeyMetadata?.Arn ?? '' }
}

const encrypt = async (kms: KMSClient, KeyId: string, EncryptionContext: Record<string, string> = {}) =>
  (await kms.send(new EncryptCommand({ KeyId, EncryptionContext, Plaintext: Buffer.from('x') }))).CiphertextBlob

async function keyspan(...args: readonly string[]): Promise<string> {
  const run = promisify(execFile)(process.execPath, [MAIN, ...args, '--data', server.path])
  return (await run).stdout
}

async function diff(target: string, statements: readonly object[], ...args: readonly string[]): Promise<string> {
  const file = join(server.path, 'new.json')
  await writeFile(file, policyOf(...statements))
  return keyspan('policy', 'diff', target, file, ...args)
}

describe('keyspan policy diff', () => {
  it('says who gains, who loses and what changes, and which recorded calls would have been refused', async () => {
    const [reader, writer, next] = [await owner.user(), await owner.user(), await owner.user()]
    const toRead = allow('kms:Decrypt', { Principal: { AWS: reader.arn } })
    const toWrite = allow('kms:Encrypt', { Principal: { AWS: writer.arn } })
    const { id, arn } = await createKey(byAccount, toRead, toWrite)
    await encrypt(writer.kms(HOME), id, { team: 'hr' })
    await encrypt(writer.kms(HOME), id, { team: 'hr' })
    await encrypt(writer.kms(HOME), id, { team: 'payments' })
    const Condition = { StringEquals: { 'kms:EncryptionContext:team': 'payments' } }
    const lines = (
      await diff(arn, [
        byAccount,
        { ...toWrite, Condition },
        allow('kms:Sign', { Principal: { AWS: next.arn } }),
        {
          ...toRead,
          Principal: { AWS: next.arn },
        },
      ])
    ).split('\n')
    expect(lines).toContain(`${reader.arn} loses kms:Decrypt`)
    expect(lines).toContain(`${next.arn} gains kms:Decrypt`)
    expect(lines).toContain(
      `${writer.arn} changes kms:Encrypt: until now always, then if kms:EncryptionContext:team is payments`,
    )
    expect(lines.filter((line) => line.startsWith('arn:'))).toHaveLength(3)
    expect(lines).toContain('Of 3 recorded calls of the last 7 days 2 would have been refused:')
    expect(lines.at(-2)).toMatch(
      `  2  kms:Encrypt on ${arn} by ${writer.arn} with team=hr, last ${new Date().toISOString().slice(0, 10)}`,
    )
  })

  it('says that nothing changes where a policy is only written otherwise', async () => {
    const { arn } = await createKey()
    const Principal = { AWS: [OWNER] }
    expect(await diff(arn, [{ ...byAccount, Principal, Action: ['kms:*'] }])).toBe(
      'Nobody gains or loses anything.\n\nOf 0 recorded calls of the last 7 days none would have been refused.\n',
    )
  })

  it('compares managed policies and inline policies over the keys that they reach', async () => {
    const user = await owner.user(policyOf(allow('kms:Decrypt')))
    const { id, arn } = await createKey()
    const other = await createKey(allow('kms:*', { Principal: { AWS: user.arn } }))
    const PolicyDocument = policyOf(allow(['kms:Encrypt', 'kms:CreateKey']))
    const { Policy } = await owner.iam.send(new CreatePolicyCommand({ PolicyName: 'use', PolicyDocument }))
    const attached = { UserName: user.name, PolicyArn: Policy?.Arn }
    await owner.iam.send(new AttachUserPolicyCommand(attached))
    await encrypt(user.kms(HOME), id)
    await encrypt(user.kms(HOME), other.id)
    const text = await diff(Policy?.Arn ?? '', [allow('kms:Encrypt', { Resource: other.arn }), allow('kms:ListKeys')])
    expect(text).toMatch(new RegExp(`${user.arn} loses kms:Encrypt on \\d+ keys`))
    expect(text).toContain(`${user.arn} loses kms:CreateKey in ${HOME}`)
    expect(text).toContain(`${user.arn} gains kms:ListKeys in ${HOME}`)
    expect(text).toContain(`  1  kms:Encrypt on ${arn} by ${user.arn}`)
    expect(text).not.toContain(`on ${other.arn}`)
    const inline = await diff(user.arn, [allow('kms:Sign')], '--inline', 'inline')
    expect(inline).toMatch(new RegExp(`${user.arn} loses kms:Decrypt on \\d+ keys`))
    expect(inline).not.toContain('kms:Encrypt')
  })

  it('compares policies of an organization', async () => {
    const credentials = await server.credentials()
    const organizations = new OrganizationsClient({ region: HOME, endpoint: server.url, credentials })
    await organizations.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }))
    const { Roots } = await organizations.send(new ListRootsCommand({}))
    const RootId = Roots?.[0]?.Id ?? ''
    await organizations.send(new EnablePolicyTypeCommand({ RootId, PolicyType: 'RESOURCE_CONTROL_POLICY' }))
    await organizations.send(new EnablePolicyTypeCommand({ RootId, PolicyType: 'SERVICE_CONTROL_POLICY' }))
    const Content = policyOf({ Effect: 'Deny', Action: 'kms:ScheduleKeyDeletion', Resource: '*' })
    const made = await organizations.send(
      new CreateControlPolicyCommand({ Content, Name: 'keep', Description: '', Type: 'SERVICE_CONTROL_POLICY' }),
    )
    const PolicyId = made.Policy?.PolicySummary?.Id ?? ''
    await organizations.send(new AttachPolicyCommand({ PolicyId, TargetId: RootId }))
    const asked = new CreateAccountCommand({ AccountName: 'member', Email: 'member@example.com' })
    const member = (await organizations.send(asked)).CreateAccountStatus?.AccountId ?? ''
    await createAccount(server, member)
    const user = await (await principalsOf(server, HOME, member)).user(policyOf(allow('kms:*')))
    const kms = user.kms(HOME)
    await kms.send(new CreateKeyCommand({}))
    const text = await diff(PolicyId, [{ Effect: 'Deny', Action: 'kms:CreateKey', Resource: '*' }])
    expect(text).toContain(`${user.arn} gains kms:ScheduleKeyDeletion`)
    expect(text).toContain(`${user.arn} loses kms:CreateKey in ${HOME}`)
    expect(text).toContain('  1  kms:CreateKey on * by')
  })

  it('says what is wrong with what it is given', async () => {
    const { arn } = await createKey()
    const failing = (...args: Parameters<typeof diff>) => diff(...args).catch((error: unknown) => String(error))
    expect(await failing(arn, [{ Effect: 'Allow' }])).toContain('The new policy cannot be read: ')
    const Principal = { AWS: `arn:aws:iam::${OWNER}:role/gone` }
    expect(await failing(arn, [allow('kms:*', { Principal })])).toContain('and there is no such user or role.')
    expect(await failing(arn.slice(0, -1) + 'x', [byAccount])).toContain('There is no key ')
    expect(await failing('p-nothere1', [byAccount])).toContain('There is no policy p-nothere1')
    expect(await failing('arn:aws:iam::aws:policy/AdministratorAccess', [allow('*')])).toContain("is AWS's own")
  })
})

describe('keyspan policy suggest', () => {
  it('suggests what a user needed, which is enough and no more', async () => {
    const user = await owner.user(policyOf(allow('kms:*')))
    const [first, second] = [await createKey(), await createKey()]
    const kms = user.kms(HOME)
    const sealed = await encrypt(kms, first.id, { team: 'payments', order: '1' })
    const use = async (client: KMSClient) => {
      await encrypt(client, first.id, { team: 'payments', order: '2' })
      await client.send(
        new DecryptCommand({ CiphertextBlob: sealed, EncryptionContext: { team: 'payments', order: '1' } }),
      )
      const SourceEncryptionContext = { team: 'payments', order: '1' }
      await client.send(
        new ReEncryptCommand({ CiphertextBlob: sealed, SourceEncryptionContext, DestinationKeyId: second.id }),
      )
    }
    await kms.send(new DisableKeyCommand({ KeyId: '11111111-1111-1111-1111-111111111111' })).catch(isNotFound)
    await use(kms)
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/suggested', TargetKeyId: second.id }))
    const { policy, unused } = JSON.parse(await keyspan('policy', 'suggest', user.arn, '--output', 'json')) as {
      policy: object
      unused: { actions: string[] }[]
    }
    const PolicyDocument = JSON.stringify(policy)
    expect(PolicyDocument).not.toContain('kms:*')
    expect(PolicyDocument).not.toContain('kms:DisableKey')
    expect(unused[0]?.actions).toContain('kms:ScheduleKeyDeletion')
    expect(unused[0]?.actions).not.toContain('kms:Encrypt')
    await owner.iam.send(new PutUserPolicyCommand({ UserName: user.name, PolicyName: 'inline', PolicyDocument }))
    await use(kms)
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/suggested', TargetKeyId: second.id })).catch(isTaken)
    await expect(encrypt(kms, first.id, { team: 'hr', order: '2' })).rejects.toThrow('no identity-based policy')
    await expect(encrypt(kms, second.id)).rejects.toThrow('no identity-based policy')
  })

  it('suggests the policy of a key', async () => {
    const [user, idle] = [await owner.user(policyOf(allow('kms:*'))), await owner.user(policyOf(allow('kms:Decrypt')))]
    const { id, arn } = await createKey()
    await encrypt(user.kms(HOME), id)
    const text = await keyspan('policy', 'suggest', arn)
    expect(text).toMatch(/^From 1 recorded calls of the last 7 days:\n/)
    const { policy, unused } = JSON.parse(await keyspan('policy', 'suggest', arn, '--output', 'json')) as {
      policy: { Statement: object[] }
      unused: { principal: string; actions: string[] }[]
    }
    expect(policy.Statement).toEqual([
      { Effect: 'Allow', Principal: { AWS: [user.arn] }, Action: ['kms:Encrypt'], Resource: '*' },
    ])
    expect(unused.find(({ principal }) => principal === idle.arn)?.actions).toEqual(['kms:Decrypt'])
  })
})

function isNotFound(error: unknown): void {
  expect(String(error)).toContain('NotFoundException')
}

function isTaken(error: unknown): void {
  expect(String(error)).toContain('AlreadyExistsException')
}
