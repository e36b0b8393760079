import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rootArn } from '../src/domain/arn.ts'
import { isGrantOperation } from '../src/domain/grant.ts'
import { rootCaller, type Caller } from '../src/kernel/identities/caller.ts'
import type { Refusal } from '../src/kernel/access/need.ts'
import { WireError } from '../src/kernel/errors.ts'
import type { Operation } from '../src/kernel/operation.ts'
import { kmsOperations } from '../src/services/kms/index.ts'
import { attest, makeChain } from './attestation.ts'
import { columns, expectGolden } from './golden-file.ts'
import { startRecordingHost, type RecordingHost } from './recording-host.ts'

const OWNER = '111122223333'
const GUEST = '444455556666'
/** It has no multi-Region key yet. */
const FRESH = '777788889999'
const HOME = 'us-west-2'
const AWAY = 'eu-west-1'
const ALIAS = 'alias/data'
const HMAC_ALIAS = 'alias/hmac'
const SIGNING_ALIAS = 'alias/signing'

/** Condition keys of KMS and of requests; those that follow from who asks are the same for every operation. */
const CONDITION_KEYS = `
  aws:CurrentTime aws:EpochTime aws:PrincipalIsAWSService aws:RequestTag/team aws:RequestedRegion
  aws:ResourceAccount aws:ResourceOrgID aws:ResourceOrgPaths aws:ResourceTag/team aws:SecureTransport aws:SourceIp aws:TagKeys aws:UserAgent
  aws:ViaAWSService iam:AWSServiceName kms:BypassPolicyLockoutSafetyCheck kms:CallerAccount
  kms:CustomerMasterKeySpec kms:CustomerMasterKeyUsage kms:DataKeyPairSpec kms:EncapsulationAlgorithm
  kms:EncryptionAlgorithm
  kms:EncryptionContext:purpose kms:EncryptionContextKeys kms:ExpirationModel kms:GrantConstraintSourceArn
  kms:GrantConstraintType kms:GrantIsForAWSResource kms:GrantOperations kms:GranteePrincipal
  kms:GranteeServicePrincipal kms:KeyAgreementAlgorithm kms:KeyOrigin kms:KeySpec kms:KeyUsage kms:MacAlgorithm
  kms:MessageType kms:MultiRegion kms:MultiRegionKeyType kms:PrimaryRegion kms:ReEncryptOnSameKey kms:ReplicaRegion
  kms:RecipientAttestation:ImageSha384 kms:RecipientAttestation:NitroTPMPCR7 kms:RecipientAttestation:PCR0
  kms:RecipientAttestation:PCR8
  kms:RequestAlias kms:ResourceAliases kms:RetiringPrincipal kms:RetiringServicePrincipal kms:RotationPeriodInDays
  kms:ScheduleKeyDeletionPendingWindowInDays kms:SigningAlgorithm kms:TrailingDaysWithoutKeyUsage kms:ValidTo
  kms:ViaService kms:WrappingAlgorithm kms:WrappingKeySpec
`
  .trim()
  .split(/\s+/)

/** Somebody whom no policy lets do anything, so that whatever is asked is refused, and recorded. */
function pauperOf(account: string): Caller {
  return {
    ...rootCaller(account, 'AKIAEXAMPLE'),
    type: 'user',
    arn: `arn:aws:iam::${account}:user/pauper`,
    forms: [{ kind: 'user', id: 'AIDAEXAMPLE' }],
    layers: { identity: [] },
    record: { type: 'IAMUser', principalId: 'AIDAEXAMPLE', userName: 'pauper' },
  }
}

const chain = makeChain()
const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

let host: RecordingHost
/** A primary with a replica, an alias and a tag, and another key. */
let primary: string
let other: string
let hmac: string
let signing: string
let ciphertext: string
let grantId: string

function operation(name: string): Operation {
  const found = kmsOperations.find((each) => each.name === name)
  if (found === undefined) throw new Error(`no operation ${name}`)
  return found
}

async function asRoot(
  name: string,
  body: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const { answer } = await host.call(operation(name), body, rootCaller(OWNER, 'AKIAEXAMPLE'))
  if (answer instanceof Error) throw answer
  return (answer ?? {}) as Readonly<Record<string, unknown>>
}

beforeAll(async () => {
  host = await startRecordingHost([HOME, AWAY], [new X509Certificate(chain[0].der)])
  const Tags = [{ TagKey: 'team', TagValue: 'payments' }]
  const create = async (body: object) =>
    ((await asRoot('CreateKey', { ...body })) as { KeyMetadata: { KeyId: string } }).KeyMetadata.KeyId
  primary = await create({ MultiRegion: true, Tags })
  other = await create({ Tags })
  hmac = await create({ Tags, KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })
  signing = await create({ Tags, KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' })
  await asRoot('CreateAlias', { AliasName: HMAC_ALIAS, TargetKeyId: hmac })
  await asRoot('CreateAlias', { AliasName: SIGNING_ALIAS, TargetKeyId: signing })
  await asRoot('ReplicateKey', { KeyId: primary, ReplicaRegion: AWAY, Tags })
  await host.settle()
  await asRoot('CreateAlias', { AliasName: ALIAS, TargetKeyId: primary })
  await asRoot('CreateAlias', { AliasName: 'alias/doomed', TargetKeyId: primary })
  const encrypted = await asRoot('Encrypt', { KeyId: primary, Plaintext: 'eA==', EncryptionContext: { purpose: 'x' } })
  ciphertext = (encrypted['CiphertextBlob'] as Buffer).toString('base64')
  const EncryptionContextEquals = { purpose: 'x' }
  const grant = { GranteePrincipal: rootArn(GUEST), Operations: ['Encrypt'], Constraints: { EncryptionContextEquals } }
  grantId = String((await asRoot('CreateGrant', { KeyId: primary, ...grant }))['GrantId'])
})
afterAll(() => host[Symbol.asyncDispose]())

/** A request of every operation, with every parameter that a condition key tells of. */
function requests(): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const Tags = [{ TagKey: 'team', TagValue: 'payments' }]
  const key = { KeyId: primary }
  const EncryptionContext = { purpose: 'x' }
  const grant = { GranteePrincipal: rootArn(GUEST), RetiringPrincipal: rootArn(OWNER), Operations: ['Encrypt'] }
  const store = { CustomKeyStoreId: 'cks-1234567890abcdef0' }
  const Recipient = { AttestationDocument: attest(chain, publicKey).toString('base64') }
  const kem = { KeyId: SIGNING_ALIAS, EncapsulationAlgorithm: 'ML_KEM' }
  const mac = { Message: 'eA==', MacAlgorithm: 'HMAC_SHA_256' }
  const signature = { KeyId: SIGNING_ALIAS, Message: 'eA==', SigningAlgorithm: 'ECDSA_SHA_256' }
  return {
    CancelKeyDeletion: key,
    ConnectCustomKeyStore: store,
    CreateAlias: { AliasName: 'alias/new', TargetKeyId: primary },
    CreateCustomKeyStore: { CustomKeyStoreName: 'store' },
    CreateGrant: { ...key, ...grant, Constraints: { EncryptionContextEquals: EncryptionContext }, DryRun: true },
    CreateKey: { MultiRegion: true, Tags, BypassPolicyLockoutSafetyCheck: true },
    Decapsulate: { ...kem, SharedSecretCiphertextBlob: 'eA==' },
    Decrypt: { CiphertextBlob: ciphertext, EncryptionContext, KeyId: ALIAS, Recipient },
    DeleteAlias: { AliasName: 'alias/doomed' },
    DeleteCustomKeyStore: store,
    DeleteImportedKeyMaterial: key,
    DeriveSharedSecret: { KeyId: SIGNING_ALIAS, KeyAgreementAlgorithm: 'ECDH', PublicKey: 'eA==', Recipient },
    DescribeCustomKeyStores: {},
    DescribeKey: { KeyId: ALIAS },
    DisableKey: key,
    DisableKeyRotation: key,
    DisconnectCustomKeyStore: store,
    EnableKey: key,
    EnableKeyRotation: key,
    Encapsulate: kem,
    Encrypt: { KeyId: ALIAS, Plaintext: 'eA==', EncryptionContext },
    GenerateDataKey: { KeyId: ALIAS, NumberOfBytes: 32, EncryptionContext, Recipient },
    GenerateDataKeyPair: { KeyId: ALIAS, KeyPairSpec: 'ECC_NIST_P256', EncryptionContext, Recipient },
    GenerateDataKeyPairWithoutPlaintext: { KeyId: ALIAS, KeyPairSpec: 'ECC_NIST_P256', EncryptionContext },
    GenerateDataKeyWithoutPlaintext: { KeyId: ALIAS, NumberOfBytes: 32, EncryptionContext },
    GenerateMac: { ...mac, KeyId: HMAC_ALIAS },
    GenerateRandom: { NumberOfBytes: 32, Recipient },
    GetKeyLastUsage: key,
    GetKeyPolicy: key,
    GetKeyRotationStatus: key,
    GetParametersForImport: { ...key, WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' },
    GetPublicKey: { KeyId: SIGNING_ALIAS },
    ImportKeyMaterial: {
      ...key,
      ImportToken: 'eA==',
      EncryptedKeyMaterial: 'eA==',
      ExpirationModel: 'KEY_MATERIAL_EXPIRES',
      ValidTo: 2_000_000_000,
    },
    ListAliases: key,
    ListGrants: key,
    ListKeyPolicies: key,
    ListKeyRotations: key,
    ListKeys: {},
    ListResourceTags: key,
    ListRetirableGrants: { RetiringPrincipal: rootArn(OWNER) },
    PutKeyPolicy: { ...key, Policy: '{}' },
    ReEncrypt: {
      CiphertextBlob: ciphertext,
      SourceEncryptionContext: EncryptionContext,
      SourceKeyId: ALIAS,
      DestinationKeyId: other,
      DestinationEncryptionContext: EncryptionContext,
    },
    ReplicateKey: { ...key, ReplicaRegion: AWAY, Tags },
    RetireGrant: { KeyId: `arn:aws:kms:${HOME}:${OWNER}:key/${primary}`, GrantId: grantId, DryRun: true },
    RevokeGrant: { ...key, GrantId: grantId, DryRun: true },
    RotateKeyOnDemand: key,
    ScheduleKeyDeletion: { KeyId: other },
    Sign: signature,
    TagResource: { ...key, Tags },
    UntagResource: { ...key, TagKeys: ['cost'] },
    UpdateAlias: { AliasName: ALIAS, TargetKeyId: other },
    UpdateCustomKeyStore: store,
    UpdateKeyDescription: { ...key, Description: '' },
    UpdatePrimaryRegion: { ...key, PrimaryRegion: AWAY },
    Verify: { ...signature, Signature: 'eA==' },
    VerifyMac: { ...mac, KeyId: HMAC_ALIAS, Mac: 'eA==' },
  }
}

/** The same request, with keys and aliases named as another account must name them. */
function byArn(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const names = [primary, other, ALIAS, HMAC_ALIAS, SIGNING_ALIAS]
  const arnOf = (value: string) => `arn:aws:kms:${HOME}:${OWNER}:${value.startsWith('alias/') ? '' : 'key/'}${value}`
  const entries = Object.entries(body).map(([name, value]) => {
    const isKey = typeof value === 'string' && names.includes(value) && name !== 'AliasName'
    return [name, isKey ? arnOf(value) : value] as const
  })
  return Object.fromEntries(entries)
}

/** An operation that prepares something ahead of its transaction asks before, and again inside. */
function once(asked: readonly Refusal[]): readonly Refusal[] {
  const nameOf = (each: Refusal) => `${each.need.action} ${placeOf(each)} ${each.need.region}`
  return asked.filter((each, index) => asked.findIndex((earlier) => nameOf(earlier) === nameOf(each)) === index)
}

interface Row {
  readonly operation: string
  readonly refusal: Refusal
  readonly acrossAccounts: boolean
}

function placeOf({ need }: Refusal): string {
  if (typeof need.on !== 'string') {
    if (need.on.arn.endsWith(other)) return 'the other key'
    return need.region === HOME ? 'the key' : 'its replica'
  }
  if (need.on.includes(':alias/')) return 'the alias'
  return need.on.startsWith('arn:aws:iam') ? 'the service-linked role' : need.on
}

function regionOf({ need }: Refusal): string {
  if (need.region === HOME) return 'here'
  return need.region === AWAY ? 'there' : need.region
}

/** Who can give a permission: what the decision was really made from. */
function giversOf({ need, question }: Refusal): string {
  if (need.retires !== undefined) return 'the grant, IAM'
  if (question.layers.resource === undefined) return 'IAM'
  return isGrantOperation(need.action.replace('kms:', '')) ? 'key policy, grants, IAM' : 'key policy, IAM'
}

const OF_MULTI_REGION_KEYS = 'kms:MultiRegionKeyType'

const keysOf = ({ question }: Refusal) =>
  CONDITION_KEYS.filter((name) => question.request.keys.get(name.toLowerCase()) !== undefined)

function common(refusals: readonly Refusal[]): readonly string[] {
  return CONDITION_KEYS.filter((name) => refusals.every((each) => keysOf(each).includes(name)))
}

function tableOf(rows: readonly Row[]): string {
  const all = rows.map(({ refusal }) => refusal)
  const always = common(all)
  const ofKeys = common(all.filter(({ need }) => typeof need.on !== 'string')).filter((name) => !always.includes(name))
  const lines = rows.map(({ operation: name, refusal, acrossAccounts }) => {
    const isOnKey = typeof refusal.need.on !== 'string'
    const told = [...always, ...(isOnKey ? [...ofKeys, OF_MULTI_REGION_KEYS] : [])]
    return [
      name,
      refusal.need.action,
      placeOf(refusal),
      regionOf(refusal),
      giversOf(refusal),
      isOnKey ? (acrossAccounts ? 'yes' : 'no') : '.',
      keysOf(refusal)
        .filter((key) => !told.includes(key))
        .join(' '),
    ]
  })
  const head = ['operation', 'permission', 'on', 'Region', 'given by', 'across accounts', 'condition keys besides']
  return [
    'What each operation of KMS needs, from the operations themselves\n',
    'Every row is one permission, and all rows of an operation must be given. "IAM" means policies of the caller, which',
    'for a key count only where its key policy leaves that to the account. "there" is the Region of the replica.\n',
    `Condition keys that are always there, besides those that tell who asks:\n  ${always.join(' ')}`,
    `and where the permission is on a key:\n  ${ofKeys.join(' ')}`,
    `and, where it is a multi-Region key, ${OF_MULTI_REGION_KEYS}.\n`,
    columns([head, ...lines]),
  ].join('\n')
}

describe('The authorization table', () => {
  it('has every operation, and is the one that was approved', async () => {
    const all = requests()
    expect(Object.keys(all)).toEqual(kmsOperations.map(({ name }) => name))
    const rows: Row[] = []
    for (const [name, body] of Object.entries(all)) {
      const foreign = await host.call(operation(name), byArn(body), pauperOf(GUEST))
      const caller = pauperOf(name === 'CreateKey' ? FRESH : OWNER)
      const { asked, answer } = await host.call(operation(name), body, caller)
      expect(answer instanceof Error && !(answer instanceof WireError), `${name} failed: ${String(answer)}`).toBe(false)
      expect(asked.length, `${name} asks for no permission`).toBeGreaterThan(0)
      const acrossAccounts = foreign.asked.some(({ need }) => typeof need.on !== 'string')
      rows.push(...once(asked).map((refusal) => ({ operation: name, refusal, acrossAccounts })))
    }
    for (const { refusal } of rows) {
      const { on } = refusal.need
      if (typeof on === 'string' || !('record' in on)) continue
      expect(keysOf(refusal).includes(OF_MULTI_REGION_KEYS)).toBe(on.record.family !== null)
    }
    await expectGolden('authorization.txt', tableOf(rows))
  })
})
