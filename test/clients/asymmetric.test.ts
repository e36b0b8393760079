import {
  CreateKeyCommand,
  DescribeKeyCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  ReplicateKeyCommand,
  SignCommand,
  VerifyCommand,
  VerifyMacCommand,
  type CreateKeyCommandInput,
  type KMSClient,
  type MacAlgorithmSpec,
  type SigningAlgorithmSpec,
} from '@aws-sdk/client-kms'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

type Made = Pick<CreateKeyCommandInput, 'KeySpec' | 'KeyUsage' | 'MultiRegion'>

async function createKey(input: Made): Promise<{ id: string; arn: string }> {
  const { KeyMetadata } = await home.send(new CreateKeyCommand(input))
  return { id: KeyMetadata?.KeyId ?? '', arn: KeyMetadata?.Arn ?? '' }
}

/** The id of a key that is in both Regions. */
async function createRelated(input: Made): Promise<string> {
  const { id } = await createKey({ ...input, MultiRegion: true })
  await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }))
  await untilState(away, id, 'Enabled')
  return id
}

const Message = Buffer.from('the message')

describe.each([224, 256, 384, 512] as const)('A key of HMAC_%i', (bits) => {
  const MacAlgorithm: MacAlgorithmSpec = `HMAC_SHA_${bits}`
  const making: Made = { KeySpec: `HMAC_${bits}`, KeyUsage: 'GENERATE_VERIFY_MAC' }

  it('describes itself by its MAC algorithm', async () => {
    const { KeyMetadata } = await home.send(new DescribeKeyCommand({ KeyId: (await createKey(making)).id }))
    expect(KeyMetadata).toMatchObject({
      ...making,
      CustomerMasterKeySpec: making.KeySpec,
      MacAlgorithms: [MacAlgorithm],
    })
    expect(KeyMetadata).not.toHaveProperty('EncryptionAlgorithms')
    expect(KeyMetadata).not.toHaveProperty('CurrentKeyMaterialId')
  })

  it('makes the same MAC in every Region, and knows it there', async () => {
    const KeyId = await createRelated(making)
    const made = await home.send(new GenerateMacCommand({ KeyId, Message, MacAlgorithm }))
    const same = await away.send(new GenerateMacCommand({ KeyId, Message, MacAlgorithm }))
    expect(made.Mac).toHaveLength(bits / 8)
    expect(same.Mac).toEqual(made.Mac)
    expect(await away.send(new VerifyMacCommand({ KeyId, Message, MacAlgorithm, Mac: made.Mac }))).toMatchObject({
      MacValid: true,
      MacAlgorithm,
      KeyId: expect.stringContaining(AWAY),
    })
    const Mac = Buffer.from(made.Mac ?? [])
    Mac.writeUInt8(Mac.readUInt8(0) ^ 1, 0)
    const bad = [Mac, made.Mac?.subarray(1)]
    for (const each of bad) {
      const refusal = await refusalOf(away.send(new VerifyMacCommand({ KeyId, Message, MacAlgorithm, Mac: each })))
      expect(refusal.name).toBe('KMSInvalidMacException')
    }
  })

  it('refuses other algorithms and other uses', async () => {
    const { id, arn } = await createKey(making)
    const other = bits === 224 ? 'HMAC_SHA_256' : 'HMAC_SHA_224'
    const wrong = await refusalOf(home.send(new GenerateMacCommand({ KeyId: id, Message, MacAlgorithm: other })))
    expect(wrong).toMatchObject({
      name: 'InvalidKeyUsageException',
      message: `Algorithm ${other} is incompatible with key spec HMAC_${bits}.`,
    })
    const dry = await refusalOf(home.send(new GenerateMacCommand({ KeyId: arn, Message, MacAlgorithm, DryRun: true })))
    expect(dry.name).toBe('DryRunOperationException')
  })
})

interface Signing {
  readonly spec: NonNullable<Made['KeySpec']>
  /** The length of the public half in DER. */
  readonly spki: number
  /** OpenSSL's name of its signatures. */
  readonly openSsl: string
  readonly algorithms: readonly SigningAlgorithmSpec[]
}

const RSA: readonly SigningAlgorithmSpec[] = [
  'RSASSA_PKCS1_V1_5_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_512',
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
]
const ED25519: readonly SigningAlgorithmSpec[] = ['ED25519_PH_SHA_512', 'ED25519_SHA_512']
const SIGNING: readonly Signing[] = [
  { spec: 'RSA_2048', spki: 294, openSsl: 'RSA', algorithms: RSA },
  { spec: 'RSA_3072', spki: 422, openSsl: 'RSA', algorithms: RSA },
  { spec: 'RSA_4096', spki: 550, openSsl: 'RSA', algorithms: RSA },
  { spec: 'ECC_NIST_P256', spki: 91, openSsl: 'ECDSA', algorithms: ['ECDSA_SHA_256'] },
  { spec: 'ECC_NIST_P384', spki: 120, openSsl: 'ECDSA', algorithms: ['ECDSA_SHA_384'] },
  { spec: 'ECC_NIST_P521', spki: 158, openSsl: 'ECDSA', algorithms: ['ECDSA_SHA_512'] },
  { spec: 'ECC_SECG_P256K1', spki: 88, openSsl: 'ECDSA', algorithms: ['ECDSA_SHA_256'] },
  { spec: 'ECC_NIST_EDWARDS25519', spki: 44, openSsl: 'ED25519', algorithms: ED25519 },
  { spec: 'ML_DSA_44', spki: 1334, openSsl: 'ML-DSA-44', algorithms: ['ML_DSA_SHAKE_256'] },
  { spec: 'ML_DSA_65', spki: 1974, openSsl: 'ML-DSA-65', algorithms: ['ML_DSA_SHAKE_256'] },
  { spec: 'ML_DSA_87', spki: 2614, openSsl: 'ML-DSA-87', algorithms: ['ML_DSA_SHAKE_256'] },
]
const isDeterministic = (algorithm: string) => algorithm.includes('PKCS1') || algorithm.startsWith('ED25519')
const hashOf = (algorithm: string) => `sha${algorithm.slice(-3)}`
const takesDigests = (algorithm: string) => algorithm.startsWith('RSA') || algorithm.startsWith('ECDSA')
/** Ed25519ph takes nothing but digests: see `prehashed.test.ts`. */
const takesMessages = (algorithm: string) => algorithm !== 'ED25519_PH_SHA_512'

describe.each(SIGNING)('A signing key of $spec', ({ spec, spki, algorithms }) => {
  const making: Made = { KeySpec: spec, KeyUsage: 'SIGN_VERIFY' }

  it('has one public half in every Region, and signatures that are good in every one', async () => {
    const KeyId = await createRelated(making)
    const here = await home.send(new GetPublicKeyCommand({ KeyId }))
    const there = await away.send(new GetPublicKeyCommand({ KeyId }))
    expect(here).toMatchObject({ KeySpec: spec, KeyUsage: 'SIGN_VERIFY', SigningAlgorithms: algorithms })
    expect(here.PublicKey).toHaveLength(spki)
    expect((await home.send(new GetPublicKeyCommand({ KeyId }))).PublicKey).toEqual(here.PublicKey)
    expect(there.PublicKey).toEqual(here.PublicKey)
    for (const SigningAlgorithm of algorithms.filter(takesMessages)) {
      const { Signature } = await home.send(new SignCommand({ KeyId, Message, SigningAlgorithm }))
      const good = await away.send(new VerifyCommand({ KeyId, Message, SigningAlgorithm, Signature }))
      expect(good).toMatchObject({ SignatureValid: true, SigningAlgorithm, KeyId: expect.stringContaining(AWAY) })
      const again = await away.send(new SignCommand({ KeyId, Message, SigningAlgorithm }))
      if (isDeterministic(SigningAlgorithm)) expect(again.Signature).toEqual(Signature)
      const other = { KeyId, Message: Buffer.from('another'), SigningAlgorithm, Signature }
      expect((await refusalOf(away.send(new VerifyCommand(other)))).name).toBe('KMSInvalidSignatureException')
      if (!takesDigests(SigningAlgorithm)) continue
      const digest = {
        MessageType: 'DIGEST',
        Message: createHash(hashOf(SigningAlgorithm)).update(Message).digest(),
      } as const
      await home.send(new VerifyCommand({ KeyId, ...digest, SigningAlgorithm, Signature }))
      const signed = await away.send(new SignCommand({ KeyId, ...digest, SigningAlgorithm }))
      await home.send(new VerifyCommand({ KeyId, Message, SigningAlgorithm, Signature: signed.Signature }))
    }
  })

  it('refuses what is not of its kind', async () => {
    const { id: KeyId, arn } = await createKey(making)
    const SigningAlgorithm = algorithms.find(takesMessages)
    const wrong = SigningAlgorithm === 'ECDSA_SHA_256' ? 'ECDSA_SHA_384' : 'ECDSA_SHA_256'
    expect(await refusalOf(home.send(new SignCommand({ KeyId, Message, SigningAlgorithm: wrong })))).toMatchObject({
      name: 'InvalidKeyUsageException',
      message: `Algorithm ${wrong} is incompatible with key spec ${spec}.`,
    })
    const digest = { KeyId, Message, MessageType: 'DIGEST', SigningAlgorithm } as const
    const message = takesDigests(SigningAlgorithm ?? '')
      ? `Digest is invalid length for algorithm ${SigningAlgorithm}.`
      : `MessageType DIGEST is not valid for algorithm ${SigningAlgorithm}.`
    expect(await refusalOf(home.send(new SignCommand(digest)))).toMatchObject({ name: 'ValidationException', message })
    const mu = await refusalOf(home.send(new SignCommand({ ...digest, MessageType: 'EXTERNAL_MU' })))
    expect(mu).toMatchObject({
      name: 'ValidationException',
      message: spec.startsWith('ML')
        ? `Digest is invalid length for algorithm ${SigningAlgorithm}.`
        : `Message type EXTERNAL_MU is incompatible with key spec ${spec}.`,
    })
    const mac = { KeyId, Message, MacAlgorithm: 'HMAC_SHA_256' } as const
    expect(await refusalOf(home.send(new GenerateMacCommand(mac)))).toMatchObject({
      name: 'InvalidKeyUsageException',
      message: `${arn} key usage is SIGN_VERIFY which is not valid for GenerateMac.`,
    })
  })
})

/** What OpenSSL on this machine can do: ML-DSA has come with 3.5. */
const known = spawnSync('openssl', ['list', '-signature-algorithms'], { encoding: 'utf8' }).stdout ?? ''
const unknown = SIGNING.filter(({ openSsl }) => !known.includes(openSsl)).map(({ spec }) => spec)
if (unknown.length > 0) console.warn(`SKIPPED: no openssl to verify signatures of ${unknown.join(', ')} with.`)

/** How OpenSSL is asked about the signature of a message by `algorithm`. */
function verification(algorithm: SigningAlgorithmSpec, key: string, signature: string, message: string): string[] {
  if (!takesDigests(algorithm)) {
    return ['pkeyutl', '-verify', '-pubin', '-inkey', key, '-rawin', '-sigfile', signature, '-in', message]
  }
  const pss = ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:digest']
  const options = algorithm.includes('PSS') ? pss : []
  return ['dgst', `-${hashOf(algorithm)}`, '-verify', key, '-signature', signature, ...options, message]
}

describe('OpenSSL', () => {
  it.for(SIGNING)('verifies what $spec signs, messages and digests', async ({ spec, algorithms }, { skip }) => {
    skip(unknown.includes(spec))
    const folder = mkdtempSync(join(tmpdir(), 'keyspan-openssl-'))
    const file = (name: string, bytes: Uint8Array | string) => {
      writeFileSync(join(folder, name), bytes)
      return join(folder, name)
    }
    try {
      const { id: KeyId } = await createKey({ KeySpec: spec, KeyUsage: 'SIGN_VERIFY' })
      const { PublicKey = Buffer.of() } = await home.send(new GetPublicKeyCommand({ KeyId }))
      const base64 = Buffer.from(PublicKey).toString('base64')
      const key = file('key.pem', `-----BEGIN PUBLIC KEY-----\n${base64}\n-----END PUBLIC KEY-----\n`)
      const [message, another] = [file('message', Message), file('another', 'another message')]
      for (const SigningAlgorithm of algorithms.filter(takesMessages)) {
        const raw = { Message, MessageType: 'RAW' } as const
        const digest = () => createHash(hashOf(SigningAlgorithm)).update(Message).digest()
        const inputs = takesDigests(SigningAlgorithm)
          ? [raw, { Message: digest(), MessageType: 'DIGEST' } as const]
          : [raw]
        for (const input of inputs) {
          const { Signature = Buffer.of() } = await home.send(new SignCommand({ KeyId, SigningAlgorithm, ...input }))
          const signature = file('signature', Signature)
          const ask = (about: string) => spawnSync('openssl', verification(SigningAlgorithm, key, signature, about))
          expect(ask(message), `${SigningAlgorithm}, ${input.MessageType}`).toMatchObject({ status: 0 })
          expect(ask(another).status).not.toBe(0)
        }
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
