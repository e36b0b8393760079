import { CreatePolicyCommand } from '@aws-sdk/client-iam'
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  ListAliasesCommand,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  ReplicateKeyCommand,
  RetireGrantCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { AssumeRoleCommand, GetFederationTokenCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient, refusalOf, untilState } from './clients/kms-client.ts'
import { principalsOf } from './clients/principals.ts'
import { createAccount } from './control.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'

const OWNER = '111122223333'
const GUEST = '444455556666'

let server: TestServer
let owner: KMSClient
let guest: KMSClient

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  await createAccount(server, GUEST)
  owner = await kmsClient(server, HOME)
  guest = await kmsClient(server, HOME, GUEST)
})
afterAll(() => server[Symbol.asyncDispose]())

const root = (account: string) => `arn:aws:iam::${account}:root`
const policyOf = (...statements: readonly object[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements.map((each) => ({ Resource: '*', ...each })) })
const everything = { Effect: 'Allow', Principal: { AWS: root(OWNER) }, Action: 'kms:*' }

async function keyWith(Policy?: string) {
  const { KeyMetadata } = await owner.send(
    new CreateKeyCommand({ BypassPolicyLockoutSafetyCheck: true, ...(Policy !== undefined && { Policy }) }),
  )
  return { id: KeyMetadata?.KeyId ?? '', arn: KeyMetadata?.Arn ?? '' }
}

/** A ciphertext of a key in another Region. */
async function elsewhere() {
  const away = await kmsClient(server, AWAY)
  const { KeyMetadata } = await away.send(new CreateKeyCommand({}))
  return (await encrypt(away, KeyMetadata?.KeyId ?? '')).CiphertextBlob
}

const encrypt = (client: KMSClient, KeyId: string, EncryptionContext: Record<string, string> = {}) =>
  client.send(new EncryptCommand({ KeyId, EncryptionContext, Plaintext: Buffer.from('text') }))

describe('A key policy', () => {
  it('is the only way to a key: a root user that it does not name has no access', async () => {
    const { id, arn } = await keyWith(policyOf({ ...everything, Principal: { AWS: root(GUEST) } }))
    expect(await refusalOf(encrypt(owner, id))).toEqual({
      name: 'AccessDeniedException',
      message:
        `User: ${root(OWNER)} is not authorized to perform: kms:Encrypt on resource: ${arn} ` +
        'because no resource-based policy allows the kms:Encrypt action',
      status: 400,
    })
  })

  it('allows only the actions that it names', async () => {
    const { id } = await keyWith(policyOf({ ...everything, Action: ['kms:Describe*', 'kms:Encrypt'] }))
    await owner.send(new DescribeKeyCommand({ KeyId: id }))
    await encrypt(owner, id)
    expect((await refusalOf(owner.send(new DisableKeyCommand({ KeyId: id })))).name).toBe('AccessDeniedException')
  })

  it('denies whatever else it allows', async () => {
    const { id, arn } = await keyWith(policyOf(everything, { ...everything, Effect: 'Deny', Action: 'kms:Encrypt' }))
    expect((await refusalOf(encrypt(owner, id))).message).toBe(
      `User: ${root(OWNER)} is not authorized to perform: kms:Encrypt on resource: ${arn} ` +
        'with an explicit deny in a resource-based policy',
    )
    await owner.send(new GenerateDataKeyCommand({ KeyId: id, KeySpec: 'AES_256' }))
  })

  it('decides by the encryption context', async () => {
    const Condition = { StringEquals: { 'kms:EncryptionContext:team': 'payments' } }
    const { id } = await keyWith(policyOf({ ...everything, Action: 'kms:Encrypt', Condition }))
    await encrypt(owner, id, { team: 'payments', other: 'x' })
    expect((await refusalOf(encrypt(owner, id, { team: 'other' }))).name).toBe('AccessDeniedException')
    expect((await refusalOf(encrypt(owner, id))).name).toBe('AccessDeniedException')
  })

  it('is not deceived by names of an encryption context that differ in case', async () => {
    const is = (value: string) => ({ StringEquals: { 'kms:EncryptionContext:team': value } })
    const allowing = await keyWith(policyOf({ ...everything, Action: 'kms:Encrypt', Condition: is('payments') }))
    const denying = await keyWith(policyOf(everything, { ...everything, Effect: 'Deny', Condition: is('payments') }))
    for (const context of [
      { team: 'payments', Team: 'other' },
      { Team: 'other', team: 'payments' },
      { TEAM: 'payments', Team: 'other' },
    ]) {
      expect((await refusalOf(encrypt(owner, allowing.id, context))).name).toBe('AccessDeniedException')
      expect((await refusalOf(encrypt(owner, denying.id, context))).name).toBe('AccessDeniedException')
    }
    await encrypt(owner, allowing.id, { team: 'payments', Team: 'payments' })
    // A key whose policy does not ask encrypts and decrypts with both.
    const { id } = await keyWith()
    const EncryptionContext = { team: 'payments', Team: 'other' }
    const { CiphertextBlob } = await encrypt(owner, id, EncryptionContext)
    await owner.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))
  })

  it('is not deceived by tags that differ in case', async () => {
    const Tags = [
      { TagKey: 'Team', TagValue: 'a' },
      { TagKey: 'team', TagValue: 'b' },
    ]
    const asked = (name: string) => ({ StringEquals: { [`aws:${name}/team`]: 'a' } })
    const people = await principalsOf(server, HOME)
    const statement = (Effect: string, more: object) => ({ Effect, Action: 'kms:*', ...more })
    const may = await people.user(policyOf(statement('Allow', { Condition: asked('RequestTag') })))
    const mayNot = await people.user(
      policyOf(statement('Allow', {}), statement('Deny', { Condition: asked('RequestTag') })),
    )
    for (const user of [may, mayNot]) {
      for (const given of [Tags, Tags.toReversed()]) {
        const create = user.kms(HOME).send(new CreateKeyCommand({ Tags: given }))
        expect((await refusalOf(create)).name).toBe('AccessDeniedException')
      }
    }
    const { KeyMetadata } = await owner.send(new CreateKeyCommand({ Tags }))
    const user = await people.user(policyOf(statement('Allow', { Condition: asked('ResourceTag') })))
    expect((await refusalOf(encrypt(user.kms(HOME), KeyMetadata?.KeyId ?? ''))).name).toBe('AccessDeniedException')
  })

  it('decides by the alias in the request, the Region, and what the key is', async () => {
    const Condition = {
      StringEquals: { 'aws:RequestedRegion': HOME, 'kms:KeySpec': 'SYMMETRIC_DEFAULT', 'kms:CallerAccount': OWNER },
      Bool: { 'kms:MultiRegion': 'false', 'aws:SecureTransport': 'false' },
      IpAddress: { 'aws:SourceIp': '127.0.0.0/8' },
      Null: { 'kms:RequestAlias': 'true' },
    }
    const { id } = await keyWith(policyOf({ ...everything, Action: 'kms:Encrypt', Condition }))
    await encrypt(owner, id)
  })

  it('takes effect with the next request', async () => {
    const { id } = await keyWith()
    await encrypt(owner, id)
    const Policy = policyOf({ ...everything, Action: 'kms:PutKeyPolicy' })
    await owner.send(new PutKeyPolicyCommand({ KeyId: id, Policy }))
    expect((await refusalOf(encrypt(owner, id))).name).toBe('AccessDeniedException')
    await owner.send(new PutKeyPolicyCommand({ KeyId: id, Policy: policyOf(everything) }))
    await encrypt(owner, id)
  })

  it('cannot lock out the one who puts it', async () => {
    const { id } = await keyWith()
    const Policy = policyOf({ ...everything, Action: 'kms:Encrypt' })
    expect(await refusalOf(owner.send(new PutKeyPolicyCommand({ KeyId: id, Policy })))).toMatchObject({
      name: 'MalformedPolicyDocumentException',
      message: 'The new key policy will not allow you to update the key policy in the future.',
    })
  })

  it('does not ask of all values what has one', async () => {
    const Condition = { 'ForAllValues:StringEquals': { 'kms:EncryptionContext:team': 'payments' } }
    const Policy = policyOf(everything, { ...everything, Condition })
    const refusal = await refusalOf(owner.send(new CreateKeyCommand({ Policy })))
    expect(refusal.name).toBe('MalformedPolicyDocumentException')
    expect(refusal.message).toContain(
      'OverlyPermissiveCondition:EncryptionContext: Using the ForAllValues set operator with a single-valued condition key',
    )
  })

  it('is each Region’s own', async () => {
    const { KeyMetadata } = await owner.send(new CreateKeyCommand({ MultiRegion: true }))
    const KeyId = KeyMetadata?.KeyId ?? ''
    const Policy = policyOf({ ...everything, Action: ['kms:Describe*', 'kms:PutKeyPolicy'] })
    await owner.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY, Policy }))
    const away = await kmsClient(server, AWAY)
    await untilState(away, KeyId, 'Enabled')
    await encrypt(owner, KeyId)
    expect((await refusalOf(encrypt(away, KeyId))).name).toBe('AccessDeniedException')
  })
})

describe('Another account', () => {
  const hidden = (action: string) => ({
    name: 'AccessDeniedException',
    message:
      `User: ${root(GUEST)} is not authorized to perform: ${action} on this resource because the resource does not ` +
      'exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access',
    status: 400,
  })

  it('uses a key whose policy lets it, by its ARN', async () => {
    const { arn } = await keyWith(policyOf(everything, { ...everything, Principal: { AWS: GUEST }, Action: 'kms:*' }))
    const { CiphertextBlob, KeyId } = await encrypt(guest, arn)
    expect(KeyId).toBe(arn)
    const opened = await guest.send(new DecryptCommand({ CiphertextBlob }))
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('text')
  })

  it('does not manage a key, whatever its policy says', async () => {
    const { arn } = await keyWith(policyOf(everything, { ...everything, Principal: { AWS: GUEST } }))
    expect(await refusalOf(guest.send(new DisableKeyCommand({ KeyId: arn })))).toEqual(hidden('kms:DisableKey'))
  })

  it('does not learn whether a key exists', async () => {
    const { arn } = await keyWith()
    expect(await refusalOf(encrypt(guest, arn))).toEqual(hidden('kms:Encrypt'))
    const nowhere = arn.replace(/[^/]*$/, '12345678-1234-1234-1234-123456789012')
    expect(await refusalOf(encrypt(guest, nowhere))).toEqual(hidden('kms:Encrypt'))
    const alias = `arn:aws:kms:${HOME}:${OWNER}:alias/nowhere`
    expect(await refusalOf(encrypt(guest, alias))).toEqual(hidden('kms:Encrypt'))
  })

  it('does not learn whether a key exists by denying itself', async () => {
    const guests = await principalsOf(server, HOME, GUEST)
    const denying = await guests.user(
      policyOf(
        { Effect: 'Allow', Action: 'kms:*', Resource: '*' },
        { Effect: 'Deny', Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:RetireGrant'], Resource: '*' },
      ),
    )
    const kms = denying.kms(HOME)
    const { arn, id } = await keyWith()
    const here = (await encrypt(owner, id)).CiphertextBlob
    const nowhere = arn.replace(/[^/]*$/, '12345678-1234-1234-1234-123456789012')
    const away = await elsewhere()
    const retire = (KeyId: string) => kms.send(new RetireGrantCommand({ KeyId, GrantId: 'a'.repeat(64) }))
    const decrypt = (CiphertextBlob: Uint8Array | undefined) => kms.send(new DecryptCommand({ CiphertextBlob }))
    for (const [present, absent] of [
      [() => encrypt(kms, arn), () => encrypt(kms, nowhere)],
      [() => retire(arn), () => retire(nowhere)],
      [() => decrypt(here), () => decrypt(away)],
    ] as const) {
      const refusal = await refusalOf(present())
      expect(refusal.message).toContain('because the resource does not exist in this Region')
      expect(refusal).toEqual(await refusalOf(absent()))
    }
  })

  it('does not learn whether a key exists by a grant token', async () => {
    const { arn } = await keyWith()
    const nowhere = arn.replace(/[^/]*$/, '12345678-1234-1234-1234-123456789012')
    const refusals = [arn, nowhere].map((KeyId) =>
      refusalOf(guest.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('text'), GrantTokens: ['bad'] }))),
    )
    const [present, absent] = await Promise.all(refusals)
    expect(present).toEqual(absent)
    expect(present?.name).toBe('InvalidGrantTokenException')
  })

  it('does not learn where the key of a ciphertext is', async () => {
    const { id } = await keyWith()
    const here = (await encrypt(owner, id)).CiphertextBlob
    const away = await elsewhere()
    const { KeyMetadata } = await guest.send(new CreateKeyCommand({}))
    const owned = KeyMetadata?.KeyId ?? ''
    const missing = '12345678-1234-1234-1234-123456789012'
    const missingThere = `arn:aws:kms:${HOME}:${OWNER}:key/${missing}`
    const decrypt = (CiphertextBlob: Uint8Array | undefined) => guest.send(new DecryptCommand({ CiphertextBlob }))
    expect(await refusalOf(decrypt(here))).toEqual({
      name: 'AccessDeniedException',
      message:
        `User: ${root(GUEST)} is not authorized to perform: kms:Decrypt on the resource associated with this ` +
        'ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a ' +
        'resource-based policy explicitly denies access',
      status: 400,
    })
    expect(await refusalOf(decrypt(away))).toEqual(await refusalOf(decrypt(here)))
    for (const DestinationKeyId of [owned, missing, missingThere]) {
      const move = (CiphertextBlob: Uint8Array | undefined) =>
        refusalOf(guest.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId })))
      expect(await move(here)).toEqual(await move(away))
      expect((await move(here)).message).toContain('kms:ReEncryptFrom on the resource associated with this ciphertext')
    }
  })

  it('is told what its destination lacks once the source lets it', async () => {
    const { id } = await keyWith(policyOf(everything, { ...everything, Principal: { AWS: GUEST } }))
    const { CiphertextBlob } = await encrypt(owner, id)
    const missing = '12345678-1234-1234-1234-123456789012'
    const move = (DestinationKeyId: string) =>
      refusalOf(guest.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId })))
    expect((await move(missing)).name).toBe('NotFoundException')
    expect(await move(`arn:aws:kms:${HOME}:${OWNER}:key/${missing}`)).toEqual(hidden('kms:ReEncryptTo'))
  })

  it('does not learn which roles and policies exist', async () => {
    const owners = await principalsOf(server, HOME)
    const guests = await principalsOf(server, HOME, GUEST)
    const { arn } = await owners.role('Closed')
    const PolicyDocument = policyOf({ Effect: 'Allow', Action: '*', Resource: '*' })
    const { Policy } = await owners.iam.send(new CreatePolicyCommand({ PolicyName: 'Known', PolicyDocument }))
    const both = [await guests.user(), await guests.user(PolicyDocument)]
    const insider = [await owners.user(), await owners.user(PolicyDocument)]
    for (const { arn: user, credentials } of [...both, ...insider]) {
      const sts = new STSClient({ region: HOME, endpoint: server.url, credentials, maxAttempts: 1 })
      const assume = (RoleArn: string) => sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session' }))
      for (const RoleArn of [arn, `${arn}-none`]) {
        await expect(assume(RoleArn)).rejects.toMatchObject({
          name: 'AccessDenied',
          message: `User: ${user} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
        })
      }
    }
    const { credentials } = both[1] ?? {}
    if (credentials === undefined) throw new Error('There are two guests')
    const sts = new STSClient({ region: HOME, endpoint: server.url, credentials, maxAttempts: 1 })
    for (const policy of [Policy?.Arn ?? '', `${Policy?.Arn}-none`]) {
      const federate = sts.send(new GetFederationTokenCommand({ Name: 'partner', PolicyArns: [{ arn: policy }] }))
      await expect(federate).rejects.toMatchObject({ message: `The managed policy ${policy} does not exist.` })
    }
  })

  it('needs leave on both sides to encrypt anew', async () => {
    const mayLeave = { ...everything, Principal: { AWS: GUEST }, Action: 'kms:ReEncryptFrom' }
    const from = await keyWith(policyOf(everything, mayLeave))
    const { CiphertextBlob } = await encrypt(owner, from.id)
    const { KeyMetadata } = await guest.send(new CreateKeyCommand({}))
    const DestinationKeyId = KeyMetadata?.KeyId ?? ''
    const moved = await guest.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId }))
    expect(moved).toMatchObject({ SourceKeyId: from.arn, KeyId: KeyMetadata?.Arn })
    expect(await refusalOf(guest.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: from.arn })))).toEqual(
      hidden('kms:ReEncryptTo'),
    )
  })

  it('sees nothing of another in its listings', async () => {
    const { Aliases = [] } = await guest.send(new ListAliasesCommand({}))
    expect(Aliases.filter(({ TargetKeyId }) => TargetKeyId !== undefined)).toEqual([])
  })
})
