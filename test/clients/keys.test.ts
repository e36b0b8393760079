import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateRandomCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  ListAliasesCommand,
  ListKeyPoliciesCommand,
  ListKeyRotationsCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
  type CreateKeyCommandInput,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { advanceClock } from '../control.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { kmsClient, refusalOf, refusalsOf } from './kms-client.ts'

let server: TestServer
let kms: KMSClient

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  kms = await kmsClient(server, HOME)
})
afterAll(() => server[Symbol.asyncDispose]())

async function createKey(input: CreateKeyCommandInput = {}): Promise<{ id: string; arn: string }> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand(input))
  return { id: KeyMetadata?.KeyId ?? '', arn: KeyMetadata?.Arn ?? '' }
}

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString()
const encrypt = (KeyId: string, plaintext = 'text') =>
  kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from(plaintext) }))

describe('CreateKey', () => {
  it('makes a symmetric encryption key with AWS’s defaults', async () => {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
    expect(KeyMetadata).toEqual({
      AWSAccountId: '111122223333',
      KeyId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      Arn: `arn:aws:kms:us-east-1:111122223333:key/${KeyMetadata?.KeyId}`,
      CreationDate: expect.any(Date),
      CurrentKeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
      CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
      Description: '',
      Enabled: true,
      EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
      KeyManager: 'CUSTOMER',
      KeySpec: 'SYMMETRIC_DEFAULT',
      KeyState: 'Enabled',
      KeyUsage: 'ENCRYPT_DECRYPT',
      MultiRegion: false,
      Origin: 'AWS_KMS',
    })
  })

  it.each<[CreateKeyCommandInput, string, string]>([
    [{ KeySpec: 'RSA_2048' }, 'ValidationException', 'You must specify a KeyUsage value'],
    [{ KeySpec: 'RSA_2048', KeyUsage: 'KEY_AGREEMENT' }, 'ValidationException', 'not compatible with KeySpec RSA_2048'],
    [{ Origin: 'AWS_CLOUDHSM' }, 'UnsupportedOperationException', 'not supported yet'],
    [
      { Origin: 'EXTERNAL', KeySpec: 'ML_DSA_44', KeyUsage: 'SIGN_VERIFY' },
      'UnsupportedOperationException',
      'cannot be imported',
    ],
    [{ KeyUsage: 'SIGN_VERIFY' }, 'ValidationException', 'KeyUsage SIGN_VERIFY is not compatible with KeySpec'],
    [{ KeySpec: 'NONE' as 'RSA_2048' }, 'ValidationException', "Value 'NONE' at 'keySpec' failed to satisfy"],
    [{ Policy: 'no JSON' }, 'MalformedPolicyDocumentException', ''],
    [{ Policy: ' '.repeat(32_769) }, 'LimitExceededException', '32768 bytes'],
    [
      {
        Tags: [
          { TagKey: 'a', TagValue: '' },
          { TagKey: 'a', TagValue: 'b' },
        ],
      },
      'TagException',
      'Duplicate tag keys',
    ],
    [{ Tags: [{ TagKey: 'AWS:a', TagValue: '' }] }, 'TagException', 'Tags beginning with aws: are reserved'],
    [
      { Tags: [{ TagKey: 'k'.repeat(129), TagValue: '' }] },
      'ValidationException',
      "at 'tags.1.member.tagKey' failed to satisfy constraint: Member must have length less than or equal to 128",
    ],
    [{ Description: 'd'.repeat(8193) }, 'ValidationException', "at 'description' failed to satisfy constraint"],
  ])('refuses %j with %s', async (input, name, message) => {
    const refusal = await refusalOf(kms.send(new CreateKeyCommand(input)))
    expect(refusal).toMatchObject({ name, status: 400 })
    expect(refusal.message).toContain(message)
  })

  it('refuses a policy that would lock its maker out, unless that check is bypassed', async () => {
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'kms:Describe*', Resource: '*' }],
    })
    expect(await refusalOf(kms.send(new CreateKeyCommand({ Policy })))).toMatchObject({
      name: 'MalformedPolicyDocumentException',
      message: 'The new key policy will not allow you to update the key policy in the future.',
    })
    await kms.send(new CreateKeyCommand({ Policy, BypassPolicyLockoutSafetyCheck: true }))
  })
})

describe('Naming a key', () => {
  it('works by id, ARN, alias and alias ARN where AWS lets it', async () => {
    const { id, arn } = await createKey()
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/named', TargetKeyId: id }))
    for (const KeyId of [id, arn, 'alias/named', 'arn:aws:kms:us-east-1:111122223333:alias/named']) {
      expect((await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.Arn).toBe(arn)
    }
    expect(await refusalOf(kms.send(new DisableKeyCommand({ KeyId: 'alias/named' })))).toMatchObject({
      name: 'InvalidArnException',
      message: 'Key Aliases are not supported for this operation.',
    })
  })

  it.each([
    ['nonsense', "Invalid keyId 'nonsense'"],
    ['mrk-fake-key-id', "Invalid keyId 'mrk-fake-key-id'"],
    ['arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012', 'Invalid arn eu-west-1'],
    [
      '12345678-1234-1234-1234-123456789012',
      "Key 'arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789012' does not exist",
    ],
    ['alias/nothing', 'Alias arn:aws:kms:us-east-1:111122223333:alias/nothing is not found.'],
    ['arn:aws:s3:::bucket', 'Invalid arn arn:aws:s3:::bucket'],
  ])('says what is wrong with %s', async (KeyId, message) => {
    expect(await refusalOf(kms.send(new DescribeKeyCommand({ KeyId })))).toEqual({
      name: 'NotFoundException',
      message,
      status: 400,
    })
  })
})

describe('Encrypt and Decrypt', () => {
  it.each([1, 32, 4096])('take %i bytes there and back', async (length) => {
    const { id, arn } = await createKey()
    const Plaintext = Buffer.from('x'.repeat(length))
    const sealed = await kms.send(new EncryptCommand({ KeyId: id, Plaintext }))
    expect(sealed).toMatchObject({ KeyId: arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' })
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob }))
    expect(Buffer.from(opened.Plaintext ?? []).equals(Plaintext)).toBe(true)
    expect(opened).toMatchObject({ KeyId: arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' })
    expect(opened.KeyMaterialId).toMatch(/^[0-9a-f]{64}$/)
  })

  it('refuse more than 4,096 bytes without telling them', async () => {
    const { id } = await createKey()
    expect(await refusalOf(encrypt(id, 'x'.repeat(4097)))).toMatchObject({
      name: 'ValidationException',
      message:
        "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: " +
        'Member must have length less than or equal to 4096',
    })
  })

  it('need the same encryption context, in any order', async () => {
    const { id } = await createKey()
    const sealed = await kms.send(
      new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('x'), EncryptionContext: { a: '1', b: '2' } }),
    )
    const decrypt = (EncryptionContext?: Record<string, string>) =>
      kms.send(
        new DecryptCommand({
          CiphertextBlob: sealed.CiphertextBlob,
          ...(EncryptionContext !== undefined && { EncryptionContext }),
        }),
      )
    expect(text((await decrypt({ b: '2', a: '1' })).Plaintext)).toBe('x')
    for (const other of [undefined, {}, { a: '1' }, { a: '1', b: '3' }, { a: '1', B: '2' }]) {
      expect(await refusalOf(decrypt(other))).toMatchObject({ name: 'InvalidCiphertextException' })
    }
  })

  it('refuse a ciphertext of another key, one that is damaged, and one of an unknown key', async () => {
    const [one, other] = [await createKey(), await createKey()]
    const { CiphertextBlob } = await encrypt(one.id)
    expect(await refusalOf(kms.send(new DecryptCommand({ CiphertextBlob, KeyId: other.id })))).toMatchObject({
      name: 'IncorrectKeyException',
      message: 'The key ID in the request does not identify a CMK that can perform this operation.',
    })
    const damaged = Buffer.from(CiphertextBlob ?? [])
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1
    expect(await refusalOf(kms.send(new DecryptCommand({ CiphertextBlob: damaged })))).toMatchObject({
      name: 'InvalidCiphertextException',
    })
    const unknown = Buffer.from(CiphertextBlob ?? [])
    unknown[10] = (unknown[10] ?? 0) ^ 1
    expect(await refusalOf(kms.send(new DecryptCommand({ CiphertextBlob: unknown })))).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(
        'kms:Decrypt on the resource associated with this ciphertext because the resource does',
      ),
    })
    expect(await refusalOf(kms.send(new DecryptCommand({ CiphertextBlob: Buffer.from('junk') })))).toMatchObject({
      name: 'InvalidCiphertextException',
    })
  })

  it('do nothing in a dry run but say that they would have', async () => {
    const { id } = await createKey()
    const { CiphertextBlob } = await encrypt(id)
    const requests = [
      kms.send(new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('x'), DryRun: true })),
      kms.send(new DecryptCommand({ CiphertextBlob, DryRun: true })),
      kms.send(new GenerateDataKeyCommand({ KeyId: id, KeySpec: 'AES_256', DryRun: true })),
      kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: id, DryRun: true })),
    ]
    for (const refusal of await refusalsOf(requests)) {
      expect(refusal).toEqual({
        name: 'DryRunOperationException',
        message: 'The request would have succeeded, but the DryRun option is set.',
        status: 400,
      })
    }
  })

  it('refuse what they cannot honour: grant tokens, recipients and other algorithms', async () => {
    const { id } = await createKey()
    const { CiphertextBlob } = await encrypt(id)
    expect(await refusalOf(kms.send(new DecryptCommand({ CiphertextBlob, GrantTokens: ['t'] })))).toMatchObject({
      name: 'InvalidGrantTokenException',
    })
    const Recipient = { AttestationDocument: Buffer.from('x') }
    expect(await refusalOf(kms.send(new DecryptCommand({ CiphertextBlob, Recipient })))).toMatchObject({
      name: 'UnsupportedOperationException',
      message: expect.stringContaining('--attestation-root') as string,
    })
    expect(
      await refusalOf(
        kms.send(new DecryptCommand({ KeyId: id, CiphertextBlob, EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' })),
      ),
    ).toMatchObject({
      name: 'InvalidKeyUsageException',
      message: 'Algorithm RSAES_OAEP_SHA_1 is incompatible with key spec SYMMETRIC_DEFAULT.',
    })
  })
})

describe('ReEncrypt', () => {
  it('moves a ciphertext to another key and another context', async () => {
    const [from, to] = [await createKey(), await createKey()]
    const { CiphertextBlob } = await encrypt(from.id, 'moved')
    const DestinationEncryptionContext = { now: 'there' }
    const moved = await kms.send(
      new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: to.id, DestinationEncryptionContext }),
    )
    expect(moved).toMatchObject({ SourceKeyId: from.arn, KeyId: to.arn })
    expect(moved.SourceKeyMaterialId).not.toBe(moved.DestinationKeyMaterialId)
    const opened = await kms.send(
      new DecryptCommand({ CiphertextBlob: moved.CiphertextBlob, EncryptionContext: DestinationEncryptionContext }),
    )
    expect(text(opened.Plaintext)).toBe('moved')
  })
})

describe('Data keys and random bytes', () => {
  it('come in the clear and encrypted, or only encrypted', async () => {
    const { id, arn } = await createKey()
    const made = await kms.send(new GenerateDataKeyCommand({ KeyId: id, KeySpec: 'AES_256' }))
    expect(made.KeyId).toBe(arn)
    expect(made.Plaintext).toHaveLength(32)
    // As long as AWS's: programs are known to look at it.
    expect(made.CiphertextBlob).toHaveLength(184)
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }))
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Buffer.from(made.Plaintext ?? []))
    const sealed = await kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId: id, NumberOfBytes: 7 }))
    expect('Plaintext' in sealed).toBe(false)
    const later = await kms.send(new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob }))
    expect(later.Plaintext).toHaveLength(7)
  })

  it('need exactly one way to say how long', async () => {
    const { id } = await createKey()
    for (const input of [{}, { KeySpec: 'AES_128', NumberOfBytes: 16 } as const]) {
      expect(await refusalOf(kms.send(new GenerateDataKeyCommand({ KeyId: id, ...input })))).toMatchObject({
        name: 'ValidationException',
      })
    }
  })

  it('give from 1 to 1,024 random bytes', async () => {
    const random = (NumberOfBytes?: number) =>
      kms.send(new GenerateRandomCommand(NumberOfBytes === undefined ? {} : { NumberOfBytes }))
    expect((await random(1024)).Plaintext).toHaveLength(1024)
    expect((await refusalOf(random(0))).message).toBe(
      "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy constraint: " +
        'Member must have value greater than or equal to 1',
    )
    expect((await refusalOf(random(1025))).message).toContain('less than or equal to 1024')
    expect((await refusalOf(random())).message).toBe('NumberOfBytes is required.')
  })
})

describe('Key states', () => {
  it('let a disabled key be managed and not used', async () => {
    const { id, arn } = await createKey()
    await kms.send(new DisableKeyCommand({ KeyId: id }))
    expect(await refusalOf(encrypt(id))).toEqual({
      name: 'DisabledException',
      message: `${arn} is disabled.`,
      status: 400,
    })
    await kms.send(new UpdateKeyDescriptionCommand({ KeyId: id, Description: 'asleep' }))
    await kms.send(new EnableKeyCommand({ KeyId: id }))
    await encrypt(id)
    expect((await kms.send(new DescribeKeyCommand({ KeyId: id }))).KeyMetadata?.Description).toBe('asleep')
  })

  it('let a key that will be deleted be neither used nor changed, and be gone when its time comes', async () => {
    const { id, arn } = await createKey()
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/doomed', TargetKeyId: id }))
    const answer = await kms.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 }))
    expect(answer).toMatchObject({ KeyId: arn, KeyState: 'PendingDeletion', PendingWindowInDays: 7 })
    const pending = { name: 'KMSInvalidStateException', message: `${arn} is pending deletion.`, status: 400 }
    for (const refusal of await refusalsOf([
      encrypt(id),
      kms.send(new EnableKeyCommand({ KeyId: id })),
      kms.send(new TagResourceCommand({ KeyId: id, Tags: [] })),
      kms.send(new ScheduleKeyDeletionCommand({ KeyId: id })),
      kms.send(new CreateAliasCommand({ AliasName: 'alias/late', TargetKeyId: id })),
    ])) {
      expect(refusal).toEqual(pending)
    }
    await advanceClock(server, '8d')
    expect((await refusalOf(kms.send(new DescribeKeyCommand({ KeyId: id })))).message).toBe(
      `Key '${arn}' does not exist`,
    )
    expect((await refusalOf(encrypt('alias/doomed'))).name).toBe('NotFoundException')
  })

  it('leave a key disabled whose deletion is cancelled', async () => {
    const { id, arn } = await createKey()
    expect(await refusalOf(kms.send(new CancelKeyDeletionCommand({ KeyId: id })))).toMatchObject({
      name: 'KMSInvalidStateException',
      message: `${arn} is not pending deletion (or pending replica deletion).`,
    })
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: id }))
    expect(await kms.send(new CancelKeyDeletionCommand({ KeyId: id }))).toMatchObject({ KeyId: arn })
    expect((await kms.send(new DescribeKeyCommand({ KeyId: id }))).KeyMetadata).toMatchObject({
      KeyState: 'Disabled',
      Enabled: false,
    })
  })

  it.each([6, 31])('refuse a window of %i days', async (PendingWindowInDays) => {
    const { id } = await createKey()
    expect(await refusalOf(kms.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays })))).toMatchObject(
      { name: 'ValidationException' },
    )
  })
})

describe('Aliases', () => {
  it('name one key after the other', async () => {
    const [one, other] = [await createKey(), await createKey()]
    const AliasName = 'alias/moving'
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: one.id }))
    const first = await encrypt(AliasName)
    await kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: other.id }))
    expect(first.KeyId).toBe(one.arn)
    expect((await encrypt(AliasName)).KeyId).toBe(other.arn)
    const { Aliases } = await kms.send(new ListAliasesCommand({ KeyId: other.id }))
    expect(Aliases).toMatchObject([
      { AliasName, AliasArn: 'arn:aws:kms:us-east-1:111122223333:alias/moving', TargetKeyId: other.id },
    ])
    await kms.send(new DeleteAliasCommand({ AliasName }))
    expect((await refusalOf(encrypt(AliasName))).name).toBe('NotFoundException')
  })

  it.each([
    ['payments', 'ValidationException', 'Alias must start with the prefix "alias/"'],
    ['alias/aws/s3', 'NotAuthorizedException', 'are for keys that AWS manages'],
    ['alias/', 'InvalidAliasNameException', ''],
    ['alias/with space', 'ValidationException', "at 'aliasName' failed to satisfy constraint"],
  ])('refuse the name %s', async (AliasName, name, message) => {
    const { id } = await createKey()
    const refusal = await refusalOf(kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: id })))
    expect(refusal.name).toBe(name)
    expect(refusal.message).toContain(message)
  })

  it('are unique, and at most fifty a key', async () => {
    const { id, arn } = await createKey()
    for (let index = 0; index < 50; index += 1) {
      await kms.send(new CreateAliasCommand({ AliasName: `alias/many-${index}`, TargetKeyId: id }))
    }
    expect(
      await refusalOf(kms.send(new CreateAliasCommand({ AliasName: 'alias/many-0', TargetKeyId: id }))),
    ).toMatchObject({
      name: 'AlreadyExistsException',
      message: 'An alias with the name arn:aws:kms:us-east-1:111122223333:alias/many-0 already exists',
    })
    expect(
      await refusalOf(kms.send(new CreateAliasCommand({ AliasName: 'alias/many-50', TargetKeyId: id }))),
    ).toMatchObject({ name: 'LimitExceededException', message: `${arn} has 50 aliases already.` })
  })

  it('belong to one Region', async () => {
    const { id } = await createKey()
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/here', TargetKeyId: id }))
    const away = await kmsClient(server, AWAY)
    const { Aliases = [] } = await away.send(new ListAliasesCommand({}))
    expect(Aliases.map(({ AliasName }) => AliasName)).not.toContain('alias/here')
  })
})

describe('Tags', () => {
  it('are added, changed, listed in their order, and taken away', async () => {
    const { id } = await createKey({ Tags: [{ TagKey: 'a', TagValue: '1' }] })
    const Tags = [
      { TagKey: 'b', TagValue: '2' },
      { TagKey: 'a', TagValue: 'changed' },
    ]
    await kms.send(new TagResourceCommand({ KeyId: id, Tags }))
    const list = async () => (await kms.send(new ListResourceTagsCommand({ KeyId: id }))).Tags
    expect(await list()).toEqual([Tags[1], Tags[0]])
    await kms.send(new UntagResourceCommand({ KeyId: id, TagKeys: ['a', 'never'] }))
    expect(await list()).toEqual([Tags[0]])
  })

  it('are at most fifty', async () => {
    const tags = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => ({ TagKey: `t${from + index}`, TagValue: '' }))
    const { id } = await createKey({ Tags: tags(0, 40) })
    expect(await refusalOf(kms.send(new TagResourceCommand({ KeyId: id, Tags: tags(40, 51) })))).toMatchObject({
      name: 'TagException',
      message: 'Too many tags',
    })
    await kms.send(new TagResourceCommand({ KeyId: id, Tags: tags(30, 50) }))
  })
})

describe('Key policies', () => {
  it('are given back to the letter', async () => {
    const { id } = await createKey()
    expect(await kms.send(new ListKeyPoliciesCommand({ KeyId: id }))).toMatchObject({
      PolicyNames: ['default'],
      Truncated: false,
    })
    const Policy = `{"Version":"2012-10-17",   "Statement":{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}}`
    await kms.send(new PutKeyPolicyCommand({ KeyId: id, PolicyName: 'default', Policy }))
    expect(await kms.send(new GetKeyPolicyCommand({ KeyId: id }))).toMatchObject({ Policy, PolicyName: 'default' })
    expect(await refusalOf(kms.send(new GetKeyPolicyCommand({ KeyId: id, PolicyName: 'other' })))).toMatchObject({
      name: 'NotFoundException',
    })
  })
})

describe('Rotation', () => {
  it('can be on, off, and asked for', async () => {
    const { id, arn } = await createKey()
    const status = async () => {
      const { $metadata: _metadata, ...answer } = await kms.send(new GetKeyRotationStatusCommand({ KeyId: id }))
      return answer
    }
    expect(await status()).toEqual({ KeyId: arn, KeyRotationEnabled: false })
    await kms.send(new EnableKeyRotationCommand({ KeyId: id }))
    expect(await status()).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 365 })
    await kms.send(new DisableKeyRotationCommand({ KeyId: id }))
    expect(await status()).toEqual({ KeyId: arn, KeyRotationEnabled: false })
    expect(await kms.send(new RotateKeyOnDemandCommand({ KeyId: id }))).toMatchObject({ KeyId: arn })
    const { Rotations } = await kms.send(
      new ListKeyRotationsCommand({ KeyId: id, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' }),
    )
    expect(Rotations).toMatchObject([
      { KeyMaterialState: 'NON_CURRENT' },
      { KeyMaterialState: 'CURRENT', RotationType: 'ON_DEMAND' },
    ])
  })

  it('comes by itself, and once for all that a disabled key has missed', async () => {
    const { id } = await createKey()
    const rotations = async () => (await kms.send(new ListKeyRotationsCommand({ KeyId: id }))).Rotations?.length
    await kms.send(new EnableKeyRotationCommand({ KeyId: id, RotationPeriodInDays: 90 }))
    await advanceClock(server, '91d')
    expect(await rotations()).toBe(1)
    await kms.send(new DisableKeyCommand({ KeyId: id }))
    await advanceClock(server, '300d')
    expect(await rotations()).toBe(1)
    await kms.send(new EnableKeyCommand({ KeyId: id }))
    await advanceClock(server, '1s')
    expect(await rotations()).toBe(2)
  })

  it('is asked for at most 25 times in a key’s life', async () => {
    const { id, arn } = await createKey()
    for (let count = 0; count < 25; count += 1) await kms.send(new RotateKeyOnDemandCommand({ KeyId: id }))
    expect(await refusalOf(kms.send(new RotateKeyOnDemandCommand({ KeyId: id })))).toMatchObject({
      name: 'LimitExceededException',
      message: expect.stringContaining(`No more on-demand rotations can be performed for this key: ${arn}`),
    })
  })
})

describe('Listings', () => {
  it('come in pages, each key once', async () => {
    const wanted = new Set<string>()
    for (let count = 0; count < 5; count += 1) wanted.add((await createKey()).id)
    const found: string[] = []
    let Marker: string | undefined
    do {
      const page = await kms.send(new ListKeysCommand({ Limit: 2, ...(Marker !== undefined && { Marker }) }))
      found.push(...(page.Keys ?? []).map((key) => key.KeyId ?? ''))
      expect(page.Truncated).toBe(page.NextMarker !== undefined)
      Marker = page.NextMarker
    } while (Marker !== undefined)
    expect(new Set(found).size).toBe(found.length)
    expect([...wanted].every((id) => found.includes(id))).toBe(true)
  })

  it('refuse a marker that they have not given', async () => {
    const { id } = await createKey()
    for (const refusal of await refusalsOf([
      kms.send(new ListKeysCommand({ Marker: 'made up' })),
      kms.send(new ListAliasesCommand({ Marker: 'made up' })),
      kms.send(new ListKeyRotationsCommand({ KeyId: id, Marker: 'made up' })),
    ])) {
      expect(refusal.name).toBe('InvalidMarkerException')
    }
  })
})
