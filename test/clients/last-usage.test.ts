import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GetKeyLastUsageCommand,
  ReEncryptCommand,
  ReplicateKeyCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditLog } from '../audit-log.ts'
import { advanceClock, createAccount } from '../control.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { kmsClient, refusalOf, untilState } from './kms-client.ts'

const GUEST = '444455556666'

let server: TestServer
let kms: KMSClient

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  await createAccount(server, GUEST)
  kms = await kmsClient(server, HOME)
})
afterAll(() => server[Symbol.asyncDispose]())

async function createKey(input: { MultiRegion?: boolean; Policy?: string } = {}): Promise<string> {
  return (await kms.send(new CreateKeyCommand(input))).KeyMetadata?.Arn ?? ''
}

const usage = async (KeyId: string, client = kms) => client.send(new GetKeyLastUsageCommand({ KeyId }))
const encrypt = (KeyId: string, client = kms) =>
  client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('text') }))

interface AuditEvent {
  readonly eventID: string
  readonly requestID: string
  readonly eventName: string
  readonly recipientAccountId: string
}

async function eventOf(id: string | undefined): Promise<AuditEvent | undefined> {
  const line = (await auditLog(server, HOME)).split('\n').find((each) => each.includes(`"eventID":"${id}"`))
  return line === undefined ? undefined : (JSON.parse(line) as AuditEvent)
}

describe('GetKeyLastUsage', () => {
  it('tells that a key was never used, and since when that is known', async () => {
    const KeyId = await createKey()
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }))
    const { $metadata: _, ...answer } = await usage(KeyId)
    expect(answer).toEqual({
      KeyId: KeyMetadata?.KeyId,
      KeyLastUsage: {},
      TrackingStartDate: KeyMetadata?.CreationDate,
      KeyCreationDate: KeyMetadata?.CreationDate,
    })
  })

  it('tells the last of each cryptographic operation, by its time, its event and its request', async () => {
    const KeyId = await createKey()
    const { CiphertextBlob } = await encrypt(KeyId)
    for (const [name, send] of [
      ['Encrypt', () => encrypt(KeyId)],
      ['Decrypt', () => kms.send(new DecryptCommand({ CiphertextBlob }))],
      ['GenerateDataKey', () => kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }))],
      [
        'GenerateDataKeyWithoutPlaintext',
        () => kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, KeySpec: 'AES_256' })),
      ],
      ['ReEncrypt', () => kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: KeyId }))],
    ] as const) {
      await advanceClock(server, '1m')
      const requestId = (await send()).$metadata.requestId
      const { KeyLastUsage, KeyCreationDate } = await usage(KeyId)
      expect(KeyLastUsage).toMatchObject({ Operation: name, KmsRequestId: requestId })
      expect(KeyLastUsage?.Timestamp?.getTime()).toBeGreaterThan(KeyCreationDate?.getTime() ?? Infinity)
      expect(await eventOf(KeyLastUsage?.CloudTrailEventId)).toMatchObject({ eventName: name, requestID: requestId })
    }
  })

  it('counts a ReEncrypt for both keys', async () => {
    const from = await createKey()
    const to = await createKey()
    const { CiphertextBlob } = await encrypt(from)
    await kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: to }))
    for (const key of [from, to]) expect((await usage(key)).KeyLastUsage?.Operation).toBe('ReEncrypt')
  })

  it('counts neither what failed, nor a dry run, nor what is not cryptographic', async () => {
    const KeyId = await createKey()
    await refusalOf(kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('text'), DryRun: true })))
    await refusalOf(kms.send(new DecryptCommand({ KeyId, CiphertextBlob: Buffer.from('none') })))
    await kms.send(new DescribeKeyCommand({ KeyId }))
    await kms.send(new DisableKeyCommand({ KeyId }))
    await refusalOf(encrypt(KeyId))
    expect((await usage(KeyId)).KeyLastUsage).toEqual({})
  })

  it('counts what another account did, under the event that the key’s account has of it', async () => {
    const allow = (AWS: string) => ({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${AWS}:root` },
      Action: 'kms:*',
      Resource: '*',
    })
    const Statement = [allow('111122223333'), allow(GUEST)]
    const KeyId = await createKey({ Policy: JSON.stringify({ Version: '2012-10-17', Statement }) })
    const guest = await kmsClient(server, HOME, GUEST)
    await encrypt(KeyId, guest)
    const { KeyLastUsage } = await usage(KeyId)
    expect(await eventOf(KeyLastUsage?.CloudTrailEventId)).toMatchObject({
      eventName: 'Encrypt',
      recipientAccountId: '111122223333',
    })
    expect(await refusalOf(usage(KeyId, guest))).toMatchObject({ name: 'AccessDeniedException' })
  })

  it('knows each Region’s use of a multi-Region key apart', async () => {
    const KeyId = await createKey({ MultiRegion: true })
    await kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
    const away = await kmsClient(server, AWAY)
    const id = KeyId.split('/')[1] ?? ''
    await untilState(away, id, 'Enabled')
    await encrypt(id, away)
    expect((await usage(id, away)).KeyLastUsage?.Operation).toBe('Encrypt')
    expect((await usage(id)).KeyLastUsage).toEqual({})
  })

  it('is not forgotten when the server stops', async () => {
    const KeyId = await createKey()
    await encrypt(KeyId)
    const before = await usage(KeyId)
    await server.restart()
    kms = await kmsClient(server, HOME)
    const after = await usage(KeyId)
    expect(after.KeyLastUsage?.Operation).toBe('Encrypt')
    expect({ ...after, $metadata: null }).toEqual({ ...before, $metadata: null })
  })

  it('takes no alias, and no key that is not there', async () => {
    const TargetKeyId = await createKey()
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/used', TargetKeyId }))
    expect(await refusalOf(usage('alias/used'))).toMatchObject({ name: 'InvalidArnException' })
    const nowhere = '00000000-0000-4000-8000-000000000000'
    expect(await refusalOf(usage(nowhere))).toMatchObject({ name: 'NotFoundException' })
  })
})
