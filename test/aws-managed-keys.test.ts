import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  ListAliasesCommand,
  ListKeyPoliciesCommand,
  ListKeyRotationsCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
  UpdatePrimaryRegionCommand,
  type KMSClient,
  type KMSServiceException,
} from '@aws-sdk/client-kms'
import {
  AttachPolicyCommand,
  CreateAccountCommand,
  CreateOrganizationCommand,
  CreatePolicyCommand,
  EnablePolicyTypeCommand,
  ListRootsCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditLog } from './audit-log.ts'
import { kmsClient, refusalOf } from './clients/kms-client.ts'
import { policyOf, principalsOf } from './clients/principals.ts'
import { advanceClock, askInspector, createAccount } from './control.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'

const OWNER = '111122223333'
const GUEST = '444455556666'
const S3 = 'alias/aws/s3'
const DAY_MS = 24 * 60 * 60 * 1000

let server: TestServer
let kms: KMSClient

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  await createAccount(server, GUEST)
  kms = await kmsClient(server, HOME)
})
afterAll(() => server[Symbol.asyncDispose]())

async function describeKey(KeyId: string, client = kms) {
  const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId }))
  return { ...KeyMetadata, id: KeyMetadata?.KeyId ?? '', arn: KeyMetadata?.Arn ?? '' }
}

/** Every alias that the account has in a Region, with the key that it names. */
async function aliases(client: KMSClient): Promise<ReadonlyMap<string, string | undefined>> {
  const { Aliases = [] } = await client.send(new ListAliasesCommand({ Limit: 100 }))
  return new Map(Aliases.map(({ AliasName = '', TargetKeyId }) => [AliasName, TargetKeyId]))
}

async function recordsOf(region: string): Promise<readonly Record<string, unknown>[]> {
  const lines = (await auditLog(server, region)).trim().split('\n')
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('Describing the alias of a service', () => {
  it('makes the key that AWS manages for it', async () => {
    const key = await describeKey(S3)
    expect(key).toMatchObject({
      AWSAccountId: OWNER,
      Description: 'Default key that protects my S3 objects when no other key is defined',
      Enabled: true,
      KeyManager: 'AWS',
      KeySpec: 'SYMMETRIC_DEFAULT',
      KeyState: 'Enabled',
      KeyUsage: 'ENCRYPT_DECRYPT',
      MultiRegion: false,
      Origin: 'AWS_KMS',
    })
    expect(key.arn).toMatch(new RegExp(`^arn:aws:kms:${HOME}:${OWNER}:key/[0-9a-f]{8}-[0-9a-f-]{27}$`))
    expect((await describeKey(key.id)).arn).toBe(key.arn)
    expect((await describeKey(`arn:aws:kms:${HOME}:${OWNER}:${S3}`)).arn).toBe(key.arn)
    const { Keys } = await kms.send(new ListKeysCommand({}))
    expect(Keys).toContainEqual({ KeyId: key.id, KeyArn: key.arn })
  })

  it('makes another in each Region and for each account', async () => {
    const { id } = await describeKey(S3)
    const elsewhere = [await kmsClient(server, AWAY), await kmsClient(server, HOME, GUEST)]
    const ids = await Promise.all(elsewhere.map(async (client) => (await describeKey(S3, client)).id))
    expect(new Set([id, ...ids]).size).toBe(3)
  })

  it('makes one, of however many ask at once', async () => {
    const found = await Promise.all(Array.from({ length: 20 }, () => describeKey('alias/aws/ebs')))
    expect(new Set(found.map(({ id }) => id)).size).toBe(1)
  })

  it('is recorded, and so is what it makes', async () => {
    const { arn } = await describeKey('alias/aws/rds')
    await describeKey('alias/aws/rds')
    const about = (record: Record<string, unknown>) => JSON.stringify(record['resources']).includes(arn)
    const records = (await recordsOf(HOME)).filter(about)
    expect(records.map(({ eventName, readOnly }) => ({ eventName, readOnly }))).toEqual([
      { eventName: 'CreateKey', readOnly: false },
      { eventName: 'DescribeKey', readOnly: true },
      { eventName: 'DescribeKey', readOnly: true },
    ])
    expect(records[0]).toMatchObject({ userIdentity: { invokedBy: 'AWS Internal' }, recipientAccountId: OWNER })
  })

  it('is kept', async () => {
    const { id } = await describeKey('alias/aws/ssm')
    await server.restart()
    kms = await kmsClient(server, HOME)
    expect((await describeKey('alias/aws/ssm')).id).toBe(id)
  })

  it('needs the permission, without which nothing is made', async () => {
    const user = await (await principalsOf(server, HOME)).user()
    const request = describeKey('alias/aws/acm', user.kms(HOME))
    const error: unknown = await request.catch((reason: unknown) => reason)
    const id = (error as KMSServiceException).$metadata.requestId
    expect(await askInspector(server, '/explain', { id })).toContain(
      `{"Effect":"Allow","Action":"kms:DescribeKey","Resource":"arn:aws:kms:${HOME}:${OWNER}:key/*"}`,
    )
    expect(error).toMatchObject({
      name: 'AccessDeniedException',
      message:
        `User: ${user.arn} is not authorized to perform: kms:DescribeKey ` +
        'because no identity-based policy allows the kms:DescribeKey action',
    })
    expect((await aliases(kms)).get('alias/aws/acm')).toBeUndefined()
    const other = await (
      await principalsOf(server, HOME)
    ).user(policyOf({ Effect: 'Allow', Action: 'kms:DescribeKey', Resource: `arn:aws:kms:${HOME}:${OWNER}:key/*` }))
    await describeKey('alias/aws/acm', other.kms(HOME))
  })

  it('makes nothing for a service that there is not, for another account, or for another operation', async () => {
    expect(await refusalOf(describeKey('alias/aws/nothing'))).toMatchObject({ name: 'NotFoundException' })
    const foreign = `arn:aws:kms:${HOME}:${GUEST}:alias/aws/sns`
    expect(await refusalOf(describeKey(foreign))).toMatchObject({ name: 'AccessDeniedException' })
    const encrypt = kms.send(new EncryptCommand({ KeyId: 'alias/aws/sns', Plaintext: Buffer.from('x') }))
    expect(await refusalOf(encrypt)).toMatchObject({ name: 'NotFoundException' })
    expect((await aliases(kms)).get('alias/aws/sns')).toBeUndefined()
  })
})

describe('The listing of aliases', () => {
  it('has those that AWS has set aside, and the key of those that have one', async () => {
    const { id } = await describeKey('alias/aws/lambda')
    const own = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/a', TargetKeyId: own }))
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/z', TargetKeyId: own }))
    const listed = await aliases(kms)
    expect([...listed.keys()]).toEqual([...listed.keys()].toSorted())
    expect(listed.size).toBe(20)
    expect(listed.get('alias/aws/lambda')).toBe(id)
    expect(listed.get('alias/a')).toBe(own)
    const { Aliases } = await kms.send(new ListAliasesCommand({ Limit: 100 }))
    expect(Aliases).toContainEqual({
      AliasName: 'alias/aws/xray',
      AliasArn: `arn:aws:kms:${HOME}:${OWNER}:alias/aws/xray`,
    })
    const ofKey = await kms.send(new ListAliasesCommand({ KeyId: id }))
    expect(ofKey.Aliases?.map(({ AliasName }) => AliasName)).toEqual(['alias/aws/lambda'])
  })

  it.each([1, 3, 7])('has each once, %i at a time', async (Limit) => {
    const names: string[] = []
    let Marker: string | undefined
    do {
      const page = await kms.send(new ListAliasesCommand({ Limit, Marker }))
      names.push(...(page.Aliases ?? []).map(({ AliasName = '' }) => AliasName))
      Marker = page.NextMarker
    } while (Marker !== undefined)
    expect(names).toEqual([...(await aliases(kms)).keys()])
  })
})

describe('A key that AWS manages', () => {
  it('is used through its service only, and may be looked at', async () => {
    const { id, arn } = await describeKey(S3)
    const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId: id }))
    expect(JSON.parse(Policy ?? '')).toEqual({
      Version: '2012-10-17',
      Id: 'auto-s3-2',
      Statement: [
        {
          Sid: 'Allow access through S3 for all principals in the account that are authorized to use S3',
          Effect: 'Allow',
          Principal: { AWS: '*' },
          Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
          Resource: '*',
          Condition: {
            StringEquals: { 'kms:CallerAccount': OWNER, 'kms:ViaService': `s3.${HOME}.amazonaws.com` },
          },
        },
        {
          Sid: 'Allow direct access to key metadata to the account',
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${OWNER}:root` },
          Action: ['kms:Describe*', 'kms:Get*', 'kms:List*'],
          Resource: '*',
        },
      ],
    })
    await kms.send(new ListKeyPoliciesCommand({ KeyId: id }))
    await kms.send(new ListResourceTagsCommand({ KeyId: id }))
    await kms.send(new ListKeyRotationsCommand({ KeyId: id }))
    for (const KeyId of [id, S3]) {
      expect(await refusalOf(kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' })))).toMatchObject({
        name: 'AccessDeniedException',
        message:
          `User: arn:aws:iam::${OWNER}:root is not authorized to perform: kms:GenerateDataKey on resource: ${arn} ` +
          'because no resource-based policy allows the kms:GenerateDataKey action',
      })
    }
    const asked = { as: `arn:aws:iam::${OWNER}:root`, operation: 'Encrypt', key: arn, region: HOME }
    const via = { ...asked, context: { 'kms:ViaService': `s3.${HOME}.amazonaws.com` } }
    expect(await askInspector(server, '/hypothesis', via)).toMatch(/^ALLOWED/)
    expect(await askInspector(server, '/hypothesis', { ...asked, context: {} })).toContain(
      'There is none: AWS manages this key',
    )
  })

  it('rotates every year', async () => {
    const key = await describeKey('alias/aws/glue')
    const before = await kms.send(new GetKeyRotationStatusCommand({ KeyId: key.id }))
    expect(before).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 365 })
    expect(before.NextRotationDate?.getTime()).toBeCloseTo((key.CreationDate?.getTime() ?? 0) + 365 * DAY_MS, -4)
    await advanceClock(server, '366d')
    const { Rotations } = await kms.send(new ListKeyRotationsCommand({ KeyId: key.id }))
    expect(Rotations).toMatchObject([{ RotationType: 'AUTOMATIC' }])
    expect((await describeKey(key.id)).CurrentKeyMaterialId).not.toBe(key.CurrentKeyMaterialId)
  })

  const changes = (KeyId: string): readonly (readonly [string, () => Promise<unknown>])[] => [
    ['kms:CancelKeyDeletion', () => kms.send(new CancelKeyDeletionCommand({ KeyId }))],
    ['kms:CreateAlias', () => kms.send(new CreateAliasCommand({ AliasName: 'alias/mine', TargetKeyId: KeyId }))],
    [
      'kms:CreateGrant',
      () =>
        kms.send(
          new CreateGrantCommand({ KeyId, GranteePrincipal: `arn:aws:iam::${OWNER}:root`, Operations: ['Encrypt'] }),
        ),
    ],
    ['kms:DisableKey', () => kms.send(new DisableKeyCommand({ KeyId }))],
    ['kms:DisableKeyRotation', () => kms.send(new DisableKeyRotationCommand({ KeyId }))],
    ['kms:EnableKeyRotation', () => kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }))],
    ['kms:PutKeyPolicy', () => kms.send(new PutKeyPolicyCommand({ KeyId, Policy: '{}' }))],
    ['kms:ReplicateKey', () => kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))],
    ['kms:RotateKeyOnDemand', () => kms.send(new RotateKeyOnDemandCommand({ KeyId }))],
    ['kms:ScheduleKeyDeletion', () => kms.send(new ScheduleKeyDeletionCommand({ KeyId }))],
    ['kms:TagResource', () => kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'a', TagValue: '' }] }))],
    ['kms:UntagResource', () => kms.send(new UntagResourceCommand({ KeyId, TagKeys: ['a'] }))],
    ['kms:UpdateKeyDescription', () => kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description: 'mine' }))],
  ]

  it('is changed by nobody, even where the policies of customers are not enforced', async () => {
    const { id } = await describeKey(S3)
    for (const enforcement of ['enforce', 'log']) {
      await server.restart({ enforcement })
      kms = await kmsClient(server, HOME)
      for (const [action, change] of changes(id)) {
        expect(await refusalOf(change()), action).toMatchObject({
          name: 'AccessDeniedException',
          message: expect.stringContaining(`is not authorized to perform: ${action} on resource: `) as string,
        })
      }
    }
    await server.restart()
    kms = await kmsClient(server, HOME)
    const update = kms.send(new UpdatePrimaryRegionCommand({ KeyId: id, PrimaryRegion: AWAY }))
    expect((await refusalOf(update)).name).toBe('UnsupportedOperationException')
  })

  it('keeps its alias', async () => {
    const own = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId
    for (const change of [
      () => kms.send(new CreateAliasCommand({ AliasName: 'alias/aws/mine', TargetKeyId: own })),
      () => kms.send(new UpdateAliasCommand({ AliasName: S3, TargetKeyId: own })),
      () => kms.send(new DeleteAliasCommand({ AliasName: S3 })),
    ]) {
      expect((await refusalOf(change())).name).toBe('NotAuthorizedException')
    }
  })

  it('lets in no other account, and no resource control policy binds it', async () => {
    const guest = await kmsClient(server, HOME, GUEST)
    const { arn } = await describeKey(S3)
    expect((await refusalOf(describeKey(arn, guest))).name).toBe('AccessDeniedException')

    const options = { region: HOME, endpoint: server.url, credentials: await server.credentials() }
    const organizations = new OrganizationsClient(options)
    await organizations.send(new CreateOrganizationCommand({}))
    const { Roots } = await organizations.send(new ListRootsCommand({}))
    const PolicyType = 'RESOURCE_CONTROL_POLICY'
    await organizations.send(new EnablePolicyTypeCommand({ RootId: Roots?.[0]?.Id, PolicyType }))
    const { CreateAccountStatus } = await organizations.send(
      new CreateAccountCommand({ AccountName: 'member', Email: 'member@example.com' }),
    )
    const member = CreateAccountStatus?.AccountId ?? ''
    const Content = policyOf({ Effect: 'Deny', Principal: '*', Action: 'kms:*', Resource: '*' })
    const made = await organizations.send(
      new CreatePolicyCommand({ Type: PolicyType, Content, Name: 'nothing', Description: '' }),
    )
    const PolicyId = made.Policy?.PolicySummary?.Id
    await organizations.send(new AttachPolicyCommand({ PolicyId, TargetId: member }))
    await createAccount(server, member)
    const theirs = await kmsClient(server, HOME, member)
    await describeKey(S3, theirs)
    const { KeyMetadata } = await theirs.send(new CreateKeyCommand({}))
    expect((await refusalOf(describeKey(KeyMetadata?.KeyId ?? '', theirs))).name).toBe('AccessDeniedException')
  })
})
