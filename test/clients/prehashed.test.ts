import {
  CreateKeyCommand,
  DescribeKeyCommand,
  GetPublicKeyCommand,
  ReplicateKeyCommand,
  SignCommand,
  VerifyCommand,
  type CreateKeyCommandInput,
  type KMSClient,
  type SignCommandInput,
} from '@aws-sdk/client-kms'
import { ed25519ph } from '@noble/curves/ed25519.js'
import { createHash, createPublicKey, verify } from 'node:crypto'
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

type Input = Pick<SignCommandInput, 'Message' | 'MessageType' | 'SigningAlgorithm'>

async function createKey(input: CreateKeyCommandInput): Promise<string> {
  const { KeyMetadata } = await home.send(new CreateKeyCommand({ KeyUsage: 'SIGN_VERIFY', ...input }))
  return KeyMetadata?.KeyId ?? ''
}

/** The id of a key that is in both Regions. */
async function createRelated(KeySpec: CreateKeyCommandInput['KeySpec']): Promise<string> {
  const KeyId = await createKey({ KeySpec, MultiRegion: true })
  await home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
  await untilState(away, KeyId, 'Enabled')
  return KeyId
}

async function publicKeyOf(KeyId: string) {
  const { PublicKey = Buffer.of() } = await home.send(new GetPublicKeyCommand({ KeyId }))
  return createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' })
}

async function signed(client: KMSClient, KeyId: string, input: Input): Promise<Buffer> {
  const { Signature, SigningAlgorithm } = await client.send(new SignCommand({ KeyId, ...input }))
  expect(SigningAlgorithm).toBe(input.SigningAlgorithm)
  return Buffer.from(Signature ?? [])
}

async function expectGood(client: KMSClient, KeyId: string, input: Input, Signature: Buffer): Promise<void> {
  const verified = await client.send(new VerifyCommand({ KeyId, ...input, Signature }))
  expect(verified).toMatchObject({ SignatureValid: true, SigningAlgorithm: input.SigningAlgorithm })
}

/** What Sign and Verify refuse alike. */
async function refusalOfBoth(KeyId: string, input: Input) {
  const refusal = await refusalOf(home.send(new SignCommand({ KeyId, ...input })))
  const other = await refusalOf(home.send(new VerifyCommand({ KeyId, ...input, Signature: Buffer.alloc(64) })))
  expect({ ...other, message: other.message.replace('kms:Verify', 'kms:Sign') }).toEqual(refusal)
  return refusal
}

/** A policy that lets a key be used for anything but requests with one value of a condition key. */
function forbidding(name: string, value: string): string {
  const everything = { Action: 'kms:*', Resource: '*' }
  const Condition = { StringEquals: { [name]: value } }
  const Statement = [
    { Effect: 'Allow', Principal: { AWS: '111122223333' }, ...everything },
    { Effect: 'Deny', Principal: '*', ...everything, Condition },
  ]
  return JSON.stringify({ Version: '2012-10-17', Statement })
}

const message = Buffer.from('the message')
const shake = (...parts: readonly Uint8Array[]) =>
  createHash('shake256', { outputLength: 64 }).update(Buffer.concat(parts)).digest()

describe('Ed25519ph', () => {
  const digest = createHash('sha512').update(message).digest()
  const ofDigest = { Message: digest, MessageType: 'DIGEST', SigningAlgorithm: 'ED25519_PH_SHA_512' } as const
  const ofMessage = { Message: message, MessageType: 'RAW', SigningAlgorithm: 'ED25519_SHA_512' } as const

  it('is listed before Ed25519', async () => {
    const KeyId = await createKey({ KeySpec: 'ECC_NIST_EDWARDS25519' })
    const SigningAlgorithms = ['ED25519_PH_SHA_512', 'ED25519_SHA_512']
    expect((await home.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata).toMatchObject({ SigningAlgorithms })
    expect(await home.send(new GetPublicKeyCommand({ KeyId }))).toMatchObject({ SigningAlgorithms })
  })

  it('makes the same signature in every Region, of the digest, which it hashes once more as AWS does', async () => {
    const KeyId = await createRelated('ECC_NIST_EDWARDS25519')
    const signature = await signed(home, KeyId, ofDigest)
    expect(signature).toHaveLength(64)
    expect(await signed(away, KeyId, ofDigest)).toEqual(signature)
    await expectGood(away, KeyId, ofDigest, signature)
    const publicKey = (await publicKeyOf(KeyId)).export({ format: 'raw-public' })
    expect(ed25519ph.verify(signature, digest, publicKey, { zip215: false })).toBe(true)
    expect(ed25519ph.verify(signature, message, publicKey, { zip215: false })).toBe(false)
  })

  it('is another signature than Ed25519’s, and neither is taken for the other', async () => {
    const KeyId = await createRelated('ECC_NIST_EDWARDS25519')
    const cases = [
      [ofDigest, await signed(home, KeyId, { ...ofMessage, Message: digest })],
      [{ ...ofMessage, Message: digest }, await signed(home, KeyId, ofDigest)],
      [{ ...ofDigest, Message: shake(message) }, await signed(home, KeyId, ofDigest)],
      [ofDigest, Buffer.alloc(63, 1)],
      [ofDigest, Buffer.alloc(64, 0xff)],
    ] as const
    for (const [input, Signature] of cases) {
      const refusal = await refusalOf(away.send(new VerifyCommand({ KeyId, ...input, Signature })))
      expect(refusal.name).toBe('KMSInvalidSignatureException')
    }
  })

  it('takes digests of 64 bytes, and Ed25519 takes messages', async () => {
    const KeyId = await createKey({ KeySpec: 'ECC_NIST_EDWARDS25519' })
    const refused = [
      [{ ...ofDigest, MessageType: 'RAW' }, 'MessageType RAW is not valid for algorithm ED25519_PH_SHA_512.'],
      [{ ...ofDigest, MessageType: undefined }, 'MessageType RAW is not valid for algorithm ED25519_PH_SHA_512.'],
      [
        { ...ofDigest, MessageType: 'EXTERNAL_MU' },
        'Message type EXTERNAL_MU is incompatible with key spec ECC_NIST_EDWARDS25519.',
      ],
      [{ ...ofDigest, Message: digest.subarray(1) }, 'Digest is invalid length for algorithm ED25519_PH_SHA_512.'],
      [
        { ...ofDigest, Message: Buffer.concat([digest, digest]) },
        'Digest is invalid length for algorithm ED25519_PH_SHA_512.',
      ],
      [
        { ...ofDigest, SigningAlgorithm: 'ED25519_SHA_512' },
        'MessageType DIGEST is not valid for algorithm ED25519_SHA_512.',
      ],
    ] as const
    for (const [input, text] of refused)
      expect(await refusalOfBoth(KeyId, input)).toMatchObject({ name: 'ValidationException', message: text })
  })

  it('is kept from a key by a policy on kms:SigningAlgorithm, and tried out in a dry run', async () => {
    const Policy = forbidding('kms:SigningAlgorithm', 'ED25519_PH_SHA_512')
    const KeySpec = 'ECC_NIST_EDWARDS25519'
    const KeyId = await createKey({ KeySpec, Policy, BypassPolicyLockoutSafetyCheck: true })
    expect((await refusalOfBoth(KeyId, ofDigest)).name).toBe('AccessDeniedException')
    await signed(home, KeyId, ofMessage)
    const other = await createKey({ KeySpec })
    const dry = await refusalOf(home.send(new SignCommand({ KeyId: other, ...ofDigest, DryRun: true })))
    expect(dry.name).toBe('DryRunOperationException')
  })
})

describe.each(['ML_DSA_44', 'ML_DSA_65', 'ML_DSA_87'] as const)('%s of an external μ', (KeySpec) => {
  const ofMessage = { Message: message, MessageType: 'RAW', SigningAlgorithm: 'ML_DSA_SHAKE_256' } as const
  const ofMu = (Message: Uint8Array) => ({ ...ofMessage, MessageType: 'EXTERNAL_MU', Message }) as const

  /** FIPS 204's μ of a message and an empty context. */
  async function muOf(KeyId: string, of: Uint8Array): Promise<Buffer> {
    const publicKey = (await publicKeyOf(KeyId)).export({ format: 'raw-public' })
    return shake(shake(publicKey), Buffer.of(0, 0), of)
  }

  it('is one signature with that of the message, in every Region and for OpenSSL', async () => {
    const KeyId = await createRelated(KeySpec)
    const mu = await muOf(KeyId, message)
    for (const [here, there] of [[home, away] as const, [away, home] as const]) {
      const signature = await signed(here, KeyId, ofMu(mu))
      await expectGood(there, KeyId, ofMu(mu), signature)
      await expectGood(there, KeyId, ofMessage, signature)
      expect(verify(null, message, await publicKeyOf(KeyId), signature)).toBe(true)
      await expectGood(there, KeyId, ofMu(mu), await signed(here, KeyId, ofMessage))
      expect(await signed(there, KeyId, ofMu(mu))).not.toEqual(signature)
    }
  })

  it('signs for messages that are longer than what a request may have', async () => {
    const KeyId = await createKey({ KeySpec })
    const long = Buffer.alloc(1 << 20, 'long')
    const signature = await signed(home, KeyId, ofMu(await muOf(KeyId, long)))
    expect(verify(null, long, await publicKeyOf(KeyId), signature)).toBe(true)
  })

  it('refuses what is no μ, and signatures of others', async () => {
    const KeyId = await createRelated(KeySpec)
    const mu = await muOf(KeyId, message)
    for (const bad of [mu.subarray(1), Buffer.concat([mu, Buffer.of(0)]), message]) {
      const text = 'Digest is invalid length for algorithm ML_DSA_SHAKE_256.'
      expect(await refusalOfBoth(KeyId, ofMu(bad))).toMatchObject({ name: 'ValidationException', message: text })
    }
    const digest = { ...ofMu(mu), MessageType: 'DIGEST' } as const
    expect(await refusalOfBoth(KeyId, digest)).toMatchObject({
      name: 'ValidationException',
      message: 'MessageType DIGEST is not valid for algorithm ML_DSA_SHAKE_256.',
    })
    const ofBytes = await signed(home, KeyId, { ...ofMessage, Message: mu })
    const ofAnother = await signed(home, KeyId, ofMu(await muOf(KeyId, Buffer.from('another'))))
    for (const Signature of [ofBytes, ofAnother, ofAnother.subarray(1), Buffer.alloc(ofAnother.length)]) {
      const refusal = await refusalOf(away.send(new VerifyCommand({ KeyId, ...ofMu(mu), Signature })))
      expect(refusal.name).toBe('KMSInvalidSignatureException')
    }
  })

  it('is kept from a key by a policy on kms:MessageType', async () => {
    const Policy = forbidding('kms:MessageType', 'EXTERNAL_MU')
    const KeyId = await createKey({ KeySpec, Policy, BypassPolicyLockoutSafetyCheck: true })
    expect((await refusalOfBoth(KeyId, ofMu(Buffer.alloc(64)))).name).toBe('AccessDeniedException')
    await signed(home, KeyId, ofMessage)
  })
})
