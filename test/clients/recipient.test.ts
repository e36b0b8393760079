import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam'
import {
  CreateKeyCommand,
  DecryptCommand,
  DeriveSharedSecretCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyPairCommand,
  GenerateRandomCommand,
  GetPublicKeyCommand,
  KMSClient,
  PutKeyPolicyCommand,
  ReplicateKeyCommand,
  type RecipientInfo,
} from '@aws-sdk/client-kms'
import { execFileSync } from 'node:child_process'
import {
  constants,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
  privateDecrypt,
  type KeyObject,
} from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { attest, certify, makeChain, MODULE_ID, PCR0, PCR8, pemOf, type Chain } from '../attestation.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { kmsClient, refusalOf, untilState } from './kms-client.ts'

const OWNER = '111122223333'
const NO_KEY = `arn:aws:kms:${HOME}:${OWNER}:key/mrk-00000000000000000000000000000000`
const enclave = generateKeyPairSync('rsa', { modulusLength: 2048 })
const chain = makeChain()

let directory: string
let server: TestServer
let kms: KMSClient
let away: KMSClient

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
  const [root, other] = [join(directory, 'root.pem'), join(directory, 'other.pem')]
  writeFileSync(root, pemOf(chain[0]))
  writeFileSync(other, pemOf(makeChain()[0]))
  server = await startTestServer({ regions: `${HOME},${AWAY}`, 'attestation-root': [other, root] })
  kms = await kmsClient(server, HOME)
  away = await kmsClient(server, AWAY)
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

/** What an enclave sends: a document of now, with the public half of its key. */
function recipient(changes: Readonly<Record<string, unknown>> = {}, of: Chain = chain): RecipientInfo {
  const AttestationDocument = attest(of, enclave.publicKey, changes)
  return { KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_256', AttestationDocument }
}

/** Opens a CMS message as an enclave that has OpenSSL does. */
function openssl(message: Uint8Array | undefined, key: KeyObject = enclave.privateKey): Buffer {
  const [input, keyFile] = [join(directory, 'message.der'), join(directory, 'key.pem')]
  writeFileSync(input, message ?? Buffer.of())
  writeFileSync(keyFile, key.export({ format: 'pem', type: 'pkcs8' }))
  const args = ['cms', '-decrypt', '-inform', 'DER', '-in', input, '-inkey', keyFile]
  return execFileSync('openssl', args, { stdio: 'pipe' })
}

interface Opened {
  readonly name: Buffer
  readonly plaintext: Buffer
}

/** Opens a CMS message by its layout in AWS's own answers, byte for byte; whatever is laid out otherwise is none. */
function openLikeAws(message: Uint8Array | undefined): Opened {
  const hex = Buffer.from(message ?? Buffer.of()).toString('hex')
  const sha256 = '300d06096086480165030402010500'
  const layout = new RegExp(
    '^308006092a864886f70d010703a0803080020102' +
      '3182016b30820167020102' +
      '8020(?<name>.{64})' +
      `303c06092a864886f70d010107302fa00f${sha256}a11c301a06092a864886f70d010108${sha256}` +
      '04820100(?<key>.{512})' +
      '308006092a864886f70d010701301d060960864801650304012a0410(?<iv>.{32})' +
      'a08004(?<content>.*)00000000000000000000$',
  )
  const { name = '', key = '', iv = '', content = '' } = layout.exec(hex)?.groups ?? {}
  const wrapped = Buffer.from(key, 'hex')
  const oaep = { key: enclave.privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }
  const decipher = createDecipheriv('aes-256-cbc', privateDecrypt(oaep, wrapped), Buffer.from(iv, 'hex'))
  const bytes = Buffer.from(content, 'hex')
  const start = bytes.readUInt8(0) < 0x80 ? 1 : 1 + (bytes.readUInt8(0) & 0x7f)
  const plaintext = Buffer.concat([decipher.update(bytes.subarray(start)), decipher.final()])
  return { name: Buffer.from(name, 'hex'), plaintext }
}

async function createKey(): Promise<string> {
  return (await kms.send(new CreateKeyCommand({ MultiRegion: true }))).KeyMetadata?.Arn ?? ''
}

/** The last record of an operation in a Region. */
async function lastRecord(operation: string, region = HOME): Promise<Record<string, unknown>> {
  await setTimeout(50)
  const day = new Date().toISOString().slice(0, 10)
  const lines = readFileSync(join(server.path, 'audit', region, `${day}.jsonl`), 'utf8')
    .trim()
    .split('\n')
  const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return records.findLast((record) => record['eventName'] === operation) ?? {}
}

describe('A request with a Recipient', () => {
  it('decrypts for the enclave alone, where the key is and where its replica is', async () => {
    const KeyId = await createKey()
    await kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
    await untilState(away, KeyId.replace(HOME, AWAY), 'Enabled')
    const Plaintext = Buffer.from('what only the enclave may know')
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext }))
    for (const client of [kms, away]) {
      const answer = await client.send(new DecryptCommand({ CiphertextBlob, Recipient: recipient() }))
      const { $metadata: _, CiphertextForRecipient, ...rest } = answer
      expect(rest).toEqual({
        KeyId: client === kms ? KeyId : KeyId.replace(HOME, AWAY),
        EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      })
      expect(openssl(CiphertextForRecipient)).toEqual(Plaintext)
      const { name, plaintext } = openLikeAws(CiphertextForRecipient)
      expect(plaintext).toEqual(Plaintext)
      expect(name).toEqual(hash('sha256', enclave.publicKey.export({ format: 'der', type: 'spki' }), 'buffer'))
    }
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const { CiphertextForRecipient } = await kms.send(new DecryptCommand({ CiphertextBlob, Recipient: recipient() }))
    // OpenSSL gives random bytes rather than to say that a key does not fit (RFC 3218, section 2.3.2).
    let opened: Buffer = Buffer.of()
    try {
      opened = openssl(CiphertextForRecipient, other)
    } catch {}
    expect(opened).not.toEqual(Plaintext)
  })

  it('makes a data key of any length, whose other copy decrypts to it', async () => {
    const KeyId = await createKey()
    for (const NumberOfBytes of [1, 15, 16, 32, 1024]) {
      const made = await kms.send(new GenerateDataKeyCommand({ KeyId, NumberOfBytes, Recipient: recipient() }))
      expect(made.Plaintext).toBeUndefined()
      expect(made.KeyMaterialId).toBeUndefined()
      const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }))
      expect(openssl(made.CiphertextForRecipient)).toEqual(Buffer.from(Plaintext ?? []))
      expect(openLikeAws(made.CiphertextForRecipient).plaintext).toHaveLength(NumberOfBytes)
    }
  })

  it('makes a data key pair, of which the private half is sealed', async () => {
    const KeyId = await createKey()
    const made = await kms.send(
      new GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: 'RSA_2048', Recipient: recipient() }),
    )
    expect(made.PrivateKeyPlaintext).toBeUndefined()
    expect(made.KeyMaterialId).toBeUndefined()
    const der = openssl(made.CiphertextForRecipient)
    expect(openLikeAws(made.CiphertextForRecipient).plaintext).toEqual(der)
    const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob: made.PrivateKeyCiphertextBlob }))
    expect(der).toEqual(Buffer.from(Plaintext ?? []))
    expect(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).asymmetricKeyType).toBe('rsa')
  })

  it('derives a shared secret', async () => {
    const created = await kms.send(
      new CreateKeyCommand({ KeySpec: 'ECC_NIST_P384', KeyUsage: 'KEY_AGREEMENT', MultiRegion: true }),
    )
    const peer = generateKeyPairSync('ec', { namedCurve: 'P-384' })
    const PublicKey = peer.publicKey.export({ format: 'der', type: 'spki' })
    const input = { KeyId: created.KeyMetadata?.Arn, KeyAgreementAlgorithm: 'ECDH', PublicKey } as const
    const { PublicKey: spki = [] } = await kms.send(new GetPublicKeyCommand({ KeyId: input.KeyId }))
    const publicKey = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
    const sealed = await kms.send(new DeriveSharedSecretCommand({ ...input, Recipient: recipient() }))
    expect(sealed.SharedSecret).toBeUndefined()
    expect(openssl(sealed.CiphertextForRecipient)).toEqual(diffieHellman({ privateKey: peer.privateKey, publicKey }))
    expect(sealed.KeyOrigin).toBe('AWS_KMS')
  })

  it('gives random bytes, each time others', async () => {
    const draw = async () => {
      const answer = await kms.send(new GenerateRandomCommand({ NumberOfBytes: 64, Recipient: recipient() }))
      expect(answer.Plaintext).toBeUndefined()
      return openssl(answer.CiphertextForRecipient).toString('hex')
    }
    const [one, two] = [await draw(), await draw()]
    expect(one).toHaveLength(128)
    expect(one).not.toBe(two)
  })

  it('is only tried, where it is a dry run', async () => {
    const KeyId = await createKey()
    const input = { KeyId, KeySpec: 'AES_256', Recipient: recipient(), DryRun: true } as const
    expect((await refusalOf(kms.send(new GenerateDataKeyCommand(input)))).name).toBe('DryRunOperationException')
    const Recipient = { AttestationDocument: Buffer.from('x') }
    const refusal = await refusalOf(kms.send(new GenerateDataKeyCommand({ ...input, Recipient })))
    expect(refusal.name).toBe('ValidationException')
  })

  it('needs no name of the algorithm, as there is only one', async () => {
    const { AttestationDocument } = recipient()
    const answer = await kms.send(new GenerateRandomCommand({ NumberOfBytes: 8, Recipient: { AttestationDocument } }))
    expect(openssl(answer.CiphertextForRecipient)).toHaveLength(8)
  })

  it('is recorded with what the document says, and with no parameter of it', async () => {
    const KeyId = await createKey()
    await kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', Recipient: recipient() }))
    expect(await lastRecord('GenerateDataKey')).toMatchObject({
      requestParameters: { keyId: KeyId, keySpec: 'AES_256' },
      responseElements: null,
      additionalEventData: {
        recipient: {
          attestationDocumentModuleId: MODULE_ID,
          attestationDocumentEnclaveImageDigest: PCR0.toString('base64'),
          attestationDocumentEnclavePCR8: PCR8.toString('base64'),
        },
      },
    })
    expect((await lastRecord('GenerateDataKey'))['requestParameters']).not.toHaveProperty('recipient')
    const tpm = {
      pcrs: undefined,
      nitrotpm_pcrs: new Map([
        [0, PCR0],
        [7, PCR8],
      ]),
    }
    await kms.send(new GenerateRandomCommand({ NumberOfBytes: 8, Recipient: recipient(tpm) }))
    expect((await lastRecord('GenerateRandom'))['additionalEventData']).toEqual({
      recipient: {
        attestationDocumentModuleId: MODULE_ID,
        attestationDocumentNitroTPMPCR7: PCR8.toString('base64'),
      },
    })
    await kms.send(new GenerateRandomCommand({ NumberOfBytes: 8 }))
    expect(await lastRecord('GenerateRandom')).not.toHaveProperty('additionalEventData')
  })
})

describe('A Recipient is refused', () => {
  const MINUTE = 60_000
  const now = Date.now()
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'der', type: 'spki' })
  const times = { from: now - 60 * MINUTE, to: now - MINUTE }
  const zone = certify({ name: 'zone', issuer: chain[0], isAuthority: true, ...times })
  const expired: Chain = [chain[0], zone, certify({ name: 'module', issuer: zone, isAuthority: false })]
  it.each<readonly [string, () => RecipientInfo, string]>([
    ['nothing at all', () => ({}), "Value null at 'recipient.attestationDocument' failed"],
    [
      'a document that is too long',
      () => ({ AttestationDocument: Buffer.alloc(262_145) }),
      "1 validation error detected: Value at 'recipient.attestationDocument' failed to satisfy constraint: Member must have length less than or equal to 262144",
    ],
    ['no document', () => ({ AttestationDocument: Buffer.from('x') }), 'it is not well-formed CBOR'],
    ['a root that is not trusted', () => recipient({}, makeChain()), 'its root certificate is not one'],
    ['an expired certificate', () => recipient({}, expired), 'number 2 of 3 from the root has expired'],
    ['an old document', () => recipient({ timestamp: now - 6 * MINUTE }), 'it is older than 5 minutes'],
    ['no public key', () => recipient({ public_key: null }), 'it has no public_key'],
    ['a small RSA key', () => recipient({ public_key: small }), 'not an RSA key of at least 2048 bits'],
  ])('with %s', async (_name, make, message) => {
    const KeyId = await createKey()
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('secret') }))
    const Recipient = make()
    for (const ask of [
      () => kms.send(new DecryptCommand({ CiphertextBlob, Recipient })),
      () => kms.send(new GenerateRandomCommand({ NumberOfBytes: 8, Recipient })),
    ]) {
      const refusal = await refusalOf(ask())
      expect(refusal).toMatchObject({ name: 'ValidationException', status: 400 })
      expect(refusal.message).toContain(message)
    }
    expect(await lastRecord('GenerateRandom')).toMatchObject({ errorCode: 'ValidationException' })
    expect(await lastRecord('GenerateRandom')).not.toHaveProperty('additionalEventData')
  })

  it('alike, whether or not there is such a key', async () => {
    const Recipient = { AttestationDocument: Buffer.from('x') }
    const refusals = [await createKey(), NO_KEY].map((KeyId) =>
      refusalOf(kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', Recipient }))),
    )
    const [there, nowhere] = await Promise.all(refusals)
    expect(there).toEqual(nowhere)
  })

  it('with another algorithm', async () => {
    const Recipient = { ...recipient(), KeyEncryptionAlgorithm: 'RSAES_PKCS1_V1_5' as 'RSAES_OAEP_SHA_256' }
    const refusal = await refusalOf(kms.send(new GenerateRandomCommand({ NumberOfBytes: 8, Recipient })))
    expect(refusal.name).toBe('ValidationException')
    expect(refusal.message).toContain('Member must satisfy enum value set: [RSAES_OAEP_SHA_256]')
  })

  it('where nobody is trusted, with the flag that would do', async () => {
    await using alone = await startTestServer({ regions: HOME })
    const client = await kmsClient(alone, HOME)
    const refusal = await refusalOf(
      client.send(new GenerateRandomCommand({ NumberOfBytes: 8, Recipient: recipient() })),
    )
    expect(refusal.name).toBe('UnsupportedOperationException')
    expect(refusal.message).toContain('--attestation-root')
  })

  it('by a server that cannot read its roots: it does not start', async () => {
    const leaf = join(directory, 'leaf.pem')
    const [, , , signer = chain[0]] = chain
    writeFileSync(leaf, pemOf(signer))
    await expect(startTestServer({ 'attestation-root': leaf })).rejects.toThrow('is of no authority')
    writeFileSync(leaf, 'text')
    await expect(startTestServer({ 'attestation-root': leaf })).rejects.toThrow('it has no certificate in PEM')
    await expect(startTestServer({ 'attestation-root': '/nowhere.pem' })).rejects.toThrow('/nowhere.pem cannot be read')
  })
})

describe('A policy about attestation', () => {
  const everything = { Sid: 'owner', Effect: 'Allow', Principal: { AWS: OWNER }, Action: 'kms:*', Resource: '*' }
  const SECRET_ACTIONS = ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:GenerateDataKeyPair']

  /** A key that gives its secrets to nobody but where the condition holds. */
  async function keyFor(Condition: Readonly<Record<string, unknown>>): Promise<string> {
    const KeyId = await createKey()
    const notElse = { Effect: 'Allow', Principal: { AWS: OWNER }, Resource: '*' }
    const Statement = [
      { ...notElse, NotAction: SECRET_ACTIONS },
      { ...notElse, Action: SECRET_ACTIONS, Condition },
    ]
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
    await kms.send(new PutKeyPolicyCommand({ KeyId, Policy, BypassPolicyLockoutSafetyCheck: true }))
    return KeyId
  }

  const generate = (KeyId: string, Recipient?: RecipientInfo) =>
    kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', ...(Recipient && { Recipient }) }))

  it.each<readonly [string, Record<string, string>]>([
    ['ImageSha384', { 'kms:RecipientAttestation:ImageSha384': PCR0.toString('hex') }],
    ['ImageSha384 in capitals', { 'kms:RecipientAttestation:ImageSha384': PCR0.toString('hex').toUpperCase() }],
    ['PCR0', { 'kms:RecipientAttestation:PCR0': PCR0.toString('hex') }],
    ['PCR8, and the name in capitals', { 'KMS:RECIPIENTATTESTATION:PCR8': PCR8.toString('hex') }],
  ])('allows the enclave that it names by %s, and nobody else', async (_name, keys) => {
    const KeyId = await keyFor({ StringEqualsIgnoreCase: keys })
    const made = await generate(KeyId, recipient())
    expect(openssl(made.CiphertextForRecipient)).toHaveLength(32)
    const another = recipient({
      pcrs: new Map([
        [0, PCR8],
        [8, PCR0],
      ]),
    })
    const tpm = recipient({
      pcrs: undefined,
      nitrotpm_pcrs: new Map([
        [0, PCR0],
        [8, PCR8],
      ]),
    })
    for (const stranger of [undefined, another, tpm]) {
      expect(await refusalOf(generate(KeyId, stranger))).toMatchObject({ name: 'AccessDeniedException' })
    }
    // What is said to be measured counts only where somebody who is trusted says it.
    expect(await refusalOf(generate(KeyId, recipient({}, makeChain())))).toMatchObject({ name: 'ValidationException' })
    const { AttestationDocument = Buffer.of(), ...rest } = another
    const forged = Buffer.from(Buffer.from(AttestationDocument).toString('hex').replaceAll('88', 'a0'), 'hex')
    expect(await refusalOf(generate(KeyId, { ...rest, AttestationDocument: forged }))).toMatchObject({
      name: 'ValidationException',
    })
    const { CiphertextBlob } = made
    expect(await refusalOf(kms.send(new DecryptCommand({ CiphertextBlob })))).toMatchObject({
      name: 'AccessDeniedException',
    })
  })

  it('may be about a NitroTPM', async () => {
    const KeyId = await keyFor({ StringEquals: { 'kms:RecipientAttestation:NitroTPMPCR7': PCR8.toString('hex') } })
    const tpm = { pcrs: undefined, nitrotpm_pcrs: new Map([[7, PCR8]]) }
    expect(openssl((await generate(KeyId, recipient(tpm))).CiphertextForRecipient)).toHaveLength(32)
    expect(await refusalOf(generate(KeyId, recipient({ pcrs: new Map([[7, PCR8]]) })))).toMatchObject({
      name: 'AccessDeniedException',
    })
  })

  it('may deny whoever attests nothing', async () => {
    const KeyId = await createKey()
    const Condition = { Null: { 'kms:RecipientAttestation:ImageSha384': 'true' } }
    const deny = { Effect: 'Deny', Principal: '*', Action: SECRET_ACTIONS, Resource: '*', Condition }
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [everything, deny] })
    await kms.send(new PutKeyPolicyCommand({ KeyId, Policy }))
    expect(await refusalOf(generate(KeyId))).toMatchObject({ name: 'AccessDeniedException' })
    const { CiphertextForRecipient } = await generate(KeyId, recipient())
    expect(openssl(CiphertextForRecipient)).toHaveLength(32)
    expect((await lastRecord('GenerateDataKey'))['errorCode']).toBeUndefined()
  })

  it('may be of a user, for what is about no key', async () => {
    const iam = new IAMClient({ region: HOME, endpoint: server.url, credentials: await server.credentials() })
    const UserName = 'enclave-host'
    await iam.send(new CreateUserCommand({ UserName }))
    const Condition = { StringEquals: { 'kms:RecipientAttestation:PCR0': PCR0.toString('hex') } }
    const Statement = [{ Effect: 'Allow', Action: 'kms:GenerateRandom', Resource: '*', Condition }]
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement })
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument }))
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
    const credentials = {
      accessKeyId: AccessKey?.AccessKeyId ?? '',
      secretAccessKey: AccessKey?.SecretAccessKey ?? '',
    }
    const user = new KMSClient({ region: HOME, endpoint: server.url, credentials, maxAttempts: 1 })
    const ask = (Recipient?: RecipientInfo) =>
      user.send(new GenerateRandomCommand({ NumberOfBytes: 8, ...(Recipient && { Recipient }) }))
    expect(await refusalOf(ask())).toMatchObject({ name: 'AccessDeniedException' })
    expect((await lastRecord('GenerateRandom'))['errorCode']).toBe('AccessDenied')
    const other = recipient({ pcrs: new Map([[0, PCR8]]) })
    expect(await refusalOf(ask(other))).toMatchObject({ name: 'AccessDeniedException' })
    expect(await lastRecord('GenerateRandom')).toMatchObject({
      errorCode: 'AccessDenied',
      additionalEventData: { recipient: { attestationDocumentEnclaveImageDigest: PCR8.toString('base64') } },
    })
    expect(openssl((await ask(recipient())).CiphertextForRecipient)).toHaveLength(8)
  })
})
