import {
  CancelKeyDeletionCommand,
  CreateKeyCommand,
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateMacCommand,
  GetKeyRotationStatusCommand,
  GetParametersForImportCommand,
  GetPublicKeyCommand,
  ImportKeyMaterialCommand,
  KMSClient,
  ListKeyRotationsCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
  UpdatePrimaryRegionCommand,
  type CreateKeyCommandInput,
  type RotationsListEntry,
} from '@aws-sdk/client-kms'
import { execFileSync } from 'node:child_process'
import { constants, createHmac, generateKeyPairSync, hash, randomBytes, verify } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { auditLog } from '../audit-log.ts'
import { dataDirectory } from '../../src/server/data/data-directory.ts'
import { advanceClock } from '../control.ts'
import { AWAY, FAR, HOME, startTestServer, type TestServer } from '../server.ts'
import { createServerProcess } from '../server-process.ts'
import { EXISTING, importInto, NEW, parameters, STAYS, wrap, type More } from './import.ts'
import { kmsClient, refusalOf, refusalsOf, untilState } from './kms-client.ts'

let server: TestServer
let home: KMSClient
let away: KMSClient
let far: KMSClient

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY},${FAR}` })
  home = await kmsClient(server, HOME)
  away = await kmsClient(server, AWAY)
  far = await kmsClient(server, FAR)
})
afterAll(() => server[Symbol.asyncDispose]())

async function createExternal(input: Partial<CreateKeyCommandInput> = {}): Promise<{ id: string; arn: string }> {
  const { KeyMetadata } = await home.send(new CreateKeyCommand({ Origin: 'EXTERNAL', ...input }))
  return { id: KeyMetadata?.KeyId ?? '', arn: KeyMetadata?.Arn ?? '' }
}

async function describeKey(client: KMSClient, KeyId: string) {
  return (await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata
}

async function materialsOf(client: KMSClient, KeyId: string): Promise<readonly RotationsListEntry[]> {
  const listing = new ListKeyRotationsCommand({ KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' })
  return (await client.send(listing)).Rotations ?? []
}

async function encrypt(client: KMSClient, KeyId: string): Promise<Uint8Array> {
  return (
    (await client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('text') }))).CiphertextBlob ?? Buffer.alloc(0)
  )
}

async function decrypt(client: KMSClient, CiphertextBlob: Uint8Array): Promise<string> {
  const { Plaintext } = await client.send(new DecryptCommand({ CiphertextBlob }))
  return Buffer.from(Plaintext ?? []).toString()
}

describe('A key of origin EXTERNAL', () => {
  it('waits for its material, and is used with it', async () => {
    const { id, arn } = await createExternal()
    expect(await describeKey(home, id)).toMatchObject({ Origin: 'EXTERNAL', KeyState: 'PendingImport', Enabled: false })
    expect(await describeKey(home, id)).not.toHaveProperty('ExpirationModel')
    expect(await describeKey(home, id)).not.toHaveProperty('CurrentKeyMaterialId')
    expect(await refusalOf(encrypt(home, id))).toMatchObject({
      name: 'KMSInvalidStateException',
      message: `${arn} is pending import.`,
    })
    const materialId = await importInto(home, id, randomBytes(32))
    expect(materialId).toMatch(/^[a-f0-9]{64}$/)
    expect(await describeKey(home, id)).toMatchObject({
      KeyState: 'Enabled',
      Enabled: true,
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
      CurrentKeyMaterialId: materialId,
    })
    expect(await decrypt(home, await encrypt(home, id))).toBe('text')
  })

  it('stands after a restart with what it was given', async () => {
    await using own = await startTestServer({ regions: HOME })
    const before = await kmsClient(own, HOME)
    const { KeyMetadata } = await before.send(new CreateKeyCommand({ Origin: 'EXTERNAL' }))
    const id = KeyMetadata?.KeyId ?? ''
    const { ImportToken, PublicKey } = await parameters(before, id)
    await own.restart()
    const client = await kmsClient(own, HOME)
    const EncryptedKeyMaterial = wrap(PublicKey, 'RSAES_OAEP_SHA_256', randomBytes(32))
    await client.send(new ImportKeyMaterialCommand({ KeyId: id, ImportToken, EncryptedKeyMaterial, ...STAYS }))
    const text = await encrypt(client, id)
    await own.restart()
    expect(await decrypt(await kmsClient(own, HOME), text)).toBe('text')
  })

  it('is of no use without its material, takes only the same again, and then opens what it has encrypted', async () => {
    const { id, arn } = await createExternal()
    const material = randomBytes(32)
    const materialId = await importInto(home, id, material)
    const text = await encrypt(home, id)
    expect(await home.send(new DeleteImportedKeyMaterialCommand({ KeyId: id }))).toMatchObject({
      KeyId: arn,
      KeyMaterialId: materialId,
    })
    expect(await describeKey(home, id)).toMatchObject({ KeyState: 'PendingImport', CurrentKeyMaterialId: materialId })
    expect(await describeKey(home, id)).not.toHaveProperty('ExpirationModel')
    // It is still known whose the ciphertext is.
    expect((await refusalOf(decrypt(home, text))).name).toBe('KMSInvalidStateException')
    // Once more has no effect.
    await home.send(new DeleteImportedKeyMaterialCommand({ KeyId: id }))
    const other = await refusalOf(importInto(home, id, randomBytes(32)))
    expect(other.name).toBe('IncorrectKeyMaterialException')
    expect(await importInto(home, id, material)).toBe(materialId)
    expect(await decrypt(home, text)).toBe('text')
  })

  it('leaves no copy of deleted material that its database could give back', async () => {
    await using own = await startTestServer({ regions: HOME })
    const client = await kmsClient(own, HOME)
    const { KeyMetadata } = await client.send(new CreateKeyCommand({ Origin: 'EXTERNAL' }))
    const id = KeyMetadata?.KeyId ?? ''
    const materialId = (await importInto(client, id, randomBytes(32))) ?? ''
    await own.stop()
    const path = dataDirectory(own.path).region(HOME)
    const database = new DatabaseSync(path)
    const row = database.prepare('SELECT ciphertext FROM material WHERE id = ?').get(materialId)
    database.close()
    const sealed = Buffer.from(row?.['ciphertext'] as Uint8Array)
    expect(readFileSync(path).includes(sealed)).toBe(true)
    await own.restart()
    await (await kmsClient(own, HOME)).send(new DeleteImportedKeyMaterialCommand({ KeyId: id }))
    await own.stop()
    expect(readFileSync(path).includes(sealed)).toBe(false)
    await own.restart()
    expect((await describeKey(await kmsClient(own, HOME), id))?.KeyState).toBe('PendingImport')
  })

  it('has material that expires when it was said, and can be given another time', async () => {
    await using own = await startTestServer({ regions: HOME })
    const client = await kmsClient(own, HOME)
    const { KeyMetadata } = await client.send(new CreateKeyCommand({ Origin: 'EXTERNAL' }))
    const id = KeyMetadata?.KeyId ?? ''
    const material = randomBytes(32)
    const now = Math.floor(Date.now() / 1000) * 1000
    const inDays = (days: number) => new Date(now + days * 86_400_000)
    await importInto(client, id, material, { ValidTo: inDays(1) })
    expect(await describeKey(client, id)).toMatchObject({ ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: inDays(1) })
    await importInto(client, id, material, { ValidTo: inDays(3), ExpirationModel: 'KEY_MATERIAL_EXPIRES' })
    const text = await encrypt(client, id)
    await advanceClock(own, '2d')
    expect((await describeKey(client, id))?.KeyState).toBe('Enabled')
    await advanceClock(own, '2d')
    await untilState(client, id, 'PendingImport')
    expect((await refusalOf(decrypt(client, text))).name).toBe('KMSInvalidStateException')
    expect(await materialsOf(client, id)).toMatchObject([
      { ImportState: 'PENDING_IMPORT', KeyMaterialState: 'CURRENT' },
    ])
    const log = await auditLog(own, HOME)
    expect(log).toMatch(/"eventName":"DeleteExpiredKeyMaterial".*"eventType":"AwsServiceEvent"/)
    await importInto(client, id, material)
    expect(await decrypt(client, text)).toBe('text')
  })

  it('has none any more that expired while no server ran, from the first answer on', async () => {
    await using own = await createServerProcess('--regions', HOME)
    const client = async () =>
      new KMSClient({ region: HOME, endpoint: own.url, credentials: await own.credentials(), maxAttempts: 1 })
    await own.start()
    const before = await client()
    const { KeyMetadata } = await before.send(new CreateKeyCommand({ Origin: 'EXTERNAL' }))
    const id = KeyMetadata?.KeyId ?? ''
    const ValidTo = new Date(Math.ceil(Date.now() / 1000 + 2) * 1000)
    await importInto(before, id, randomBytes(32), { ValidTo })
    const text = await encrypt(before, id)
    await own.kill()
    await setTimeout(ValidTo.getTime() - Date.now())
    await own.start()
    expect((await refusalOf(decrypt(await client(), text))).name).toBe('KMSInvalidStateException')
  })

  it('is enabled by what is imported, and stays to be deleted, whatever becomes of its material', async () => {
    const { id } = await createExternal()
    const material = randomBytes(32)
    await importInto(home, id, material)
    await home.send(new DisableKeyCommand({ KeyId: id }))
    await home.send(new DeleteImportedKeyMaterialCommand({ KeyId: id }))
    expect((await describeKey(home, id))?.KeyState).toBe('PendingImport')
    await importInto(home, id, material)
    expect((await describeKey(home, id))?.KeyState).toBe('Enabled')
    await home.send(new DisableKeyCommand({ KeyId: id }))
    await importInto(home, id, material)
    expect((await describeKey(home, id))?.KeyState).toBe('Enabled')
    await home.send(new ScheduleKeyDeletionCommand({ KeyId: id }))
    await home.send(new DeleteImportedKeyMaterialCommand({ KeyId: id }))
    expect((await describeKey(home, id))?.KeyState).toBe('PendingDeletion')
    expect((await refusalOf(parameters(home, id))).name).toBe('KMSInvalidStateException')
    await home.send(new CancelKeyDeletionCommand({ KeyId: id }))
    expect((await describeKey(home, id))?.KeyState).toBe('PendingImport')
  })

  it('does not rotate by itself', async () => {
    const { id, arn } = await createExternal()
    const message = `${arn} origin is EXTERNAL which is not valid for this operation.`
    const refused = { name: 'UnsupportedOperationException', message }
    expect(await refusalOf(home.send(new EnableKeyRotationCommand({ KeyId: id })))).toMatchObject(refused)
    expect((await home.send(new GetKeyRotationStatusCommand({ KeyId: id }))).KeyRotationEnabled).toBe(false)
    await importInto(home, id, randomBytes(32))
    expect(await refusalOf(home.send(new EnableKeyRotationCommand({ KeyId: id })))).toMatchObject(refused)
    expect((await home.send(new GetKeyRotationStatusCommand({ KeyId: id }))).KeyRotationEnabled).toBe(false)
  })
})

describe('A request to import', () => {
  it('is refused by a key of another origin', async () => {
    const { KeyMetadata } = await home.send(new CreateKeyCommand({}))
    const KeyId = KeyMetadata?.KeyId ?? ''
    const message = `${KeyMetadata?.Arn} origin is AWS_KMS which is not valid for this operation.`
    for (const refusal of await refusalsOf([
      parameters(home, KeyId),
      home.send(new DeleteImportedKeyMaterialCommand({ KeyId })),
      home.send(
        new ImportKeyMaterialCommand({ KeyId, ImportToken: randomBytes(9), EncryptedKeyMaterial: randomBytes(9) }),
      ),
    ])) {
      expect(refusal).toMatchObject({ name: 'UnsupportedOperationException', message })
    }
  })

  it('needs a token of that key, unchanged, and not older than a day', async () => {
    await using own = await startTestServer({ regions: HOME })
    const client = await kmsClient(own, HOME)
    const create = async () =>
      (await client.send(new CreateKeyCommand({ Origin: 'EXTERNAL' }))).KeyMetadata?.KeyId ?? ''
    const [id, other] = [await create(), await create()]
    const { ImportToken, PublicKey, ParametersValidTo } = await parameters(client, id)
    expect(Math.abs((ParametersValidTo?.getTime() ?? 0) - Date.now() - 86_400_000)).toBeLessThan(60_000)
    const send = (KeyId: string, token: Uint8Array) => {
      const EncryptedKeyMaterial = wrap(PublicKey, 'RSAES_OAEP_SHA_256', randomBytes(32))
      return client.send(new ImportKeyMaterialCommand({ KeyId, ImportToken: token, EncryptedKeyMaterial, ...STAYS }))
    }
    const changed = Buffer.from(ImportToken)
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
    for (const refused of [send(other, ImportToken), send(id, changed), send(id, randomBytes(1))]) {
      expect((await refusalOf(refused)).name).toBe('InvalidImportTokenException')
    }
    await advanceClock(own, '25h')
    await client.send(new DescribeKeyCommand({ KeyId: id })).catch(() => null)
    expect((await refusalOf(send(id, ImportToken))).name).toBe('ExpiredImportTokenException')
  })

  it('needs material that was wrapped under the key of that token', async () => {
    const { id } = await createExternal()
    const { ImportToken } = await parameters(home, id)
    const { PublicKey } = await parameters(home, id)
    const send = (EncryptedKeyMaterial: Uint8Array) =>
      home.send(new ImportKeyMaterialCommand({ KeyId: id, ImportToken, EncryptedKeyMaterial, ...STAYS }))
    for (const wrong of [wrap(PublicKey, 'RSAES_OAEP_SHA_256', randomBytes(32)), randomBytes(256), randomBytes(10)]) {
      expect((await refusalOf(send(wrong))).name).toBe('InvalidCiphertextException')
    }
    expect((await describeKey(home, id))?.KeyState).toBe('PendingImport')
  })

  it.each([
    ['no expiry', {}, 'A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES'],
    ['an expiry of what does not expire', { ...STAYS, ValidTo: new Date(Date.now() + 9e6) }, 'must not be set'],
    ['an expiry in the past', { ValidTo: new Date(Date.now() - 9e6) }, 'must be in the future'],
    [
      'an expiry in two years',
      { ValidTo: new Date(Date.now() + 7e10) },
      'ValidTo must be less than 365 days in the future',
    ],
    ['an id for what is new', { ...NEW, KeyMaterialId: 'a'.repeat(64) }, 'KeyMaterialId is not for'],
  ])('is refused with %s', async (_name, more: More, message) => {
    const { id } = await createExternal()
    const refusal = await refusalOf(importInto(home, id, randomBytes(32), more))
    expect(refusal).toMatchObject({ name: 'ValidationException', message: expect.stringContaining(message) as unknown })
  })

  it.each([0, 16, 31, 33, 64])('is refused with %i bytes for a symmetric key', async (length) => {
    const { id } = await createExternal()
    // Nothing at all cannot be wrapped to be anything but wrong.
    const refusal = await refusalOf(importInto(home, id, randomBytes(length)))
    expect(refusal.name).toBe('InvalidCiphertextException')
  })

  it.each([
    ['RSAES_PKCS1_V1_5', 'SYMMETRIC_DEFAULT', 'ValidationException'],
    ['SM2PKE', 'SYMMETRIC_DEFAULT', 'UnsupportedOperationException'],
    ['RSA_AES_KEY_WRAP_SHA_256', 'SYMMETRIC_DEFAULT', 'ValidationException'],
    ['RSAES_OAEP_SHA_256', 'RSA_2048', 'ValidationException'],
    ['RSAES_OAEP_SHA_256', 'ECC_NIST_P521', 'ValidationException'],
  ] as const)('is refused with %s for %s', async (WrappingAlgorithm, KeySpec, name) => {
    const usage = KeySpec === 'SYMMETRIC_DEFAULT' ? {} : ({ KeyUsage: 'SIGN_VERIFY' } as const)
    const { id: KeyId } = await createExternal({ KeySpec, ...usage })
    const asked = new GetParametersForImportCommand({ KeyId, WrappingAlgorithm, WrappingKeySpec: 'RSA_2048' })
    expect((await refusalOf(home.send(asked))).name).toBe(name)
  })

  it('shows nothing of what it brings in the audit log', async () => {
    const { id, arn } = await createExternal()
    const material = randomBytes(32)
    await importInto(home, id, material, { ...STAYS, KeyMaterialDescription: 'from the safe' })
    const log = await auditLog(server, HOME)
    const line = log.split('\n').findLast((text) => text.includes('"ImportKeyMaterial"') && text.includes(arn)) ?? ''
    expect(JSON.parse(line)).toMatchObject({
      requestParameters: { keyId: id, expirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' },
      responseElements: { keyId: arn },
    })
    expect(line).not.toContain('mportToken')
    expect(log).not.toContain(material.toString('base64'))
  })
})

describe.each([
  ['RSA_2048', 'SIGN_VERIFY', 'RSASSA_PSS_SHA_256', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ['ECC_NIST_P256', 'SIGN_VERIFY', 'ECDSA_SHA_256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ['ECC_NIST_P384', 'SIGN_VERIFY', 'ECDSA_SHA_384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' })],
  ['ECC_NIST_P521', 'SIGN_VERIFY', 'ECDSA_SHA_512', () => generateKeyPairSync('ec', { namedCurve: 'P-521' })],
  ['ECC_SECG_P256K1', 'SIGN_VERIFY', 'ECDSA_SHA_256', () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' })],
  ['ECC_NIST_EDWARDS25519', 'SIGN_VERIFY', 'ED25519_SHA_512', () => generateKeyPairSync('ed25519')],
] as const)('An imported private key of %s', (KeySpec, KeyUsage, SigningAlgorithm, make) => {
  const pair = make()
  const pkcs8 = pair.privateKey.export({ format: 'der', type: 'pkcs8' })
  const algorithm = 'RSA_AES_KEY_WRAP_SHA_256'

  it('signs as the key that it is, and shows its public half', async () => {
    const { id } = await createExternal({ KeySpec, KeyUsage })
    expect((await refusalOf(home.send(new GetPublicKeyCommand({ KeyId: id })))).name).toBe('KMSInvalidStateException')
    expect(await importInto(home, id, pkcs8, STAYS, algorithm)).toBeUndefined()
    expect(await describeKey(home, id)).not.toHaveProperty('CurrentKeyMaterialId')
    const { PublicKey } = await home.send(new GetPublicKeyCommand({ KeyId: id }))
    expect(Buffer.from(PublicKey ?? [])).toEqual(pair.publicKey.export({ format: 'der', type: 'spki' }))
    const Message = Buffer.from('message')
    const { Signature } = await home.send(new SignCommand({ KeyId: id, Message, SigningAlgorithm }))
    const hash = KeySpec === 'ECC_NIST_EDWARDS25519' ? null : `sha${SigningAlgorithm.slice(-3)}`
    const isPss = SigningAlgorithm.includes('PSS')
    const padding = isPss ? { padding: constants.RSA_PKCS1_PSS_PADDING } : {}
    expect(verify(hash, Message, { key: pair.publicKey, ...padding }, Signature ?? Buffer.alloc(0))).toBe(true)
  })

  it('can be put back, and not be exchanged', async () => {
    const { id } = await createExternal({ KeySpec, KeyUsage })
    await importInto(home, id, pkcs8, STAYS, algorithm)
    await home.send(new DeleteImportedKeyMaterialCommand({ KeyId: id }))
    const other = make().privateKey.export({ format: 'der', type: 'pkcs8' })
    expect((await refusalOf(importInto(home, id, other, STAYS, algorithm))).name).toBe('IncorrectKeyMaterialException')
    await importInto(home, id, pkcs8, STAYS, algorithm)
    expect((await describeKey(home, id))?.KeyState).toBe('Enabled')
  })

  it('is refused where it is of another kind, or no PKCS#8', async () => {
    const { id } = await createExternal({ KeySpec, KeyUsage })
    const wrong = KeySpec === 'ECC_NIST_P256' ? 'P-384' : 'P-256'
    const another = generateKeyPairSync('ec', { namedCurve: wrong }).privateKey
    for (const bytes of [another.export({ format: 'der', type: 'pkcs8' }), randomBytes(120), pkcs8.subarray(1)]) {
      const refusal = await refusalOf(importInto(home, id, bytes, STAYS, algorithm))
      expect(refusal.name).toBe('IncorrectKeyMaterialException')
    }
  })

  it('has no material that could be told from another', async () => {
    const { id } = await createExternal({ KeySpec, KeyUsage })
    expect((await refusalOf(importInto(home, id, pkcs8, NEW, algorithm))).name).toBe('ValidationException')
  })
})

describe('An imported private key', () => {
  it('is refused where its halves do not belong together', async () => {
    const { id } = await createExternal({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' })
    const make = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const [bytes, other] = [make(), make()].map((key) => key.export({ format: 'der', type: 'pkcs8' }))
    // PKCS#8 of an elliptic curve ends with the public point.
    const mixed = Buffer.concat([bytes?.subarray(0, -65) ?? [], other?.subarray(-65) ?? []] as Buffer[])
    expect(await refusalOf(importInto(home, id, mixed, STAYS, 'RSA_AES_KEY_WRAP_SHA_256'))).toMatchObject({
      name: 'IncorrectKeyMaterialException',
      message: 'The parts of the private key contradict each other.',
    })
  })

  it('is refused with a public exponent of 3', async () => {
    const { id } = await createExternal({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' })
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 })
    const bytes = privateKey.export({ format: 'der', type: 'pkcs8' })
    const refusal = await refusalOf(importInto(home, id, bytes, STAYS, 'RSA_AES_KEY_WRAP_SHA_1'))
    expect(refusal).toMatchObject({ name: 'IncorrectKeyMaterialException' })
    expect(refusal.message).toContain('public exponent')
  })
})

const INCORRECT = 'IncorrectKeyMaterialException'

describe.each([224, 256, 384, 512] as const)('An imported HMAC_%i key', (bits) => {
  const made = { KeySpec: `HMAC_${bits}`, KeyUsage: 'GENERATE_VERIFY_MAC' } as const

  it.each([bits / 8, 128])('makes the MAC that anybody makes with its %i bytes', async (length) => {
    const { id } = await createExternal(made)
    const material = randomBytes(length)
    await importInto(home, id, material, STAYS, 'RSAES_OAEP_SHA_1')
    const asked = new GenerateMacCommand({ KeyId: id, Message: Buffer.from('m'), MacAlgorithm: `HMAC_SHA_${bits}` })
    const expected = createHmac(`sha${bits}`, material).update('m').digest()
    expect(Buffer.from((await home.send(asked)).Mac ?? [])).toEqual(expected)
  })

  it('takes no other bytes for the same, though HMAC does: neither with zeros behind them, nor their hash', async () => {
    const { id } = await createExternal(made)
    const short = randomBytes(64)
    await importInto(home, id, short, STAYS, 'RSAES_OAEP_SHA_1')
    const padded = Buffer.concat([short, Buffer.alloc(1)])
    expect((await refusalOf(importInto(home, id, padded, STAYS, 'RSAES_OAEP_SHA_1'))).name).toBe(INCORRECT)
    await importInto(home, id, short, STAYS, 'RSAES_OAEP_SHA_1')
    const { id: other } = await createExternal(made)
    const long = randomBytes(100)
    await importInto(home, other, long, STAYS, 'RSAES_OAEP_SHA_1')
    for (const algorithm of ['sha256', 'sha512']) {
      const digest = hash(algorithm, long, 'buffer')
      const { name } = await refusalOf(importInto(home, other, digest, STAYS, 'RSAES_OAEP_SHA_1'))
      expect(name).toBe(digest.length < bits / 8 ? 'InvalidCiphertextException' : INCORRECT)
    }
  })

  it.each([bits / 8 - 1, 129])('is refused with %i bytes', async (length) => {
    const { id } = await createExternal(made)
    const refusal = await refusalOf(importInto(home, id, randomBytes(length), STAYS, 'RSAES_OAEP_SHA_1'))
    expect(refusal.name).toBe('InvalidCiphertextException')
  })
})

describe('Rotation to imported material', () => {
  it('is of a new material, which waits until it is asked for', async () => {
    const { id, arn } = await createExternal()
    const [first, second] = [randomBytes(32), randomBytes(32)]
    const firstId = await importInto(home, id, first, { ...NEW, KeyMaterialDescription: 'one' })
    const old = await encrypt(home, id)
    const rotate = () => home.send(new RotateKeyOnDemandCommand({ KeyId: id }))
    expect(await refusalOf(rotate())).toMatchObject({
      name: 'KMSInvalidStateException',
      message: `No available key material pending rotation for the key: ${arn}.`,
    })
    expect((await refusalOf(importInto(home, id, second))).name).toBe('IncorrectKeyMaterialException')
    expect((await refusalOf(importInto(home, id, first, NEW))).name).toBe('IncorrectKeyMaterialException')
    const secondId = await importInto(home, id, second, NEW)
    const third = await refusalOf(importInto(home, id, randomBytes(32), NEW))
    expect(third.message).toContain(`because another key material (id: ${secondId}) is pending rotation.`)
    expect((await describeKey(home, id))?.CurrentKeyMaterialId).toBe(firstId)
    expect(await materialsOf(home, id)).toMatchObject([
      { KeyMaterialId: firstId, KeyMaterialState: 'CURRENT', ImportState: 'IMPORTED', KeyMaterialDescription: 'one' },
      { KeyMaterialId: secondId, KeyMaterialState: 'PENDING_ROTATION', ImportState: 'IMPORTED' },
    ])
    await rotate()
    const rotated = (await auditLog(server, HOME)).split('\n').findLast((line) => line.includes('"RotateKey"')) ?? ''
    expect(JSON.parse(rotated)).toMatchObject({
      eventType: 'AwsServiceEvent',
      resources: [{ ARN: arn }],
      serviceEventDetails: {
        rotationType: 'ON_DEMAND',
        keyOrigin: 'EXTERNAL',
        previousKeyMaterialId: firstId,
        currentKeyMaterialId: secondId,
      },
    })
    expect(await materialsOf(home, id)).toMatchObject([
      { KeyMaterialId: firstId, KeyMaterialState: 'NON_CURRENT' },
      { KeyMaterialId: secondId, KeyMaterialState: 'CURRENT', RotationType: 'ON_DEMAND' },
    ])
    expect((await describeKey(home, id))?.CurrentKeyMaterialId).toBe(secondId)
    expect(await decrypt(home, old)).toBe('text')
    expect(await decrypt(home, await encrypt(home, id))).toBe('text')
    // What once encrypted is needed for ever.
    await home.send(new DeleteImportedKeyMaterialCommand({ KeyId: id, KeyMaterialId: firstId }))
    expect((await describeKey(home, id))?.KeyState).toBe('PendingImport')
    await importInto(home, id, first, { ...EXISTING, KeyMaterialId: firstId ?? '' })
    expect(await decrypt(home, old)).toBe('text')
  })

  it('does not take place with a material that is deleted before', async () => {
    const { id } = await createExternal()
    await importInto(home, id, randomBytes(32))
    const material = randomBytes(32)
    const waiting = await importInto(home, id, material, NEW)
    await home.send(new DeleteImportedKeyMaterialCommand({ KeyId: id, KeyMaterialId: waiting }))
    expect((await describeKey(home, id))?.KeyState).toBe('Enabled')
    expect(await materialsOf(home, id)).toHaveLength(1)
    expect((await refusalOf(home.send(new RotateKeyOnDemandCommand({ KeyId: id })))).name).toBe(
      'KMSInvalidStateException',
    )
    // It is as new as any other again.
    expect(await importInto(home, id, material, NEW)).toBe(waiting)
    await home.send(new RotateKeyOnDemandCommand({ KeyId: id }))
    expect((await describeKey(home, id))?.CurrentKeyMaterialId).toBe(waiting)
  })

  it('tells when the first of the materials that are needed expires', async () => {
    const { id } = await createExternal()
    const soon = new Date(Math.floor(Date.now() / 1000) * 1000 + 9e6)
    await importInto(home, id, randomBytes(32), { ValidTo: soon })
    await importInto(home, id, randomBytes(32), NEW)
    await home.send(new RotateKeyOnDemandCommand({ KeyId: id }))
    expect(await describeKey(home, id)).toMatchObject({ ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: soon })
  })
})

describe('A multi-Region key of imported material', () => {
  async function related(...regions: readonly (readonly [string, KMSClient])[]) {
    const { id } = await createExternal({ MultiRegion: true })
    const material = randomBytes(32)
    const refused = home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }))
    expect((await refusalOf(refused)).name).toBe('KMSInvalidStateException')
    const materialId = (await importInto(home, id, material)) ?? ''
    for (const [region, client] of regions) {
      const { ReplicaKeyMetadata } = await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: region }))
      expect(ReplicaKeyMetadata).toMatchObject({ KeyState: 'Creating', Origin: 'EXTERNAL', Enabled: false })
      expect(ReplicaKeyMetadata?.ExpirationModel).toBe('KEY_MATERIAL_DOES_NOT_EXPIRE')
      await untilState(client, id, 'PendingImport')
      expect(await importInto(client, id, material)).toBe(materialId)
      expect((await describeKey(client, id))?.KeyState).toBe('Enabled')
    }
    return { id, material, materialId }
  }
  const stateOf = async (client: KMSClient, id: string, materialId: string | undefined) =>
    (await materialsOf(client, id)).find((entry) => entry.KeyMaterialId === materialId)
  const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 10_000, interval: 30 })

  it('is one key once every Region has been given the same', async () => {
    const { id, materialId } = await related([AWAY, away])
    expect((await describeKey(away, id))?.CurrentKeyMaterialId).toBe(materialId)
    expect(await decrypt(away, await encrypt(home, id))).toBe('text')
    expect(await decrypt(home, await encrypt(away, id))).toBe('text')
  })

  it('has a replica that waits for that very material, and takes no new one of its own', async () => {
    const { id } = await createExternal({ MultiRegion: true })
    const material = randomBytes(32)
    await importInto(home, id, material, { ...NEW, KeyMaterialDescription: 'shared' })
    const text = await encrypt(home, id)
    await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }))
    await untilState(away, id, 'PendingImport')
    expect(await materialsOf(away, id)).toMatchObject([
      { ImportState: 'PENDING_IMPORT', KeyMaterialDescription: 'shared' },
    ])
    expect((await refusalOf(decrypt(away, text))).name).toBe('KMSInvalidStateException')
    expect((await refusalOf(importInto(away, id, randomBytes(32)))).name).toBe('IncorrectKeyMaterialException')
    expect((await refusalOf(importInto(away, id, material, NEW))).message).toBe(
      'Input parameter ImportType NEW_KEY_MATERIAL cannot be used on replica Multi-Region keys',
    )
    const described = importInto(away, id, material, { ...STAYS, KeyMaterialDescription: 'own' })
    expect((await refusalOf(described)).message).toContain('can only be set on the primary key')
    // A token is for one Region.
    const { ImportToken, PublicKey } = await parameters(home, id)
    const EncryptedKeyMaterial = wrap(PublicKey, 'RSAES_OAEP_SHA_256', material)
    const elsewhere = away.send(
      new ImportKeyMaterialCommand({ KeyId: id, ImportToken, EncryptedKeyMaterial, ...STAYS }),
    )
    expect((await refusalOf(elsewhere)).name).toBe('InvalidImportTokenException')
    await importInto(away, id, material)
    expect(await decrypt(away, text)).toBe('text')
  })

  it('loses and regains material in one Region, and not in another', async () => {
    const { id, material } = await related([AWAY, away])
    const text = await encrypt(home, id)
    await away.send(new DeleteImportedKeyMaterialCommand({ KeyId: id }))
    expect((await describeKey(away, id))?.KeyState).toBe('PendingImport')
    expect((await describeKey(home, id))?.KeyState).toBe('Enabled')
    await importInto(away, id, material)
    expect(await decrypt(away, text)).toBe('text')
  })

  it('is rotated when every Region has been given the new material', async () => {
    const { id, materialId } = await related([AWAY, away], [FAR, far])
    const old = await encrypt(far, id)
    const material = randomBytes(32)
    const rotate = () => home.send(new RotateKeyOnDemandCommand({ KeyId: id }))
    const next = await importInto(home, id, material, NEW)
    const pending = 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION'
    for (const client of [home, away, far]) {
      await until(async () => expect(await stateOf(client, id, next)).toMatchObject({ KeyMaterialState: pending }))
    }
    expect(await refusalOf(rotate())).toMatchObject({
      name: 'KMSInvalidStateException',
      message:
        'Cannot perform key material rotation: Key material has not been imported for replicas of the Multi-Region key.',
    })
    await importInto(away, id, material, EXISTING)
    await until(async () =>
      expect(await stateOf(home, id, next)).toMatchObject({ KeyMaterialState: pending, ImportState: 'IMPORTED' }),
    )
    expect((await refusalOf(rotate())).name).toBe('KMSInvalidStateException')
    await importInto(far, id, material, EXISTING)
    for (const client of [home, away, far]) {
      await until(async () =>
        expect(await stateOf(client, id, next)).toMatchObject({ KeyMaterialState: 'PENDING_ROTATION' }),
      )
    }
    expect((await describeKey(far, id))?.CurrentKeyMaterialId).toBe(materialId)
    await rotate()
    for (const client of [home, away, far]) {
      await until(async () => expect((await describeKey(client, id))?.CurrentKeyMaterialId).toBe(next))
      expect(await decrypt(client, old)).toBe('text')
      expect(await decrypt(client, await encrypt(away, id))).toBe('text')
    }
  })

  it('waits again where a Region has lost the new material, or has just come', async () => {
    const { id, material: first } = await related([AWAY, away])
    const material = randomBytes(32)
    const next = await importInto(home, id, material, NEW)
    const ready = () =>
      until(async () => expect(await stateOf(home, id, next)).toMatchObject({ KeyMaterialState: 'PENDING_ROTATION' }))
    const notReady = () =>
      until(async () =>
        expect((await stateOf(home, id, next))?.KeyMaterialState).toBe('PENDING_MULTI_REGION_IMPORT_AND_ROTATION'),
      )
    await until(async () => void (await importInto(away, id, material, EXISTING)))
    await ready()
    await away.send(new DeleteImportedKeyMaterialCommand({ KeyId: id, KeyMaterialId: next }))
    expect((await describeKey(away, id))?.KeyState).toBe('Enabled')
    await notReady()
    await importInto(away, id, material, EXISTING)
    await ready()
    await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: FAR }))
    await notReady()
    await untilState(far, id, 'PendingImport')
    await importInto(far, id, first)
    expect((await describeKey(far, id))?.KeyState).toBe('Enabled')
    await importInto(far, id, material, EXISTING)
    await ready()
  })

  it('takes a waiting material back everywhere when the primary deletes it', async () => {
    const { id } = await related([AWAY, away])
    const material = randomBytes(32)
    const next = await importInto(home, id, material, NEW)
    await until(async () => void (await importInto(away, id, material, EXISTING)))
    await home.send(new DeleteImportedKeyMaterialCommand({ KeyId: id, KeyMaterialId: next }))
    await until(async () => expect(await materialsOf(away, id)).toHaveLength(1))
    expect((await refusalOf(importInto(away, id, material, EXISTING))).name).toBe('IncorrectKeyMaterialException')
    expect(await decrypt(home, await encrypt(away, id))).toBe('text')
  })

  it('goes on under another primary, which knows who has what', async () => {
    const { id } = await related([AWAY, away])
    const material = randomBytes(32)
    const next = await importInto(home, id, material, NEW)
    await until(async () => void (await importInto(away, id, material, EXISTING)))
    await until(async () =>
      expect(await stateOf(home, id, next)).toMatchObject({ KeyMaterialState: 'PENDING_ROTATION' }),
    )
    await home.send(new UpdatePrimaryRegionCommand({ KeyId: id, PrimaryRegion: AWAY }))
    await untilState(away, id, 'Enabled')
    await untilState(home, id, 'Enabled')
    await until(async () => void (await away.send(new RotateKeyOnDemandCommand({ KeyId: id }))))
    await until(async () => expect((await describeKey(home, id))?.CurrentKeyMaterialId).toBe(next))
    const third = randomBytes(32)
    const thirdId = await importInto(away, id, third, NEW)
    await until(async () => void (await importInto(home, id, third, EXISTING)))
    await until(async () =>
      expect(await stateOf(away, id, thirdId)).toMatchObject({ KeyMaterialState: 'PENDING_ROTATION' }),
    )
  })

  it('is one private key in every Region', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' })
    const made = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY', MultiRegion: true } as const
    const { id } = await createExternal(made)
    await importInto(home, id, pkcs8, STAYS, 'RSAES_OAEP_SHA_256')
    await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }))
    await untilState(away, id, 'PendingImport')
    await importInto(away, id, pkcs8, STAYS, 'RSA_AES_KEY_WRAP_SHA_1')
    const [here, there] = await Promise.all(
      [home, away].map(async (client) => (await client.send(new GetPublicKeyCommand({ KeyId: id }))).PublicKey),
    )
    expect(there).toEqual(here)
  })
})

describe('OpenSSL on the command line', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyspan-openssl-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  const file = (name: string, bytes?: Uint8Array) => {
    const path = join(folder, name)
    if (bytes !== undefined) writeFileSync(path, bytes)
    return path
  }
  const openssl = (...words: string[]) => execFileSync('openssl', words, { stdio: 'pipe' })
  const oaep = (input: string, output: string, hash: string) =>
    openssl(
      ...`pkeyutl -encrypt -in ${input} -out ${output} -inkey ${file('wrapping.der')} -keyform DER -pubin`.split(' '),
      ...`-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:${hash} -pkeyopt rsa_mgf1_md:${hash}`.split(' '),
    )

  it.each([
    ['RSAES_OAEP_SHA_1', 'sha1'],
    ['RSAES_OAEP_SHA_256', 'sha256'],
  ] as const)('wraps a symmetric key with %s', async (algorithm, hash) => {
    const { id } = await createExternal()
    const { ImportToken, PublicKey } = await parameters(home, id, algorithm, 'RSA_4096')
    file('wrapping.der', PublicKey)
    openssl('rand', '-out', file('material.bin'), '32')
    oaep(file('material.bin'), file('wrapped.bin'), hash)
    const EncryptedKeyMaterial = readFileSync(file('wrapped.bin'))
    await home.send(new ImportKeyMaterialCommand({ KeyId: id, ImportToken, EncryptedKeyMaterial, ...STAYS }))
    expect(await decrypt(home, await encrypt(home, id))).toBe('text')
  })

  it('wraps an RSA private key with RSA_AES_KEY_WRAP_SHA_256', async () => {
    const { id } = await createExternal({ KeySpec: 'RSA_3072', KeyUsage: 'SIGN_VERIFY' })
    const { ImportToken, PublicKey } = await parameters(home, id, 'RSA_AES_KEY_WRAP_SHA_256', 'RSA_3072')
    file('wrapping.der', PublicKey)
    openssl('genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:3072', '-out', file('key.pem'))
    openssl('pkcs8', '-topk8', '-nocrypt', '-in', file('key.pem'), '-outform', 'DER', '-out', file('key.der'))
    const kek = openssl('rand', '32')
    file('kek.bin', kek)
    const wrapping = ['-id-aes256-wrap-pad', '-iv', 'A65959A6', '-K', kek.toString('hex')]
    openssl('enc', ...wrapping, '-in', file('key.der'), '-out', file('inner.bin'))
    oaep(file('kek.bin'), file('outer.bin'), 'sha256')
    const EncryptedKeyMaterial = Buffer.concat([readFileSync(file('outer.bin')), readFileSync(file('inner.bin'))])
    await home.send(new ImportKeyMaterialCommand({ KeyId: id, ImportToken, EncryptedKeyMaterial, ...STAYS }))
    const signing = { Message: Buffer.from('m'), SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256' } as const
    const { Signature } = await home.send(new SignCommand({ KeyId: id, ...signing }))
    openssl('pkey', '-in', file('key.pem'), '-pubout', '-out', file('public.pem'))
    file('signature.bin', Signature)
    file('message.txt', signing.Message)
    const words = ['-verify', file('public.pem'), '-signature', file('signature.bin'), file('message.txt')]
    expect(openssl('dgst', '-sha256', ...words).toString()).toContain('Verified OK')
  })
})
