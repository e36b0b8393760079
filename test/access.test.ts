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
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient, refusalOf, untilState } from './clients/kms-client.ts'
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

  it('does not decrypt what it has found', async () => {
    const { id } = await keyWith()
    const { CiphertextBlob } = await encrypt(owner, id)
    expect(await refusalOf(guest.send(new DecryptCommand({ CiphertextBlob })))).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('kms:Decrypt on the resource associated with this ciphertext'),
    })
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
