import * as kms from '@aws-sdk/client-kms'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { kmsOperations } from '../src/services/kms/index.ts'
import { auditLog } from './audit-log.ts'
import { importInto, STAYS } from './clients/import.ts'
import { kmsClient, untilState } from './clients/kms-client.ts'
import { advanceClock, createAccount } from './control.ts'
import { expectGolden } from './golden-file.ts'
import { expectDocumentedMembers, standIns, type RecordText } from './record-text.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'

const OWNER = '111122223333'
const GUEST = '444455556666'
const PLAINTEXT = Buffer.from('a plaintext that no record has')

let server: TestServer
let records: readonly RecordText[]

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  await createAccount(server, GUEST)
  const home = await kmsClient(server, HOME)
  const make = async (input: kms.CreateKeyCommandInput = {}) =>
    (await home.send(new kms.CreateKeyCommand(input))).KeyMetadata?.Arn ?? ''
  await useKeys(home, await make({ Description: 'for records', Tags: [{ TagKey: 'team', TagValue: 'red' }] }), make)
  await useOthers(home, make)
  await refuse(home, make)
  await moveFamily(home, await make({ MultiRegion: true }))
  await lateEvents(home, make)
}, 120_000)
afterAll(() => server[Symbol.asyncDispose]())

type Make = (input?: kms.CreateKeyCommandInput) => Promise<string>

/** Symmetric keys: their use, their names, their life. */
async function useKeys(client: kms.KMSClient, KeyId: string, make: Make): Promise<void> {
  const EncryptionContext = { purpose: 'records' }
  const { CiphertextBlob } = await client.send(
    new kms.EncryptCommand({ KeyId, Plaintext: PLAINTEXT, EncryptionContext }),
  )
  await client.send(new kms.DecryptCommand({ CiphertextBlob, EncryptionContext }))
  const DestinationKeyId = await make()
  const from = { CiphertextBlob, SourceEncryptionContext: EncryptionContext }
  await client.send(new kms.ReEncryptCommand({ ...from, DestinationKeyId }))
  await client.send(new kms.GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }))
  await client.send(new kms.GenerateDataKeyWithoutPlaintextCommand({ KeyId, KeySpec: 'AES_256' }))
  await client.send(new kms.GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: 'ECC_NIST_P256' }))
  await client.send(new kms.GenerateDataKeyPairWithoutPlaintextCommand({ KeyId, KeyPairSpec: 'ECC_NIST_P256' }))
  await client.send(new kms.GenerateRandomCommand({ NumberOfBytes: 16 }))
  await client.send(new kms.CreateAliasCommand({ AliasName: 'alias/records', TargetKeyId: KeyId }))
  await client.send(new kms.UpdateAliasCommand({ AliasName: 'alias/records', TargetKeyId: DestinationKeyId }))
  await client.send(new kms.DeleteAliasCommand({ AliasName: 'alias/records' }))
  await client.send(new kms.ListAliasesCommand({}))
  await client.send(new kms.TagResourceCommand({ KeyId, Tags: [{ TagKey: 'team', TagValue: 'blue' }] }))
  await client.send(new kms.ListResourceTagsCommand({ KeyId }))
  await client.send(new kms.UntagResourceCommand({ KeyId, TagKeys: ['team'] }))
  await client.send(new kms.DescribeKeyCommand({ KeyId }))
  await client.send(new kms.GetKeyLastUsageCommand({ KeyId }))
  await client.send(new kms.ListKeysCommand({}))
  await client.send(new kms.UpdateKeyDescriptionCommand({ KeyId, Description: 'another' }))
  const { Policy } = await client.send(new kms.GetKeyPolicyCommand({ KeyId }))
  await client.send(new kms.PutKeyPolicyCommand({ KeyId, Policy }))
  await client.send(new kms.ListKeyPoliciesCommand({ KeyId }))
  await client.send(new kms.DisableKeyCommand({ KeyId }))
  await client.send(new kms.EnableKeyCommand({ KeyId }))
  await client.send(new kms.EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 180 }))
  await client.send(new kms.GetKeyRotationStatusCommand({ KeyId }))
  await client.send(new kms.DisableKeyRotationCommand({ KeyId }))
  await client.send(new kms.RotateKeyOnDemandCommand({ KeyId }))
  await client.send(new kms.ListKeyRotationsCommand({ KeyId }))
  const GranteePrincipal = `arn:aws:iam::${OWNER}:root`
  const grant = { KeyId, GranteePrincipal, RetiringPrincipal: GranteePrincipal, Operations: ['Decrypt' as const] }
  const { GrantId } = await client.send(new kms.CreateGrantCommand(grant))
  await client.send(new kms.ListGrantsCommand({ KeyId }))
  await client.send(new kms.ListRetirableGrantsCommand({ RetiringPrincipal: GranteePrincipal }))
  await client.send(new kms.RetireGrantCommand({ KeyId, GrantId }))
  const { GrantId: another } = await client.send(new kms.CreateGrantCommand(grant))
  await client.send(new kms.RevokeGrantCommand({ KeyId, GrantId: another }))
  await client.send(new kms.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
  await client.send(new kms.CancelKeyDeletionCommand({ KeyId }))
}

/** Keys of other kinds, and what is refused because there are no key stores. */
async function useOthers(client: kms.KMSClient, make: Make): Promise<void> {
  const signing = { KeyId: await make({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }), Message: PLAINTEXT }
  const how = { SigningAlgorithm: 'ECDSA_SHA_256' as const }
  const { Signature } = await client.send(new kms.SignCommand({ ...signing, ...how }))
  await client.send(new kms.VerifyCommand({ ...signing, ...how, Signature }))
  await client.send(new kms.GetPublicKeyCommand({ KeyId: signing.KeyId }))
  const mac = { KeyId: await make({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }), Message: PLAINTEXT }
  const { Mac } = await client.send(new kms.GenerateMacCommand({ ...mac, MacAlgorithm: 'HMAC_SHA_256' }))
  await client.send(new kms.VerifyMacCommand({ ...mac, MacAlgorithm: 'HMAC_SHA_256', Mac }))
  const agreement = await make({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' })
  const { PublicKey } = await client.send(new kms.GetPublicKeyCommand({ KeyId: agreement }))
  const derive = { KeyId: agreement, KeyAgreementAlgorithm: 'ECDH' as const, PublicKey }
  await client.send(new kms.DeriveSharedSecretCommand(derive))
  const wrapping = await make({ KeySpec: 'ML_KEM_512', KeyUsage: 'ENCAPSULATE_DECAPSULATE' })
  const ml = { KeyId: wrapping, EncapsulationAlgorithm: 'ML_KEM' as const }
  const { SharedSecretCiphertextBlob } = await client.send(new kms.EncapsulateCommand(ml))
  await client.send(new kms.DecapsulateCommand({ ...ml, SharedSecretCiphertextBlob }))
  const imported = await make({ Origin: 'EXTERNAL' })
  await importInto(client, imported, randomBytes(32), STAYS)
  await client.send(new kms.DeleteImportedKeyMaterialCommand({ KeyId: imported }))
  const CustomKeyStoreId = 'cks-1234567890abcdef0'
  const CustomKeyStoreName = 'store'
  for (const refused of [
    new kms.ConnectCustomKeyStoreCommand({ CustomKeyStoreId }),
    new kms.CreateCustomKeyStoreCommand({ CustomKeyStoreName }),
    new kms.DeleteCustomKeyStoreCommand({ CustomKeyStoreId }),
    new kms.DisconnectCustomKeyStoreCommand({ CustomKeyStoreId }),
    new kms.UpdateCustomKeyStoreCommand({ CustomKeyStoreId, NewCustomKeyStoreName: 'other' }),
  ]) {
    await client.send(refused as kms.CreateCustomKeyStoreCommand).catch(() => {})
  }
  await client.send(new kms.DescribeCustomKeyStoresCommand({}))
}

/** A use across accounts, a refusal across accounts, and a key that is in no state for it. */
async function refuse(client: kms.KMSClient, make: Make): Promise<void> {
  const KeyId = await make()
  const allow = (account: string, Action: string) => ({
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action,
    Resource: '*',
  })
  const Statement = [allow(OWNER, 'kms:*'), allow(GUEST, 'kms:Encrypt')]
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
  await client.send(new kms.PutKeyPolicyCommand({ KeyId, Policy }))
  const guest = await kmsClient(server, HOME, GUEST)
  await guest.send(new kms.EncryptCommand({ KeyId, Plaintext: PLAINTEXT }))
  await guest.send(new kms.DisableKeyCommand({ KeyId })).catch(() => {})
  await client.send(new kms.DisableKeyCommand({ KeyId }))
  await client.send(new kms.EncryptCommand({ KeyId, Plaintext: PLAINTEXT })).catch(() => {})
}

/** A key gets a replica, changes, and its primary moves. */
async function moveFamily(client: kms.KMSClient, KeyId: string): Promise<void> {
  const away = await kmsClient(server, AWAY)
  const replica = KeyId.replace(HOME, AWAY)
  await client.send(new kms.ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
  await untilState(away, replica, 'Enabled')
  await client.send(new kms.UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: AWAY }))
  await untilState(away, replica, 'Enabled')
  await untilState(client, KeyId, 'Enabled')
}

/** What the service does when its time has come. */
async function lateEvents(client: kms.KMSClient, make: Make): Promise<void> {
  const ValidTo = new Date(Date.now() + 3_600_000)
  const more = { ExpirationModel: 'KEY_MATERIAL_EXPIRES' as const, ValidTo }
  await importInto(client, await make({ Origin: 'EXTERNAL' }), randomBytes(32), more)
  await client.send(new kms.ScheduleKeyDeletionCommand({ KeyId: await make(), PendingWindowInDays: 7 }))
  const yearly = await make()
  await client.send(new kms.EnableKeyRotationCommand({ KeyId: yearly }))
  await advanceClock(server, '8d')
  await advanceClock(server, '360d')
}

/** What kind of record it is: of each kind the first is shown. */
function kindOf({ eventName, awsRegion, recipientAccountId, userIdentity, errorCode }: RecordText): string {
  const by = userIdentity['type'] === undefined ? 'the service' : `a user of ${String(userIdentity['accountId'])}`
  const end = errorCode === undefined ? '' : `, refused as ${errorCode}`
  return `${eventName} in ${awsRegion}, by ${by}, for ${recipientAccountId}${end}`
}

async function readRecords(): Promise<readonly RecordText[]> {
  const texts = [await auditLog(server, HOME), await auditLog(server, AWAY)].join('')
  return (
    texts
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as RecordText)
      // How often it is asked for the state of a key depends on the day.
      .filter(({ eventName, errorCode }) => eventName !== 'DescribeKey' || errorCode === undefined)
  )
}

it('A record of KMS says what was approved, of each operation and event', async () => {
  records = await readRecords()
  const kinds = new Map<string, RecordText>()
  for (const record of records) if (!kinds.has(kindOf(record))) kinds.set(kindOf(record), record)
  const shown = [...kinds].toSorted(([one], [other]) => (one < other ? -1 : 1))
  const text = shown.map(([kind, record]) => `${kind}\n\n${JSON.stringify(record, null, 2)}\n`).join('\n')
  await expectGolden('records.txt', standIns(text))
})

it('Every operation of KMS has a record', () => {
  const recorded = new Set(records.map(({ eventName }) => eventName))
  expect(kmsOperations.map(({ name }) => name).filter((name) => !recorded.has(name))).toEqual([])
})

it('A record has the members that AWS documents, and no other', () => {
  for (const record of records) expectDocumentedMembers(record)
})

it('Nothing that is secret is in a record', async () => {
  const text = [await auditLog(server, HOME), await auditLog(server, AWAY)].join('')
  for (const form of ['utf8', 'base64', 'hex'] as const) expect(text).not.toContain(PLAINTEXT.toString(form))
  expect(text).not.toMatch(
    /"(?:plaintext|ciphertextBlob|encryptedKeyMaterial|signature|mac|message|sharedSecret\w*|privateKey\w*|grantTokens?|importToken)":/i,
  )
})

it('The service’s own events are there', () => {
  const own = records.filter(({ userIdentity }) => userIdentity['type'] === undefined)
  const seen = new Set(own.map(({ eventName, awsRegion }) => `${eventName} ${awsRegion}`))
  for (const event of ['RotateKey', 'DeleteKey', 'DeleteExpiredKeyMaterial']) expect(seen).toContain(`${event} ${HOME}`)
  for (const event of ['CreateKey', 'UpdatePrimaryRegion', 'SynchronizeMultiRegionKey'])
    expect(seen).toContain(`${event} ${AWAY}`)
  const moves = records.filter(({ eventName }) => eventName === 'UpdatePrimaryRegion')
  expect(moves.map(({ awsRegion }) => awsRegion)).toEqual([HOME, AWAY])
  expect(new Set(moves.map(({ requestID }) => requestID)).size).toBe(1)
})

it('A use across accounts is in both, as one event; a refusal is in the caller’s alone', () => {
  const shared = records.filter(
    ({ eventName, sharedEventID }) => eventName === 'Encrypt' && sharedEventID !== undefined,
  )
  expect(shared.map(({ recipientAccountId }) => recipientAccountId).toSorted()).toEqual([OWNER, GUEST])
  expect(new Set(shared.map(({ sharedEventID }) => sharedEventID)).size).toBe(1)
  const refused = records.filter(({ errorCode }) => errorCode === 'AccessDenied')
  expect(refused.map(({ eventName, recipientAccountId }) => [eventName, recipientAccountId])).toEqual([
    ['DisableKey', GUEST],
  ])
})
