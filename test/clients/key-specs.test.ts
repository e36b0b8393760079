import {
  CreateKeyCommand,
  DecapsulateCommand,
  DecryptCommand,
  DeriveSharedSecretCommand,
  EncapsulateCommand,
  EncryptCommand,
  EncryptionAlgorithmSpec,
  GenerateMacCommand,
  GetPublicKeyCommand,
  KeyAgreementAlgorithmSpec,
  EncapsulationAlgorithmSpec,
  KeySpec,
  KeyUsageType,
  KMSServiceException,
  MacAlgorithmSpec,
  MessageType,
  ReplicateKeyCommand,
  SignCommand,
  SigningAlgorithmSpec,
  VerifyCommand,
  VerifyMacCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { columns, expectGolden } from '../golden-file.ts'
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

const Message = Buffer.from('the message')

/** Each algorithm, and its use at home and in the other Region: true where what came of it is good there. */
function uses<Algorithm extends string>(
  algorithms: Readonly<Record<string, Algorithm>>,
  use: (KeyId: string, algorithm: Algorithm) => Promise<boolean>,
) {
  return Object.values(algorithms).map((algorithm) => ({
    algorithm,
    use: (keyId: string) => use(keyId, algorithm),
  }))
}

const same = (a: Uint8Array = new Uint8Array(), b: Uint8Array = new Uint8Array(1)) => Buffer.from(a).equals(b)

/** What is signed: a message, or bytes in place of the algorithm's hash or μ. */
function messageOf(type: MessageType, algorithm: SigningAlgorithmSpec): Buffer {
  if (type === 'RAW') return Message
  const bits = algorithm === 'ML_DSA_SHAKE_256' ? 512 : Number(/\d{3}$/.exec(algorithm)?.[0] ?? 256)
  return Buffer.alloc(bits / 8, 7)
}

/** Each usage with every algorithm that the SDK has for it; signatures with every type of message. */
const USES: Readonly<Record<KeyUsageType, ReturnType<typeof uses<string>>>> = {
  ENCRYPT_DECRYPT: uses(EncryptionAlgorithmSpec, async (KeyId, EncryptionAlgorithm) => {
    const { CiphertextBlob } = await home.send(new EncryptCommand({ KeyId, EncryptionAlgorithm, Plaintext: Message }))
    const { Plaintext } = await away.send(new DecryptCommand({ KeyId, EncryptionAlgorithm, CiphertextBlob }))
    return same(Plaintext, Message)
  }),
  SIGN_VERIFY: Object.values(MessageType).flatMap((type) =>
    uses(SigningAlgorithmSpec, async (KeyId, SigningAlgorithm) => {
      const of = { KeyId, SigningAlgorithm, MessageType: type, Message: messageOf(type, SigningAlgorithm) }
      const { Signature } = await home.send(new SignCommand(of))
      const verified = await away.send(new VerifyCommand({ ...of, Signature }))
      return verified.SignatureValid === true
    }).map(({ algorithm, use }) => ({ algorithm: `${algorithm} ${type}`, use })),
  ),
  GENERATE_VERIFY_MAC: uses(MacAlgorithmSpec, async (KeyId, MacAlgorithm) => {
    const { Mac } = await home.send(new GenerateMacCommand({ KeyId, MacAlgorithm, Message }))
    const verified = await away.send(new VerifyMacCommand({ KeyId, MacAlgorithm, Message, Mac }))
    return verified.MacValid === true
  }),
  KEY_AGREEMENT: uses(KeyAgreementAlgorithmSpec, async (KeyId, KeyAgreementAlgorithm) => {
    // A key agrees with its own public half as with any other.
    const { PublicKey } = await home.send(new GetPublicKeyCommand({ KeyId }))
    const deriving = new DeriveSharedSecretCommand({ KeyId, KeyAgreementAlgorithm, PublicKey })
    const [here, there] = [await home.send(deriving), await away.send(deriving)]
    return same(here.SharedSecret, there.SharedSecret)
  }),
  ENCAPSULATE_DECAPSULATE: uses(EncapsulationAlgorithmSpec, async (KeyId, EncapsulationAlgorithm) => {
    const made = await home.send(new EncapsulateCommand({ KeyId, EncapsulationAlgorithm }))
    const { SharedSecretCiphertextBlob } = made
    const opened = await away.send(
      new DecapsulateCommand({ KeyId, EncapsulationAlgorithm, SharedSecretCiphertextBlob }),
    )
    return same(made.SharedSecret, opened.SharedSecret)
  }),
}

/** A multi-Region key in both Regions, or the name of the refusal. */
async function createRelated(spec: KeySpec, use: KeyUsageType): Promise<{ id: string } | { refusal: string }> {
  const creating = new CreateKeyCommand({ KeySpec: spec, KeyUsage: use, MultiRegion: true })
  const made = await home.send(creating).catch(() => null)
  if (made === null) return { refusal: (await refusalOf(home.send(creating))).name }
  const id = made.KeyMetadata?.KeyId ?? ''
  await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }))
  await untilState(away, id, 'Enabled')
  return { id }
}

/** A row for each algorithm that serves a spec and usage, and one for what the others are refused with. */
async function rowsOf(spec: KeySpec, use: KeyUsageType): Promise<readonly (readonly string[])[]> {
  const key = await createRelated(spec, use)
  if ('refusal' in key) return [[spec, use, '-', `CreateKey: ${key.refusal}`]]
  const served: string[] = []
  const refusals = new Set<string>()
  for (const { algorithm, use: tryOut } of USES[use]) {
    try {
      expect(await tryOut(key.id), `${spec} ${algorithm} in the other Region`).toBe(true)
      served.push(algorithm)
    } catch (error) {
      if (!(error instanceof KMSServiceException)) throw error
      refusals.add(error.name)
    }
  }
  const rows = served.map((algorithm) => [spec, use, algorithm, 'good in every Region'])
  return refusals.size === 0 ? rows : [...rows, [spec, use, 'others', [...refusals].toSorted().join(', ')]]
}

it('Every key spec, usage and algorithm of the SDK is used in one Region and good in another, or refused', async () => {
  const rows: (readonly string[])[] = [['KeySpec', 'KeyUsage', 'algorithm', 'outcome']]
  for (const spec of Object.values(KeySpec))
    for (const use of Object.values(KeyUsageType)) rows.push(...(await rowsOf(spec, use)))
  await expectGolden('key-specs.txt', columns(rows))
}, 120_000)
