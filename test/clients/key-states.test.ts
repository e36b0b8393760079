import * as sdk from '@aws-sdk/client-kms'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { STATE_TABLE, type KeyState, type StateRefusal, type StatefulOperation } from '../../src/domain/key-state.ts'
import { deafen } from '../deafen.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { importInto } from './import.ts'
import { kmsClient, refusalOf, untilState } from './kms-client.ts'

let server: TestServer
let kms: sdk.KMSClient
let away: sdk.KMSClient

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  kms = await kmsClient(server, HOME)
  away = await kmsClient(server, AWAY)
})
afterAll(() => server[Symbol.asyncDispose]())

const OPERATIONS = Object.keys(STATE_TABLE) as StatefulOperation[]
const IMPORTS: readonly StatefulOperation[] = [
  'DeleteImportedKeyMaterial',
  'GetParametersForImport',
  'ImportKeyMaterial',
]

/** What each operation takes besides its key. */
const MORE: { readonly [Operation in StatefulOperation]?: Readonly<Record<string, unknown>> } = {
  CreateAlias: { AliasName: 'alias/state' },
  CreateGrant: { GranteePrincipal: 'arn:aws:iam::111122223333:root', Operations: ['Encrypt'] },
  Decapsulate: { SharedSecretCiphertextBlob: randomBytes(9), EncapsulationAlgorithm: 'ML_KEM' },
  DeriveSharedSecret: { KeyAgreementAlgorithm: 'ECDH', PublicKey: randomBytes(9) },
  Encapsulate: { EncapsulationAlgorithm: 'ML_KEM' },
  Encrypt: { Plaintext: randomBytes(9) },
  GenerateDataKey: { KeySpec: 'AES_256' },
  GenerateDataKeyPair: { KeyPairSpec: 'ECC_NIST_P256' },
  GenerateDataKeyPairWithoutPlaintext: { KeyPairSpec: 'ECC_NIST_P256' },
  GenerateDataKeyWithoutPlaintext: { KeySpec: 'AES_256' },
  GenerateMac: { Message: randomBytes(9), MacAlgorithm: 'HMAC_SHA_256' },
  GetParametersForImport: { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' },
  ImportKeyMaterial: {
    ImportToken: randomBytes(9),
    EncryptedKeyMaterial: randomBytes(9),
    ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
  },
  ReplicateKey: { ReplicaRegion: AWAY },
  RetireGrant: { GrantId: 'a'.repeat(64) },
  RevokeGrant: { GrantId: 'a'.repeat(64) },
  Sign: { Message: randomBytes(9), SigningAlgorithm: 'ECDSA_SHA_256' },
  TagResource: { Tags: [{ TagKey: 'a', TagValue: 'b' }] },
  UntagResource: { TagKeys: ['a'] },
  UpdateKeyDescription: { Description: 'changed' },
  UpdatePrimaryRegion: { PrimaryRegion: HOME },
  Verify: { Message: randomBytes(9), Signature: randomBytes(9), SigningAlgorithm: 'ECDSA_SHA_256' },
  VerifyMac: { Message: randomBytes(9), Mac: randomBytes(32), MacAlgorithm: 'HMAC_SHA_256' },
}

const REFUSALS: Readonly<Record<StateRefusal, { readonly name: string; readonly message: RegExp }>> = {
  disabled: { name: 'DisabledException', message: /is disabled/ },
  'pending-deletion': { name: 'KMSInvalidStateException', message: /is pending (replica )?deletion/ },
  'not-pending-deletion': { name: 'KMSInvalidStateException', message: /is not pending deletion/ },
  'pending-import': { name: 'KMSInvalidStateException', message: /is pending import/ },
  'external-origin': { name: 'UnsupportedOperationException', message: /origin is EXTERNAL/ },
  creating: { name: 'KMSInvalidStateException', message: /is creating/ },
  updating: { name: 'KMSInvalidStateException', message: /is updating/ },
}

/** A ciphertext is read before it is looked at the key's state: it must be one of that key. */
const OPENING: readonly string[] = ['Decrypt', 'ReEncrypt']

/** A ciphertext of a key that was once enabled; without a key, one of nobody's. */
const ciphertexts = new Map<string, Uint8Array | undefined>()

type Client = new (input: object) => sdk.DescribeKeyCommand

function send(operation: string, input: object): Promise<unknown> {
  const Command = (sdk as unknown as Readonly<Record<string, Client>>)[`${operation}Command`]
  if (Command === undefined) throw new Error(`AWS's SDK has no ${operation}`)
  return kms.send(new Command(input))
}

async function create(external: boolean): Promise<string> {
  const Origin = external ? 'EXTERNAL' : 'AWS_KMS'
  const { KeyMetadata } = await kms.send(new sdk.CreateKeyCommand({ Origin, MultiRegion: true }))
  return KeyMetadata?.KeyId ?? ''
}

/** A key with its material, whose material was imported where `external` says so. */
async function whole(external: boolean): Promise<string> {
  const id = await create(external)
  if (external) await importInto(kms, id, randomBytes(32))
  const { CiphertextBlob } = await kms.send(new sdk.EncryptCommand({ KeyId: id, Plaintext: randomBytes(9) }))
  ciphertexts.set(id, CiphertextBlob)
  return id
}

async function replicated(external: boolean): Promise<string> {
  const id = await whole(external)
  await kms.send(new sdk.ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }))
  await untilState(away, id, external ? 'PendingImport' : 'Enabled')
  return id
}

/** Ends what keeps a key `Updating`. */
let hearAgain = () => {}

/** How a key comes into each state that lasts. `Creating` ends by itself, a moment after it began. */
const MAKE: Readonly<Record<Exclude<KeyState, 'Creating'>, (external: boolean) => Promise<string>>> = {
  Enabled: whole,
  async Disabled(external) {
    const KeyId = await whole(external)
    await kms.send(new sdk.DisableKeyCommand({ KeyId }))
    return KeyId
  },
  async PendingDeletion(external) {
    const KeyId = await whole(external)
    await kms.send(new sdk.ScheduleKeyDeletionCommand({ KeyId }))
    return KeyId
  },
  async PendingReplicaDeletion(external) {
    const KeyId = await replicated(external)
    await kms.send(new sdk.ScheduleKeyDeletionCommand({ KeyId }))
    return KeyId
  },
  async PendingImport() {
    const KeyId = await whole(true)
    await kms.send(new sdk.DeleteImportedKeyMaterialCommand({ KeyId }))
    return KeyId
  },
  async Updating() {
    // Imported material would have to be brought to the replica as well, and changes nothing of what is refused.
    const KeyId = await replicated(false)
    hearAgain = deafen(server, AWAY, HOME)
    await kms.send(new sdk.UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: AWAY }))
    return KeyId
  },
}

/** Keys by how they were made: what is refused changes nothing, so one is enough for all that is. */
const kept = new Map<string, Promise<string>>()

function keyFor(state: keyof typeof MAKE, external: boolean, isRefused: boolean): Promise<string> {
  // A key stays `Updating` for as long as a test lets it.
  if (!isRefused || state === 'Updating') return MAKE[state](external)
  const name = `${state} ${external}`
  const made = kept.get(name) ?? MAKE[state](external)
  kept.set(name, made)
  return made
}

/** What the key that gives its authority away refuses, though the table does not: rotation is nobody's meanwhile. */
const MOVING: readonly StatefulOperation[] = ['DisableKeyRotation', 'EnableKeyRotation', 'RotateKeyOnDemand']

/** What a state refuses, by the table. */
function refusalIn(state: KeyState, operation: StatefulOperation): StateRefusal | undefined {
  if (state === 'Updating' && MOVING.includes(operation)) return 'updating'
  const row: Readonly<Partial<Record<string, StateRefusal>>> = STATE_TABLE[operation]
  return row[state === 'PendingReplicaDeletion' ? 'PendingDeletion' : state]
}

describe.each(Object.keys(MAKE) as (keyof typeof MAKE)[])('A key that is %s', (state) => {
  const operations = state === 'Updating' ? OPERATIONS.filter((name) => !IMPORTS.includes(name)) : OPERATIONS
  const rows = operations.map((operation) => [operation, refusalIn(state, operation) ?? 'yes'] as const)

  it.each(rows)('answers %s with %s', async (operation, expected) => {
    try {
      const id = await keyFor(state, IMPORTS.includes(operation), expected !== 'yes')
      const { KeyMetadata } = await kms.send(new sdk.DescribeKeyCommand({ KeyId: id }))
      expect(KeyMetadata?.KeyState).toBe(state)
      const alias = { AliasName: `alias/${id}` }
      const named = operation === 'UpdateAlias' || operation === 'DeleteAlias'
      if (named) {
        const TargetKeyId = operation === 'UpdateAlias' ? await create(false) : id
        await kms.send(new sdk.CreateAliasCommand({ ...alias, TargetKeyId })).catch(() => null)
      }
      const key = named || operation === 'CreateAlias' ? { ...alias, TargetKeyId: id } : { KeyId: id }
      const byArn = operation === 'RetireGrant' ? { KeyId: KeyMetadata?.Arn } : {}
      const both = operation === 'ReEncrypt' ? { SourceKeyId: id, DestinationKeyId: id } : {}
      const sealed = OPENING.includes(operation) ? { CiphertextBlob: ciphertexts.get(id) } : {}
      const sent = send(operation, { ...MORE[operation], ...key, ...byArn, ...both, ...sealed })
      if (expected !== 'yes') {
        const { name, message } = await refusalOf(sent)
        expect(name).toBe(REFUSALS[expected].name)
        expect(message).toMatch(REFUSALS[expected].message)
        return
      }
      // Whatever else such a key cannot do, it is not its state that forbids it.
      const refusal = await refusalOf(sent.then(() => Promise.reject(new Error('done')))).catch(() => null)
      for (const { name, message } of Object.values(REFUSALS)) {
        expect(refusal?.name === name && message.test(refusal.message)).toBe(false)
      }
    } finally {
      hearAgain()
      hearAgain = () => {}
    }
  })
})
