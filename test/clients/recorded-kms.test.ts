import * as sdk from '@aws-sdk/client-kms'
import { CreateRoleCommand, DeleteRoleCommand } from '@aws-sdk/client-iam'
import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pauseReplication } from '../control.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { send, signRequest } from '../signed-request.ts'
import { EXISTING, importInto, NEW, parameters, STAYS } from './import.ts'
import { kmsClient, refusalOf, untilState } from './kms-client.ts'
import { policyOf, principalsOf, type TestPrincipals } from './principals.ts'

/**
 * What AWS KMS was recorded to answer, by the suites and captures of others: each row is one recording. Where nothing
 * else is said, the recording is of 2025 or 2026.
 */

let server: TestServer
let kms: sdk.KMSClient
let away: sdk.KMSClient
let people: TestPrincipals

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  kms = await kmsClient(server, HOME)
  away = await kmsClient(server, AWAY)
  people = await principalsOf(server, HOME)
})
afterAll(() => server[Symbol.asyncDispose]())

/** A question, and its answer: a refusal by name, `: ` and message, or what the output must match. */
type Row = readonly [what: string, ask: () => Promise<unknown>, answer: string | object]

const SAID = 'name: message of the refusal'

/** Asks each row on its own. */
function rows(name: string, table: readonly Row[]): void {
  describe(`${name}:`, () => {
    it.each(table)('%s', async (_what, ask, answer) => {
      if (typeof answer !== 'string') {
        expect(await ask()).toMatchObject(answer)
        return
      }
      const { name: code, message } = await refusalOf(ask())
      // AWS's client says "UnknownError" where the server says nothing.
      expect({
        [SAID]: message === 'UnknownError' ? code : `${code}: ${message.replaceAll(lastArn, '<arn>')}`,
      }).toEqual({
        [SAID]: answer,
      })
    })
  })
}

let lastArn = ''
const bytes = (text = 'text') => Buffer.from(text)

/** Makes a key, whose ARN the messages below call `<arn>`. */
async function made(input: sdk.CreateKeyCommandInput = {}): Promise<string> {
  const { KeyMetadata } = await kms.send(new sdk.CreateKeyCommand(input))
  lastArn = KeyMetadata?.Arn ?? ''
  return KeyMetadata?.KeyId ?? ''
}

const HMAC = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' } as const
const RSA = { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' } as const
const SIGNING = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' } as const
const EXTERNAL = { Origin: 'EXTERNAL' } as const

async function imported(input: sdk.CreateKeyCommandInput = {}): Promise<{ KeyId: string; material: Buffer }> {
  const KeyId = await made({ ...EXTERNAL, ...input })
  const material = randomBytes(32)
  await importInto(kms, KeyId, material)
  return { KeyId, material }
}

async function disabled(input: sdk.CreateKeyCommandInput): Promise<string> {
  const KeyId = await made(input)
  await kms.send(new sdk.DisableKeyCommand({ KeyId }))
  return KeyId
}

const status = (KeyId: string) => kms.send(new sdk.GetKeyRotationStatusCommand({ KeyId }))
const enable = (KeyId: string, RotationPeriodInDays?: number) =>
  kms.send(new sdk.EnableKeyRotationCommand({ KeyId, RotationPeriodInDays }))

/** What became of a schedule after `change`: its period, and whether its date moved. */
async function rescheduled(change: (KeyId: string) => Promise<unknown>) {
  const KeyId = await made()
  await enable(KeyId, 180)
  const before = await status(KeyId)
  await change(KeyId)
  const { RotationPeriodInDays, NextRotationDate } = await status(KeyId)
  return { RotationPeriodInDays, moved: NextRotationDate?.getTime() !== before.NextRotationDate?.getTime() }
}

rows('Rotation', [
  [
    'is enabled again without a period',
    () => rescheduled((id) => enable(id)),
    { RotationPeriodInDays: 180, moved: false },
  ],
  [
    'is enabled again for the same',
    () => rescheduled((id) => enable(id, 180)),
    { RotationPeriodInDays: 180, moved: false },
  ],
  [
    'is enabled again for another',
    () => rescheduled((id) => enable(id, 200)),
    { RotationPeriodInDays: 200, moved: true },
  ],
  [
    'is enabled after it was disabled',
    () =>
      rescheduled(async (KeyId) => {
        await kms.send(new sdk.DisableKeyRotationCommand({ KeyId }))
        await enable(KeyId)
      }),
    { RotationPeriodInDays: 365, moved: true },
  ],
  ...[HMAC, RSA, SIGNING].flatMap((kind): Row[] => [
    [
      `is listed of ${kind.KeySpec}`,
      async () =>
        kms.send(new sdk.ListKeyRotationsCommand({ KeyId: await made(kind), IncludeKeyMaterial: 'ALL_KEY_MATERIAL' })),
      { Rotations: [], Truncated: false },
    ],
    [
      `is disabled of ${kind.KeySpec}`,
      async () => kms.send(new sdk.DisableKeyRotationCommand({ KeyId: await made(kind) })),
      {},
    ],
    [`is enabled of ${kind.KeySpec}`, async () => enable(await made(kind)), 'UnsupportedOperationException'],
    [
      `is asked for of a disabled ${kind.KeySpec}`,
      async () => kms.send(new sdk.RotateKeyOnDemandCommand({ KeyId: await disabled(kind) })),
      'DisabledException: <arn> is disabled.',
    ],
  ]),
  [
    'is asked for while one is pending',
    async () => {
      const KeyId = await made({ MultiRegion: true })
      await kms.send(new sdk.ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
      await untilState(away, KeyId, 'Enabled')
      await pauseReplication(server, true)
      try {
        for (let times = 0; times < 2; times++) await kms.send(new sdk.RotateKeyOnDemandCommand({ KeyId }))
        return await kms.send(new sdk.ListKeyRotationsCommand({ KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' }))
      } finally {
        await pauseReplication(server, false)
      }
    },
    { Rotations: [{ KeyMaterialState: 'CURRENT' }, { KeyMaterialState: 'PENDING_ROTATION' }] },
  ],
  ['is asked after while PendingImport', async () => status(await made(EXTERNAL)), { KeyRotationEnabled: false }],
  [
    'is asked after of a primary that waits for its replicas to be deleted',
    async () => {
      const KeyId = await made({ MultiRegion: true })
      await enable(KeyId, 100)
      await kms.send(new sdk.ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
      await untilState(away, KeyId, 'Enabled')
      await kms.send(new sdk.ScheduleKeyDeletionCommand({ KeyId }))
      return status(KeyId)
    },
    { KeyRotationEnabled: true, RotationPeriodInDays: 100, NextRotationDate: expect.any(Date) as unknown },
  ],
])

const WRONG_KEY =
  'IncorrectKeyException: The key ID in the request does not identify a CMK that can perform this operation.'

/** Sends a ciphertext of a new key to be decrypted, or encrypted again, with what names another. */
function opened(other: () => Promise<string>): readonly (() => Promise<unknown>)[] {
  const sealed = async () => {
    const KeyId = await made({ MultiRegion: true })
    const { CiphertextBlob } = await kms.send(new sdk.EncryptCommand({ KeyId, Plaintext: bytes() }))
    return { KeyId, CiphertextBlob }
  }
  return [
    async () => {
      const { CiphertextBlob } = await sealed()
      return kms.send(new sdk.DecryptCommand({ CiphertextBlob, KeyId: await other() }))
    },
    async () => {
      const { KeyId, CiphertextBlob } = await sealed()
      const SourceKeyId = await other()
      return kms.send(new sdk.ReEncryptCommand({ CiphertextBlob, SourceKeyId, DestinationKeyId: KeyId }))
    },
  ]
}

rows('A ciphertext is read before the key that is named', [
  ...(
    [
      ['of HMAC', () => made(HMAC)],
      ['of RSA', () => made(RSA)],
      ['for signing', () => made(SIGNING)],
      ['that is disabled', () => disabled({})],
      ['of another Region', async () => `arn:aws:kms:eu-west-1:111122223333:key/${await made({ MultiRegion: true })}`],
      ['of another Region, the same', () => Promise.resolve(lastArn.replace(HOME, AWAY))],
    ] as const
  ).flatMap(([which, other]) =>
    opened(other).map((ask, index): Row => [
      `${index === 0 ? 'Decrypt' : 'ReEncrypt'} with a key ${which}`,
      ask,
      WRONG_KEY,
    ]),
  ),
  [
    'no ciphertext, and a key of another kind',
    async () => kms.send(new sdk.DecryptCommand({ CiphertextBlob: bytes('no ciphertext'), KeyId: await made(HMAC) })),
    'InvalidCiphertextException',
  ],
  [
    'an RSA algorithm without a key',
    () =>
      kms.send(new sdk.DecryptCommand({ CiphertextBlob: randomBytes(256), EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' })),
    'ValidationException: KeyId must not be null',
  ],
  ...(['encrypting', 'decrypting'] as const).map((doing): Row => [
    `an encryption context for RSA, ${doing}`,
    async () => {
      const more = {
        KeyId: await made(RSA),
        EncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
        EncryptionContext: { a: 'b' },
      } as const
      return doing === 'encrypting'
        ? kms.send(new sdk.EncryptCommand({ ...more, Plaintext: bytes() }))
        : kms.send(new sdk.DecryptCommand({ ...more, CiphertextBlob: randomBytes(256) }))
    },
    `ValidationException: EncryptionContext is not supported when ${doing} with asymmetric CMKs.`,
  ]),
])

const importing = (KeyId: string, length: number, more: object = STAYS) =>
  importInto(kms, KeyId, randomBytes(length), more)
const days = (count: number) => new Date(Date.now() + count * 86_400_000)

rows('Importing', [
  [
    'material into a disabled key',
    async () => {
      const { KeyId, material } = await imported()
      await kms.send(new sdk.DisableKeyCommand({ KeyId }))
      await importInto(kms, KeyId, material, EXISTING)
      return kms.send(new sdk.DescribeKeyCommand({ KeyId }))
    },
    { KeyMetadata: { KeyState: 'Enabled', Enabled: true } },
  ],
  ['31 bytes', async () => importing(await made(EXTERNAL), 31), 'InvalidCiphertextException'],
  [
    '31 bytes of HMAC_256',
    async () => importing(await made({ ...EXTERNAL, ...HMAC }), 31),
    'InvalidCiphertextException',
  ],
  [
    'what was not wrapped',
    async () => {
      const KeyId = await made(EXTERNAL)
      const { ImportToken } = await parameters(kms, KeyId)
      return kms.send(
        new sdk.ImportKeyMaterialCommand({ KeyId, ImportToken, EncryptedKeyMaterial: randomBytes(256), ...STAYS }),
      )
    },
    'InvalidCiphertextException',
  ],
  [
    'with a token of another key',
    async () => {
      const { ImportToken } = await parameters(kms, await made(EXTERNAL))
      const KeyId = await made(EXTERNAL)
      return kms.send(
        new sdk.ImportKeyMaterialCommand({ KeyId, ImportToken, EncryptedKeyMaterial: randomBytes(256), ...STAYS }),
      )
    },
    'InvalidImportTokenException',
  ],
  [
    'until yesterday',
    async () => importing(await made(EXTERNAL), 32, { ValidTo: days(-1) }),
    'ValidationException: ValidTo must be in the future',
  ],
  [
    'until in 366 days',
    async () => importing(await made(EXTERNAL), 32, { ValidTo: days(366) }),
    'ValidationException: ValidTo must be less than 365 days in the future',
  ],
  [
    'is taken back by an id that was never there',
    async () => {
      const { KeyId } = await imported()
      return kms.send(new sdk.DeleteImportedKeyMaterialCommand({ KeyId, KeyMaterialId: 'a'.repeat(64) }))
    },
    `ValidationException: Key material (id: ${'a'.repeat(64)}) has never been imported into KMS key <arn>.`,
  ],
  ...(
    [
      ['RSAES_PKCS1_V1_5', {}, 'SYMMETRIC_DEFAULT'],
      ['RSA_AES_KEY_WRAP_SHA_256', {}, 'SYMMETRIC_DEFAULT'],
      ['RSAES_OAEP_SHA_256', RSA, 'RSA_2048'],
    ] as const
  ).map(([WrappingAlgorithm, kind, spec]): Row => [
    `with ${WrappingAlgorithm} into ${spec}`,
    async () => {
      const KeyId = await made({ ...EXTERNAL, ...kind })
      return kms.send(new sdk.GetParametersForImportCommand({ KeyId, WrappingAlgorithm, WrappingKeySpec: 'RSA_2048' }))
    },
    `ValidationException: Wrapping algorithm ${WrappingAlgorithm} and wrapping key spec RSA_2048 cannot be used to ` +
      `import a ${spec} key.`,
  ]),
  [
    'encrypting before it',
    async () => kms.send(new sdk.EncryptCommand({ KeyId: await made(EXTERNAL), Plaintext: bytes() })),
    'KMSInvalidStateException: <arn> is pending import.',
  ],
])

async function replicatedImport() {
  const { KeyId, material } = await imported({ MultiRegion: true })
  const { ReplicaKeyMetadata } = await kms.send(new sdk.ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
  await untilState(away, KeyId, 'PendingImport')
  return { KeyId, material, ReplicaKeyMetadata }
}

rows('A multi-Region key of imported material', [
  [
    'is replicated',
    async () => replicatedImport(),
    { ReplicaKeyMetadata: { KeyState: 'Creating', ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' } },
  ],
  [
    'gets new material in a replica',
    async () => {
      const { KeyId } = await replicatedImport()
      return importInto(away, KeyId, randomBytes(32), NEW)
    },
    'ValidationException: Input parameter ImportType NEW_KEY_MATERIAL cannot be used on replica Multi-Region keys',
  ],
  [
    'is rotated before its replicas have the material',
    async () => {
      const { KeyId, material } = await replicatedImport()
      await importInto(away, KeyId, material)
      await importInto(kms, KeyId, randomBytes(32), NEW)
      return kms.send(new sdk.RotateKeyOnDemandCommand({ KeyId }))
    },
    'KMSInvalidStateException: Cannot perform key material rotation: Key material has not been imported for replicas ' +
      'of the Multi-Region key.',
  ],
])

const CustomKeyStoreId = 'cks-1234567890abcdef0'
const NO_STORE =
  `CustomKeyStoreNotFoundException: Custom key store ${CustomKeyStoreId} is not found: this server has no custom key ` +
  'stores.'

rows('Making keys and aliases', [
  [
    'a key with both specs',
    () => made({ KeySpec: 'SYMMETRIC_DEFAULT', CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT' }),
    'ValidationException: You cannot specify KeySpec and CustomerMasterKeySpec in the same request. ' +
      'CustomerMasterKeySpec is deprecated.',
  ],
  ['a key in a custom key store', () => made({ Origin: 'AWS_CLOUDHSM', CustomKeyStoreId }), NO_STORE],
  [
    'random bytes of a custom key store',
    () => kms.send(new sdk.GenerateRandomCommand({ NumberOfBytes: 1, CustomKeyStoreId })),
    NO_STORE,
  ],
  [
    'a custom key store to be connected',
    () => kms.send(new sdk.ConnectCustomKeyStoreCommand({ CustomKeyStoreId })),
    NO_STORE,
  ],
  [
    'an alias with a colon',
    async () => kms.send(new sdk.CreateAliasCommand({ AliasName: 'alias/my:alias', TargetKeyId: await made() })),
    'ValidationException: alias/my:alias contains invalid characters for an alias',
  ],
  [
    'the public half of a symmetric key',
    async () => kms.send(new sdk.GetPublicKeyCommand({ KeyId: await made() })),
    'UnsupportedOperationException',
  ],
  [
    'a marker that nobody gave',
    () => kms.send(new sdk.ListKeysCommand({ Marker: 'made up' })),
    'InvalidMarkerException',
  ],
  [
    'what a key of Ed25519 signs with',
    async () =>
      kms.send(
        new sdk.DescribeKeyCommand({
          KeyId: await made({ KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' }),
        }),
      ),
    { KeyMetadata: { SigningAlgorithms: ['ED25519_PH_SHA_512', 'ED25519_SHA_512'] } },
  ],
  [
    'a μ for a key of another kind',
    async () =>
      kms.send(
        new sdk.SignCommand({
          KeyId: await made(SIGNING),
          Message: randomBytes(64),
          MessageType: 'EXTERNAL_MU',
          SigningAlgorithm: 'ECDSA_SHA_256',
        }),
      ),
    'ValidationException: Message type EXTERNAL_MU is incompatible with key spec ECC_NIST_P256.',
  ],
])

const ROOT = 'arn:aws:iam::111122223333:root'

function grant(KeyId: string, more: Partial<sdk.CreateGrantCommandInput> = {}) {
  return kms.send(new sdk.CreateGrantCommand({ KeyId, GranteePrincipal: ROOT, Operations: ['Decrypt'], ...more }))
}

async function role(): Promise<{ RoleName: string; arn: string; id: string }> {
  const RoleName = `role-${randomUUID()}`
  const AssumeRolePolicyDocument = policyOf({ Effect: 'Allow', Principal: { AWS: ROOT }, Action: 'sts:AssumeRole' })
  const { Role } = await people.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }))
  return { RoleName, arn: Role?.Arn ?? '', id: Role?.RoleId ?? '' }
}

async function gone(): Promise<{ arn: string; id: string }> {
  const { RoleName, arn, id } = await role()
  await people.iam.send(new DeleteRoleCommand({ RoleName }))
  return { arn, id }
}

/** The constraints of a grant as it is listed, of those that were sent. */
async function constraintsOf(Constraints: sdk.GrantConstraints | undefined) {
  const KeyId = await made()
  await grant(KeyId, { Constraints })
  const { Grants } = await kms.send(new sdk.ListGrantsCommand({ KeyId }))
  return { Constraints: Grants?.[0]?.Constraints ?? 'none' }
}

const pairs = { a: 'b' }
const VALID_MAC = 'CreateGrant, RetireGrant, DescribeKey, GenerateMac, VerifyMac'

rows('Grants', [
  [
    // Terraform's AWS provider sends both maps, whichever is meant.
    'with one constraint, and the other empty',
    () => constraintsOf({ EncryptionContextEquals: pairs, EncryptionContextSubset: {} }),
    { Constraints: { EncryptionContextEquals: pairs } },
  ],
  [
    'with the other constraint, and the one empty',
    () => constraintsOf({ EncryptionContextEquals: {}, EncryptionContextSubset: pairs }),
    { Constraints: { EncryptionContextSubset: pairs } },
  ],
  [
    'with both constraints empty',
    () => constraintsOf({ EncryptionContextEquals: {}, EncryptionContextSubset: {} }),
    { Constraints: 'none' },
  ],
  [
    'on HMAC keys to encrypt',
    async () => grant(await made(HMAC), { Operations: ['Encrypt', 'GenerateMac'] }),
    'ValidationException: Operations [Encrypt] are not supported when creating a grant for a symmetric KMS key with ' +
      `key usage GENERATE_VERIFY_MAC. Valid operations are [${VALID_MAC}].`,
  ],
  [
    'on HMAC keys with a constraint',
    async () =>
      grant(await made(HMAC), { Operations: ['GenerateMac'], Constraints: { EncryptionContextEquals: pairs } }),
    'ValidationException: EncryptionContext is supported only when creating a grant for a symmetric encryption KMS key.',
  ],
  ...(['dynamodb.us-west-1.amazonaws.com', 'dynamodb.amazonaws.com'] as const).map((service): Row => [
    `to ${service}`,
    async () => {
      const KeyId = await made()
      await grant(KeyId, { GranteePrincipal: service, RetiringPrincipal: service })
      return kms.send(new sdk.ListGrantsCommand({ KeyId, GranteePrincipal: service }))
    },
    { Grants: [{ GranteePrincipal: service, RetiringPrincipal: service }] },
  ]),
  [
    'of one name, to one session by its id and by its ARN',
    async () => {
      const { RoleName, id } = await role()
      const KeyId = await made()
      const names = [`${id}:session`, `arn:aws:sts::111122223333:assumed-role/${RoleName}/session`]
      const made1 = await grant(KeyId, { Name: 'one', GranteePrincipal: names[0], RetiringPrincipal: names[1] })
      const made2 = await grant(KeyId, { Name: 'one', GranteePrincipal: names[1], RetiringPrincipal: names[0] })
      return { same: made1.GrantId === made2.GrantId }
    },
    { same: true },
  ],
  [
    'that a session can retire, by its id',
    async () => {
      const RetiringPrincipal = `${(await role()).id}:session`
      await grant(await made(), { RetiringPrincipal, Name: 'retirable' })
      return kms.send(new sdk.ListRetirableGrantsCommand({ RetiringPrincipal }))
    },
    { Grants: [{ Name: 'retirable' }] },
  ],
])

describe('Grants to principals that are no more', () => {
  it('are not listed by their ARNs and ids', async () => {
    const KeyId = await made()
    const { arn, id } = await gone()
    const listed = (GranteePrincipal: string) =>
      refusalOf(kms.send(new sdk.ListGrantsCommand({ KeyId, GranteePrincipal })))
    expect(await listed(arn)).toMatchObject({
      name: 'InvalidArnException',
      message: `ARN does not refer to a valid principal: ${arn}`,
    })
    expect(await listed(id)).toMatchObject({
      name: 'InvalidArnException',
      message: 'Input does not refer to a valid principal',
    })
    const RetiringPrincipal = `${id}:session`
    expect(await refusalOf(kms.send(new sdk.ListRetirableGrantsCommand({ RetiringPrincipal })))).toMatchObject({
      name: 'NotFoundException',
      message: `Retiring principal ${RetiringPrincipal} could not be found`,
    })
  })
})

/** Sends a body as it stands: AWS's client leaves out what it takes for absent. */
async function answerTo(operation: string, body: object): Promise<unknown> {
  const target = `TrentService.${operation}`
  const plan = { url: server.url, credentials: await server.credentials(), target, body: JSON.stringify(body) }
  const { text } = await send(server.url, await signRequest(plan))
  return text === '' ? {} : JSON.parse(text)
}

describe('A member of a structure that is null', () => {
  it('is absent, however deep it stands', async () => {
    const KeyId = await made()
    const given = { KeyId, GranteePrincipal: ROOT, Operations: ['Decrypt'], RetiringPrincipal: null }
    const Constraints = { EncryptionContextEquals: null, EncryptionContextSubset: pairs }
    await answerTo('CreateGrant', { ...given, Constraints })
    await answerTo('CreateGrant', { ...given, Constraints: null, Name: null })
    const { Grants = [] } = await kms.send(new sdk.ListGrantsCommand({ KeyId }))
    const found = Grants.map((each) => JSON.stringify(each.Constraints ?? null)).toSorted()
    expect(found).toEqual(['null', '{"EncryptionContextSubset":{"a":"b"}}'])
    expect(await answerTo('TagResource', { KeyId, Tags: [{ TagKey: 'a', TagValue: null }] })).toMatchObject({
      message: expect.stringContaining("Value null at 'tags.1.member.tagValue'") as unknown,
    })
  })

  it('is no value of a map, and no item of a list', async () => {
    const KeyId = await made()
    for (const [operation, body] of [
      ['Encrypt', { KeyId, Plaintext: 'dGV4dA==', EncryptionContext: { a: null } }],
      ['UntagResource', { KeyId, TagKeys: [null] }],
    ] as const) {
      expect(await answerTo(operation, body)).toMatchObject({ __type: 'SerializationException' })
    }
  })
})

describe('A refusal', () => {
  it.each<[string, string, object]>([
    ['SerializationException', 'ListKeys', { Limit: 2 ** 60 }],
    ['SerializationException', 'GenerateRandom', { NumberOfBytes: -(2 ** 53) }],
    ['SerializationException', 'ScheduleKeyDeletion', { KeyId: 'k', PendingWindowInDays: 2 ** 31 }],
    ['SerializationException', 'EnableKeyRotation', { KeyId: 'k', RotationPeriodInDays: 365.5 }],
    ['ValidationException', 'ListKeys', { Limit: 2 ** 31 - 1 }],
    ['ValidationException', 'Decrypt', { CiphertextBlob: Buffer.alloc(6145, 'm').toString('base64') }],
    ['ValidationException', 'Verify', { Signature: Buffer.alloc(6145, 'm').toString('base64') }],
    ['ValidationException', 'ImportKeyMaterial', { ImportToken: Buffer.alloc(6145, 'm').toString('base64') }],
  ])('says %s of %s without limits of JavaScript and without bytes that were sent', async (name, operation, body) => {
    const { __type, message } = (await answerTo(operation, body)) as { __type: string; message: string }
    expect(__type).toBe(name)
    expect(message).not.toMatch(/9007199254740991|bW1tbW1t|received|8640000/)
  })

  it.each<[string, object, string]>([
    ['CreateAlias', { AliasName: 'alias/a b', TargetKeyId: 'k' }, '^[a-zA-Z0-9:/_-]+$'],
    ['GetKeyPolicy', { KeyId: 'k', PolicyName: 'a b' }, '[\\w]+'],
    ['PutKeyPolicy', { KeyId: 'k', Policy: '€' }, '[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+'],
    ['ReplicateKey', { KeyId: 'k', ReplicaRegion: 'EU' }, '^([a-z]+-){2,3}\\d+$'],
    ['CreateGrant', { KeyId: 'k', GranteePrincipal: '*', Operations: ['Decrypt'] }, '^[\\w+=,.@:/-]+$'],
    [
      'CreateCustomKeyStore',
      { CustomKeyStoreName: 'n', XksProxyUriEndpoint: 'http://a.example' },
      '^https://[a-zA-Z0-9.-]+$',
    ],
  ])('of %s tells the pattern as AWS’s model writes it', async (operation, body, pattern) => {
    const { message } = (await answerTo(operation, body)) as { message: string }
    expect(message).toMatch(/^1 validation error detected: /)
    expect(
      message.endsWith(`failed to satisfy constraint: Member must satisfy regular expression pattern: ${pattern}`),
    ).toBe(true)
  })
})
