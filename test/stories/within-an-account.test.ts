import { CreatePolicyCommand, DeleteRoleCommand, PutUserPermissionsBoundaryCommand } from '@aws-sdk/client-iam'
import { CreateAliasCommand, CreateGrantCommand, KMSClient } from '@aws-sdk/client-kms'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PolicyRemedy } from '../../src/kernel/explain/explained.ts'
import { kmsClient } from '../clients/kms-client.ts'
import { policyOf, principalsOf, type TestPrincipals } from '../clients/principals.ts'
import { HOME } from '../server.ts'
import { allow, byAccount, createKey, deny, describeKey, encrypt, inTeam, root } from './scene.ts'
import { openStage, OWNER, type Stage } from './stage.ts'

let stage: Stage
let owner: TestPrincipals

beforeAll(async () => {
  stage = await openStage()
  owner = await principalsOf(stage.server, HOME)
})
afterAll(() => stage[Symbol.asyncDispose]())

describe('The remedy that is printed', () => {
  it('lets an administrator in to whose account the key policy does not leave the key', async () => {
    const application = await owner.user()
    const manage = allow(['kms:GetKeyPolicy', 'kms:PutKeyPolicy'], { Principal: { AWS: root(OWNER) } })
    const Policy = policyOf(manage, allow('kms:*', { Principal: { AWS: application.arn } }))
    const key = await createKey(stage.server, { Policy })
    const kms = (await owner.user(policyOf(allow('*')))).kms(HOME)
    const story = await stage.refused(encrypt(kms, key))
    await stage.show('an administrator without delegation', story)
    expect(await stage.apply(story)).toEqual([])
    await encrypt(kms, key)
    await stage.refused(describeKey(kms, key))
  })

  it('widens a permissions boundary by the request', async () => {
    const key = await createKey(stage.server)
    const user = await owner.user(policyOf(allow('kms:*')))
    const PolicyDocument = policyOf(allow(['kms:List*', 's3:*']))
    const { Policy } = await owner.iam.send(new CreatePolicyCommand({ PolicyName: 'edge', PolicyDocument }))
    const boundary = { UserName: user.name, PermissionsBoundary: Policy?.Arn }
    await owner.iam.send(new PutUserPermissionsBoundaryCommand(boundary))
    const story = await stage.refused(encrypt(user.kms(HOME), key))
    await stage.show('a permissions boundary', story)
    expect(await stage.apply(story)).toEqual([])
    await encrypt(user.kms(HOME), key)
    await stage.refused(describeKey(user.kms(HOME), key))
  })

  it('goes into the policy of a session', async () => {
    const key = await createKey(stage.server)
    const holder = await owner.user(policyOf(allow('sts:AssumeRole')))
    const RoleArn = (await owner.role('Limited', policyOf(allow('kms:*')))).arn
    await stage.trust('Limited', holder.arn)
    const session = async (...statements: readonly object[]) => {
      const sts = new STSClient({ region: HOME, endpoint: stage.server.url, credentials: holder.credentials })
      const Policy = policyOf(...statements)
      const { Credentials: given } = await sts.send(
        new AssumeRoleCommand({ RoleArn, RoleSessionName: 'limited', Policy }),
      )
      const credentials = {
        accessKeyId: given?.AccessKeyId ?? '',
        secretAccessKey: given?.SecretAccessKey ?? '',
        sessionToken: given?.SessionToken ?? '',
      }
      return new KMSClient({ region: HOME, endpoint: stage.server.url, credentials, maxAttempts: 1 })
    }
    const own = allow('kms:List*')
    const story = await stage.refused(encrypt(await session(own), key))
    await stage.show('a session policy', story)
    const [remedy] = await stage.apply(story)
    const wider = await session(own, (remedy as PolicyRemedy).statement)
    await encrypt(wider, key)
    await stage.refused(describeKey(wider, key))
  })

  it('adds the value that a condition of an identity policy lacks, and keeps the condition', async () => {
    const user = await owner.user(policyOf({ Sid: 'Payments', ...allow('kms:Encrypt', inTeam('payments')) }))
    const key = await createKey(stage.server)
    const story = await stage.refused(encrypt(user.kms(HOME), key, { team: 'hr' }))
    await stage.show('a condition of an identity policy', story)
    expect(await stage.apply(story)).toEqual([])
    await encrypt(user.kms(HOME), key, { team: 'hr' })
    await stage.refused(encrypt(user.kms(HOME), key, { team: 'law' }))
  })

  it('asks for the condition key that is missing, and never first to drop the condition', async () => {
    const user = await owner.user(policyOf(allow('kms:Encrypt', inTeam('payments'))))
    const key = await createKey(stage.server)
    const story = await stage.refused(encrypt(user.kms(HOME), key))
    await stage.show('a missing condition key', story)
    const [remedy] = await stage.apply(story)
    expect(remedy).toMatchObject({ kind: 'request', key: 'kms:EncryptionContext:team', values: ['payments'] })
    await encrypt(user.kms(HOME), key, { team: 'payments' })
    const [bare] = story.explained.permissions[0]?.steps[0]?.remedies.slice(1) ?? []
    expect(bare).toMatchObject({ kind: 'policy', opens: 'what the conditions of statement 0 guard' })
  })

  it('adds the value that a condition of the key policy lacks', async () => {
    const user = await owner.user()
    const named = allow('kms:Encrypt', { Principal: { AWS: user.arn }, ...inTeam('payments') })
    const key = await createKey(stage.server, { Policy: policyOf(byAccount, { Sid: 'Payments', ...named }) })
    const story = await stage.refused(encrypt(user.kms(HOME), key, { team: 'hr' }))
    await stage.show('an encryption context in the key policy', story)
    expect(await stage.apply(story)).toEqual([])
    await encrypt(user.kms(HOME), key, { team: 'hr' })
    await stage.refused(encrypt(user.kms(HOME), key, { team: 'law' }))
    await stage.refused(describeKey(user.kms(HOME), key))
  })

  it('makes a grant for the encryption context of the request', async () => {
    const user = await owner.user()
    const key = await createKey(stage.server)
    const grant = { KeyId: key, GranteePrincipal: user.arn, Operations: ['Encrypt' as const] }
    const Constraints = { EncryptionContextSubset: { team: 'payments' } }
    await (await kmsClient(stage.server, HOME)).send(new CreateGrantCommand({ ...grant, Constraints }))
    const story = await stage.refused(encrypt(user.kms(HOME), key, { team: 'hr' }))
    await stage.show('an encryption context in a grant', story)
    expect(await stage.apply(story)).toEqual([])
    await encrypt(user.kms(HOME), key, { team: 'hr' })
    await stage.refused(encrypt(user.kms(HOME), key, { team: 'law' }))
  })

  it('names the key where Resource names its alias', async () => {
    const key = await createKey(stage.server)
    const alias = { AliasName: 'alias/app', TargetKeyId: key }
    await (await kmsClient(stage.server, HOME)).send(new CreateAliasCommand(alias))
    const Resource = `arn:aws:kms:${HOME}:${OWNER}:alias/app`
    const user = await owner.user(policyOf(allow('kms:Encrypt', { Resource })))
    const story = await stage.refused(encrypt(user.kms(HOME), 'alias/app'))
    await stage.show('an alias in Resource', story)
    expect(await stage.apply(story)).toEqual([])
    await encrypt(user.kms(HOME), 'alias/app')
    await stage.refused(encrypt(user.kms(HOME), await createKey(stage.server)))
  })

  it.each([
    ['kms:ViaService', `s3.${HOME}.amazonaws.com`, 'no other service uses keys for its users here'],
    ['aws:SourceVpce', 'vpce-1', 'no request comes through a VPC endpoint to this server'],
    ['aws:MultiFactorAuthPresent', 'true', 'this server has no multi-factor authentication'],
  ])('is none where %s cannot be met here', async (key, value, why) => {
    const Condition = { StringEquals: { [key]: value } }
    const user = await owner.user(policyOf(allow('kms:Encrypt', { Condition })))
    const story = await stage.refused(encrypt(user.kms(HOME), await createKey(stage.server)))
    if (key === 'kms:ViaService') await stage.show('what only another service may ask', story)
    expect(story.text.split('\n')[3]).toBe(`Remedy:  There is none under the condition on ${key}: ${why}.`)
    const [, bare] = story.explained.permissions[0]?.steps[0]?.remedies ?? []
    expect(bare).toMatchObject({ kind: 'policy', opens: expect.stringContaining('guard') })
  })

  it('puts a policy again for a role that was made again', async () => {
    const first = await owner.role('App')
    const Policy = policyOf(byAccount, allow('kms:Encrypt', { Principal: { AWS: first.arn } }))
    const key = await createKey(stage.server, { Policy })
    await owner.iam.send(new DeleteRoleCommand({ RoleName: 'App' }))
    const kms = (await owner.role('App')).kms(HOME)
    const story = await stage.refused(encrypt(kms, key))
    await stage.show('a role that was made again', story)
    expect(await stage.apply(story)).toEqual([])
    await encrypt(kms, key)
    await stage.refused(describeKey(kms, key))
  })

  it('narrows a Deny by the value that was asked for', async () => {
    const user = await owner.user(policyOf(allow('kms:*')))
    const Condition = { StringNotEquals: { 'kms:EncryptionContext:team': ['payments', 'hr'] } }
    const Policy = policyOf(byAccount, { Sid: 'Teams', ...deny('kms:Encrypt', { Principal: '*', Condition }) })
    const key = await createKey(stage.server, { Policy })
    const story = await stage.refused(encrypt(user.kms(HOME), key, { team: 'law' }))
    await stage.show('a Deny', story)
    const { remedies = [] } = story.explained.permissions[0]?.steps[0] ?? {}
    expect(remedies.map(({ kind }) => kind)).toEqual(['request', 'policy', 'policy'])
    await encrypt(user.kms(HOME), key, { team: 'hr' })
    for (const remedy of remedies.slice(1)) {
      await stage.applyOne(story, remedy)
      await encrypt(user.kms(HOME), key, { team: 'law' })
    }
  })
})
