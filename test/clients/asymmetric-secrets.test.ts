import {
  CreateKeyCommand,
  DecapsulateCommand,
  DecryptCommand,
  DeriveSharedSecretCommand,
  DescribeKeyCommand,
  EncapsulateCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyPairCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  ReEncryptCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  SignCommand,
  type CreateKeyCommandInput,
  type KMSClient,
} from '@aws-sdk/client-kms'
import {
  constants,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  encapsulate,
  generateKeyPairSync,
  publicEncrypt,
} from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { kmsClient, refusalOf, untilState } from './kms-client.ts'

let server: TestServer
let home: KMSClient
let away: KMSClient

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  home = await kmsClient(server, HOME)
  away = await kmsClient(server, AWAY)
})
afterAll(() => server[Symbol.asyncDispose]())

async function createKey(input: CreateKeyCommandInput = {}): Promise<{ id: string; arn: string }> {
  const { KeyMetadata } = await home.send(new CreateKeyCommand(input))
  return { id: KeyMetadata?.KeyId ?? '', arn: KeyMetadata?.Arn ?? '' }
}

/** The id of a key that is in both Regions, and its public half, which is the same in both. */
async function createRelated(input: CreateKeyCommandInput) {
  const { id } = await createKey({ ...input, MultiRegion: true })
  await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }))
  await untilState(away, id, 'Enabled')
  const here = await home.send(new GetPublicKeyCommand({ KeyId: id }))
  const there = await away.send(new GetPublicKeyCommand({ KeyId: id }))
  expect(there.PublicKey).toEqual(here.PublicKey)
  const der = Buffer.from(here.PublicKey ?? [])
  return { KeyId: id, answer: here, publicKey: createPublicKey({ key: der, format: 'der', type: 'spki' }) }
}

describe.each([
  ['RSA_2048', 214, 190],
  ['RSA_3072', 342, 318],
  ['RSA_4096', 470, 446],
] as const)('An encryption key of %s', (KeySpec, withSha1, withSha256) => {
  it('opens in every Region what anybody has encrypted with its public half, up to its size', async () => {
    const { KeyId, answer, publicKey } = await createRelated({ KeySpec, KeyUsage: 'ENCRYPT_DECRYPT' })
    expect(answer.EncryptionAlgorithms).toEqual(['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'])
    const cases = [
      ['RSAES_OAEP_SHA_1', 'sha1', withSha1],
      ['RSAES_OAEP_SHA_256', 'sha256', withSha256],
    ] as const
    for (const [EncryptionAlgorithm, oaepHash, size] of cases) {
      const Plaintext = Buffer.from('p'.repeat(size))
      const sealed = await home.send(new EncryptCommand({ KeyId, EncryptionAlgorithm, Plaintext }))
      const local = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, Plaintext)
      for (const CiphertextBlob of [sealed.CiphertextBlob, local]) {
        const opened = await away.send(new DecryptCommand({ KeyId, EncryptionAlgorithm, CiphertextBlob }))
        expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Plaintext)
        expect(opened).not.toHaveProperty('KeyMaterialId')
      }
      const more = Buffer.concat([Plaintext, Buffer.of(1)])
      expect(
        await refusalOf(home.send(new EncryptCommand({ KeyId, EncryptionAlgorithm, Plaintext: more }))),
      ).toMatchObject({
        name: 'ValidationException',
        message: `Algorithm ${EncryptionAlgorithm} and key spec ${KeySpec} cannot encrypt data larger than ${size} bytes.`,
      })
    }
  })
})

describe('An encryption key of RSA', () => {
  const making = { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' } as const
  const EncryptionAlgorithm = 'RSAES_OAEP_SHA_256'

  it('takes over from symmetric keys and hands over to them', async () => {
    const rsa = (await createKey(making)).id
    const symmetric = await createKey()
    const { CiphertextBlob } = await home.send(
      new EncryptCommand({ KeyId: symmetric.id, Plaintext: Buffer.from('text') }),
    )
    const to = { DestinationKeyId: rsa, DestinationEncryptionAlgorithm: EncryptionAlgorithm, CiphertextBlob } as const
    const there = await home.send(new ReEncryptCommand(to))
    expect(there).not.toHaveProperty('DestinationKeyMaterialId')
    const from = { SourceKeyId: rsa, SourceEncryptionAlgorithm: EncryptionAlgorithm } as const
    const back = { ...from, DestinationKeyId: symmetric.id, CiphertextBlob: there.CiphertextBlob }
    const again = await home.send(new ReEncryptCommand(back))
    expect(again).not.toHaveProperty('SourceKeyMaterialId')
    const { Plaintext } = await home.send(new DecryptCommand({ CiphertextBlob: again.CiphertextBlob }))
    expect(Buffer.from(Plaintext ?? []).toString()).toBe('text')
  })

  it('refuses an encryption context, other algorithms, foreign ciphertexts and data keys', async () => {
    const { id: KeyId } = await createKey(making)
    const Plaintext = Buffer.from('text')
    const names = async (...requests: readonly Promise<unknown>[]) =>
      Promise.all(requests.map(async (request) => (await refusalOf(request)).name))
    const EncryptionContext = { a: 'b' }
    const { CiphertextBlob } = await home.send(new EncryptCommand({ KeyId, Plaintext, EncryptionAlgorithm }))
    expect(
      await names(
        home.send(new EncryptCommand({ KeyId, Plaintext, EncryptionAlgorithm, EncryptionContext })),
        home.send(new DecryptCommand({ KeyId, CiphertextBlob, EncryptionAlgorithm, EncryptionContext })),
        home.send(new EncryptCommand({ KeyId, Plaintext })),
        home.send(new DecryptCommand({ KeyId, CiphertextBlob, EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' })),
        home.send(new DecryptCommand({ KeyId, CiphertextBlob: Buffer.from('short'), EncryptionAlgorithm })),
        home.send(new DecryptCommand({ CiphertextBlob, EncryptionAlgorithm })),
        home.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' })),
        home.send(new GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: 'ECC_NIST_P256' })),
        home.send(new RotateKeyOnDemandCommand({ KeyId })),
      ),
    ).toEqual([
      'ValidationException',
      'ValidationException',
      'InvalidKeyUsageException',
      'InvalidCiphertextException',
      'InvalidCiphertextException',
      'ValidationException',
      'InvalidKeyUsageException',
      'InvalidKeyUsageException',
      'UnsupportedOperationException',
    ])
  })
})

describe.each([
  ['ECC_NIST_P256', 'P-256', 32],
  ['ECC_NIST_P384', 'P-384', 48],
  ['ECC_NIST_P521', 'P-521', 66],
] as const)('A key agreement key of %s', (KeySpec, namedCurve, bytes) => {
  it('shares one secret with another party, in every Region', async () => {
    const { KeyId, answer, publicKey } = await createRelated({ KeySpec, KeyUsage: 'KEY_AGREEMENT' })
    expect(answer).toMatchObject({ KeySpec, KeyUsage: 'KEY_AGREEMENT', KeyAgreementAlgorithms: ['ECDH'] })
    const party = generateKeyPairSync('ec', { namedCurve })
    const PublicKey = party.publicKey.export({ format: 'der', type: 'spki' })
    const expected = diffieHellman({ privateKey: party.privateKey, publicKey })
    expect(expected).toHaveLength(bytes)
    for (const client of [home, away]) {
      const ask = new DeriveSharedSecretCommand({ KeyId, KeyAgreementAlgorithm: 'ECDH', PublicKey })
      const derived = await client.send(ask)
      expect(Buffer.from(derived.SharedSecret ?? [])).toEqual(expected)
      expect(derived).toMatchObject({ KeyAgreementAlgorithm: 'ECDH', KeyOrigin: 'AWS_KMS' })
    }
    const other = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey
    const notOnCurve = Buffer.from(PublicKey)
    notOnCurve.writeUInt8(notOnCurve.readUInt8(notOnCurve.length - 1) ^ 1, notOnCurve.length - 1)
    for (const bad of [other.export({ format: 'der', type: 'spki' }), notOnCurve, PublicKey.subarray(1)]) {
      const ask = new DeriveSharedSecretCommand({ KeyId, KeyAgreementAlgorithm: 'ECDH', PublicKey: bad })
      expect((await refusalOf(home.send(ask))).name).toBe('ValidationException')
    }
  })
})

describe('A data key pair', () => {
  it.each([
    ['RSA_2048', 294],
    ['ECC_NIST_P256', 91],
    ['ECC_NIST_P384', 120],
    ['ECC_NIST_P521', 158],
    ['ECC_SECG_P256K1', 88],
    ['ECC_NIST_EDWARDS25519', 44],
  ] as const)('of %s comes with a private half that only its key decrypts', async (KeyPairSpec, spki) => {
    const { id: KeyId, arn } = await createKey()
    const EncryptionContext = { purpose: 'test' }
    const made = await home.send(new GenerateDataKeyPairCommand({ KeyId, KeyPairSpec, EncryptionContext }))
    expect(made).toMatchObject({ KeyId: arn, KeyPairSpec, KeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/) })
    const { PublicKey = [], PrivateKeyPlaintext = [], PrivateKeyCiphertextBlob: CiphertextBlob } = made
    expect(PublicKey).toHaveLength(spki)
    const privateKey = createPrivateKey({ key: Buffer.from(PrivateKeyPlaintext), format: 'der', type: 'pkcs8' })
    expect(createPublicKey(privateKey).export({ format: 'der', type: 'spki' })).toEqual(Buffer.from(PublicKey))
    const opened = await home.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))
    expect(opened.Plaintext).toEqual(PrivateKeyPlaintext)
    const input = { KeyId, KeyPairSpec, EncryptionContext }
    const sealed = await home.send(new GenerateDataKeyPairWithoutPlaintextCommand(input))
    expect(sealed).not.toHaveProperty('PrivateKeyPlaintext')
    expect(sealed.PublicKey).toHaveLength(spki)
    expect(sealed.PublicKey).not.toEqual(PublicKey)
  })
})

describe.each([
  ['ML_KEM_512', 768],
  ['ML_KEM_768', 1088],
  ['ML_KEM_1024', 1568],
] as const)('A key of %s', (KeySpec, bytes) => {
  const EncapsulationAlgorithm = 'ML_KEM'

  it('recovers in every Region the secret that was encapsulated for it', async () => {
    const making = { KeySpec, KeyUsage: 'ENCAPSULATE_DECAPSULATE' } as const
    const { KeyId, answer, publicKey } = await createRelated(making)
    expect(answer).toMatchObject({ ...making, EncapsulationAlgorithms: ['ML_KEM'] })
    const made = await home.send(new EncapsulateCommand({ KeyId, EncapsulationAlgorithm }))
    const local = encapsulate(publicKey)
    expect(made.SharedSecret).toHaveLength(32)
    expect(made.SharedSecretCiphertextBlob).toHaveLength(bytes)
    const both = [
      [made.SharedSecretCiphertextBlob, made.SharedSecret],
      [local.ciphertext, local.sharedKey],
    ] as const
    for (const [SharedSecretCiphertextBlob, expected] of both) {
      const ask = new DecapsulateCommand({ KeyId, EncapsulationAlgorithm, SharedSecretCiphertextBlob })
      const { SharedSecret } = await away.send(ask)
      expect(Buffer.from(SharedSecret ?? [])).toEqual(Buffer.from(expected ?? []))
    }
    const short = { KeyId, EncapsulationAlgorithm, SharedSecretCiphertextBlob: local.ciphertext.subarray(1) } as const
    expect((await refusalOf(away.send(new DecapsulateCommand(short)))).name).toBe('InvalidCiphertextException')
  })
})

describe('A key policy', () => {
  /** A key of which a policy forbids one use, by the condition key and its value. */
  async function createForbidding(making: CreateKeyCommandInput, name: string, value: string): Promise<string> {
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'kms:*', Resource: '*' },
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 'kms:*',
          Resource: '*',
          Condition: { StringEquals: { [name]: value } },
        },
      ],
    })
    return (await createKey({ ...making, Policy, BypassPolicyLockoutSafetyCheck: true })).id
  }

  const Message = Buffer.from('m'.repeat(32))
  const sign = (
    KeyId: string,
    SigningAlgorithm: 'RSASSA_PSS_SHA_256' | 'RSASSA_PKCS1_V1_5_SHA_256',
    isDigest = false,
  ) => home.send(new SignCommand({ KeyId, Message, SigningAlgorithm, MessageType: isDigest ? 'DIGEST' : undefined }))

  it('can tell signing algorithms and types of messages apart', async () => {
    const making = { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' } as const
    const byAlgorithm = await createForbidding(making, 'kms:SigningAlgorithm', 'RSASSA_PSS_SHA_256')
    await sign(byAlgorithm, 'RSASSA_PKCS1_V1_5_SHA_256')
    expect((await refusalOf(sign(byAlgorithm, 'RSASSA_PSS_SHA_256'))).name).toBe('AccessDeniedException')
    const byType = await createForbidding(making, 'kms:MessageType', 'RAW')
    await sign(byType, 'RSASSA_PSS_SHA_256', true)
    expect((await refusalOf(sign(byType, 'RSASSA_PSS_SHA_256'))).name).toBe('AccessDeniedException')
  })

  it('can forbid MACs, agreements, encryption and data key pairs by their algorithms', async () => {
    const hmac = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' } as const
    const mac = await createForbidding(hmac, 'kms:MacAlgorithm', 'HMAC_SHA_256')
    const ec = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' } as const
    const agreement = await createForbidding(ec, 'kms:KeyAgreementAlgorithm', 'ECDH')
    const rsa = { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' } as const
    const encryption = await createForbidding(rsa, 'kms:EncryptionAlgorithm', 'RSAES_OAEP_SHA_1')
    const pairs = await createForbidding({}, 'kms:DataKeyPairSpec', 'ECC_NIST_P256')
    const encrypt = (EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' | 'RSAES_OAEP_SHA_256') =>
      home.send(new EncryptCommand({ KeyId: encryption, Plaintext: Message, EncryptionAlgorithm }))
    const makePair = (KeyPairSpec: 'ECC_NIST_P256' | 'ECC_NIST_P384') =>
      home.send(new GenerateDataKeyPairCommand({ KeyId: pairs, KeyPairSpec }))
    const derive = { KeyId: agreement, KeyAgreementAlgorithm: 'ECDH', PublicKey: Message } as const
    const forbidden = [
      () => home.send(new GenerateMacCommand({ KeyId: mac, Message, MacAlgorithm: 'HMAC_SHA_256' })),
      () => home.send(new DeriveSharedSecretCommand(derive)),
      () => encrypt('RSAES_OAEP_SHA_1'),
      () => makePair('ECC_NIST_P256'),
    ]
    for (const send of forbidden) expect((await refusalOf(send())).name).toBe('AccessDeniedException')
    await encrypt('RSAES_OAEP_SHA_256')
    await makePair('ECC_NIST_P384')
    await home.send(new DescribeKeyCommand({ KeyId: mac }))
  })
})
