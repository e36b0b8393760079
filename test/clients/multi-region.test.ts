import {
  CancelKeyDeletionCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  ListKeyRotationsCommand,
  ListResourceTagsCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { advanceClock } from '../control.ts'
import { AWAY, FAR, HOME, startTestServer, type TestServer } from '../server.ts'
import { kmsClient, refusalOf, untilState } from './kms-client.ts'

let server: TestServer
let home: KMSClient
let away: KMSClient
let far: KMSClient

beforeAll(async () => {
  server = await startTestServer()
  home = await kmsClient(server, HOME)
  away = await kmsClient(server, AWAY)
  far = await kmsClient(server, FAR)
})
afterAll(() => server[Symbol.asyncDispose]())

async function createPrimary(): Promise<string> {
  const { KeyMetadata } = await home.send(new CreateKeyCommand({ MultiRegion: true, Description: 'the primary' }))
  return KeyMetadata?.KeyId ?? ''
}

async function replicateTo(keyId: string, region: string, client: KMSClient): Promise<void> {
  await home.send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: region }))
  await untilState(client, keyId, 'Enabled')
}

async function describeIn(client: KMSClient, keyId: string) {
  const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: keyId }))
  if (KeyMetadata === undefined) throw new Error('DescribeKey answers with metadata')
  return KeyMetadata
}

const arnIn = (region: string, keyId: string) => `arn:aws:kms:${region}:111122223333:key/${keyId}`

describe('CreateKey with MultiRegion', () => {
  it('makes a primary without replicas, enabled at once', async () => {
    const keyId = await createPrimary()
    expect(keyId).toMatch(/^mrk-[0-9a-f]{32}$/)
    expect(await describeIn(home, keyId)).toMatchObject({
      Arn: arnIn(HOME, keyId),
      KeyState: 'Enabled',
      Enabled: true,
      MultiRegion: true,
      MultiRegionConfiguration: {
        MultiRegionKeyType: 'PRIMARY',
        PrimaryKey: { Arn: arnIn(HOME, keyId), Region: HOME },
        ReplicaKeys: [],
      },
    })
  })
})

describe('ReplicateKey', () => {
  it('answers with a key that is being created and has nothing of the primary that is not shared', async () => {
    const keyId = await createPrimary()
    const answer = await home.send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: AWAY }))
    expect(answer.ReplicaKeyMetadata).toMatchObject({
      KeyState: 'Creating',
      Enabled: false,
      Description: '',
      Arn: arnIn(AWAY, keyId),
      MultiRegionConfiguration: {
        MultiRegionKeyType: 'REPLICA',
        PrimaryKey: { Region: HOME },
        ReplicaKeys: [{ Arn: arnIn(AWAY, keyId), Region: AWAY }],
      },
    })
    expect(answer.ReplicaKeyMetadata?.CurrentKeyMaterialId).toBeUndefined()
    expect(answer.ReplicaPolicy).toContain('Enable IAM User Permissions')
    expect(answer.ReplicaTags).toBeUndefined()
    await untilState(away, keyId, 'Enabled')
  })

  it('gives the replica its own policy, description and tags', async () => {
    const keyId = await createPrimary()
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'kms:*', Resource: '*', Sid: 'replica' },
      ],
    })
    const Tags = [{ TagKey: 'site', TagValue: 'dublin' }]
    await home.send(
      new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: AWAY, Policy, Tags, Description: 'the replica' }),
    )
    await untilState(away, keyId, 'Enabled')
    expect((await describeIn(away, keyId)).Description).toBe('the replica')
    expect((await away.send(new GetKeyPolicyCommand({ KeyId: keyId }))).Policy).toBe(Policy)
    expect((await away.send(new ListResourceTagsCommand({ KeyId: keyId }))).Tags).toEqual(Tags)
    expect((await describeIn(home, keyId)).Description).toBe('the primary')
    expect((await home.send(new ListResourceTagsCommand({ KeyId: keyId }))).Tags).toEqual([])
  })

  it('shows the same configuration and the same material in every Region', async () => {
    const keyId = await createPrimary()
    await replicateTo(keyId, AWAY, away)
    await replicateTo(keyId, FAR, far)
    await expect.poll(async () => (await describeIn(away, keyId)).MultiRegionConfiguration?.ReplicaKeys).toHaveLength(2)
    const [primary, first, second] = [
      await describeIn(home, keyId),
      await describeIn(away, keyId),
      await describeIn(far, keyId),
    ]
    expect(first.CurrentKeyMaterialId).toBe(primary.CurrentKeyMaterialId)
    expect(second.CurrentKeyMaterialId).toBe(primary.CurrentKeyMaterialId)
    for (const { MultiRegionConfiguration } of [first, second]) {
      expect(MultiRegionConfiguration).toEqual({
        ...primary.MultiRegionConfiguration,
        MultiRegionKeyType: 'REPLICA',
      })
    }
  })

  it('lets what one Region encrypts be decrypted in every other', async () => {
    const keyId = await createPrimary()
    await replicateTo(keyId, AWAY, away)
    for (const [from, to, region] of [
      [home, away, AWAY],
      [away, home, HOME],
    ] as const) {
      const EncryptionContext = { order: '1234' }
      const sealed = await from.send(
        new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from('a secret'), EncryptionContext }),
      )
      const opened = await to.send(new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob, EncryptionContext }))
      expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('a secret')
      // What clients compare: the ARN of the Region that was asked.
      expect(opened.KeyId).toBe(arnIn(region, keyId))
    }
  })

  it('refuses what AWS refuses, in AWS’s words', async () => {
    const keyId = await createPrimary()
    await replicateTo(keyId, AWAY, away)
    const replicate = (client: KMSClient, ReplicaRegion: string, KeyId = keyId) =>
      refusalOf(client.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion })))
    expect(await replicate(home, AWAY)).toEqual({
      name: 'AlreadyExistsException',
      message: 'You can create only one replica of each primary key in each AWS Region.',
      status: 400,
    })
    expect(await replicate(home, HOME)).toMatchObject({
      name: 'ValidationException',
      message: 'us-east-1 cannot have a replica because it contains the primary.',
    })
    expect(await replicate(home, 'cn-north-1')).toMatchObject({
      message: 'The replica key Region must be in the same AWS partition as the primary key Region.',
    })
    expect(await replicate(home, 'eu-west-9')).toMatchObject({
      message: 'Region eu-west-9 is not a valid Region or multi-Region keys are not supported in Region eu-west-9.',
    })
    expect(await replicate(away, FAR)).toMatchObject({
      name: 'UnsupportedOperationException',
      message: `${arnIn(AWAY, keyId)} is not a multi-region primary key.`,
    })
    const single = await home.send(new CreateKeyCommand({}))
    expect(await replicate(home, FAR, single.KeyMetadata?.KeyId)).toMatchObject({
      name: 'UnsupportedOperationException',
    })
    await home.send(new DisableKeyCommand({ KeyId: keyId }))
    expect(await replicate(home, FAR)).toMatchObject({ name: 'DisabledException' })
  })
})

describe('Rotation of related keys', () => {
  it('reaches every Region, and opens what was encrypted before', async () => {
    const keyId = await createPrimary()
    await replicateTo(keyId, AWAY, away)
    const old = await away.send(new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from('old') }))
    const before = (await describeIn(home, keyId)).CurrentKeyMaterialId
    await home.send(new RotateKeyOnDemandCommand({ KeyId: keyId }))
    await expect.poll(async () => (await describeIn(away, keyId)).CurrentKeyMaterialId).not.toBe(before)
    const after = (await describeIn(home, keyId)).CurrentKeyMaterialId
    expect((await describeIn(away, keyId)).CurrentKeyMaterialId).toBe(after)
    const opened = await home.send(new DecryptCommand({ CiphertextBlob: old.CiphertextBlob }))
    expect(opened.KeyMaterialId).toBe(before)
    for (const client of [home, away]) {
      const { Rotations } = await client.send(new ListKeyRotationsCommand({ KeyId: keyId }))
      expect(Rotations).toMatchObject([
        { KeyMaterialId: after, RotationType: 'ON_DEMAND', KeyMaterialState: 'CURRENT' },
      ])
    }
  })

  it('brings every former material to a replica that comes later', async () => {
    const keyId = await createPrimary()
    const old = await home.send(new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from('old') }))
    await home.send(new RotateKeyOnDemandCommand({ KeyId: keyId }))
    await replicateTo(keyId, AWAY, away)
    const opened = await away.send(new DecryptCommand({ CiphertextBlob: old.CiphertextBlob }))
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('old')
  })

  it('is the primary’s: a replica shows it and cannot change it', async () => {
    const keyId = await createPrimary()
    await replicateTo(keyId, AWAY, away)
    await home.send(new EnableKeyRotationCommand({ KeyId: keyId, RotationPeriodInDays: 100 }))
    await expect
      .poll(() => away.send(new GetKeyRotationStatusCommand({ KeyId: keyId })))
      .toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 100 })
    expect(await refusalOf(away.send(new RotateKeyOnDemandCommand({ KeyId: keyId })))).toMatchObject({
      name: 'UnsupportedOperationException',
      message: `${arnIn(AWAY, keyId)} is a multi-region replica key which is not valid for RotateKeyOnDemand.`,
    })
  })
})

describe('UpdatePrimaryRegion', () => {
  it('moves the primary, and the rights with it', async () => {
    const keyId = await createPrimary()
    await replicateTo(keyId, AWAY, away)
    await replicateTo(keyId, FAR, far)
    await home.send(new UpdatePrimaryRegionCommand({ KeyId: keyId, PrimaryRegion: AWAY }))
    for (const client of [home, away, far]) {
      await expect
        .poll(async () => (await describeIn(client, keyId)).MultiRegionConfiguration?.PrimaryKey?.Region)
        .toBe(AWAY)
      await untilState(client, keyId, 'Enabled')
    }
    expect((await describeIn(home, keyId)).MultiRegionConfiguration).toMatchObject({
      MultiRegionKeyType: 'REPLICA',
      ReplicaKeys: [{ Region: FAR }, { Region: HOME }],
    })
    await away.send(new RotateKeyOnDemandCommand({ KeyId: keyId }))
    expect(await refusalOf(home.send(new RotateKeyOnDemandCommand({ KeyId: keyId })))).toMatchObject({
      name: 'UnsupportedOperationException',
    })
  })

  it('is nothing to do where the primary is there already', async () => {
    const keyId = await createPrimary()
    await home.send(new UpdatePrimaryRegionCommand({ KeyId: keyId, PrimaryRegion: HOME }))
    expect((await describeIn(home, keyId)).KeyState).toBe('Enabled')
  })

  it('refuses what AWS refuses', async () => {
    const keyId = await createPrimary()
    await replicateTo(keyId, AWAY, away)
    const update = (client: KMSClient, PrimaryRegion: string, KeyId = keyId) =>
      refusalOf(client.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion })))
    expect(await update(home, FAR)).toMatchObject({
      name: 'ValidationException',
      message: `${keyId} does not have a replica key in the specified Region.`,
    })
    expect(await update(away, HOME)).toMatchObject({
      name: 'KMSInvalidStateException',
      message: `${arnIn(AWAY, keyId)} is not a multi-Region primary key.`,
    })
    await away.send(new DisableKeyCommand({ KeyId: keyId }))
    expect(await update(home, AWAY)).toMatchObject({
      name: 'DisabledException',
      message: `${arnIn(AWAY, keyId)} is disabled.`,
    })
  })
})

describe('What belongs to one Region', () => {
  it('does not reach the others: a key that is disabled here works there', async () => {
    const keyId = await createPrimary()
    await replicateTo(keyId, AWAY, away)
    const { CiphertextBlob } = await home.send(new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from('x') }))
    await home.send(new DisableKeyCommand({ KeyId: keyId }))
    expect(await refusalOf(home.send(new DecryptCommand({ CiphertextBlob })))).toEqual({
      name: 'DisabledException',
      message: `${arnIn(HOME, keyId)} is disabled.`,
      status: 400,
    })
    await away.send(new DecryptCommand({ CiphertextBlob }))
    await home.send(new EnableKeyCommand({ KeyId: keyId }))
    await home.send(new DecryptCommand({ CiphertextBlob }))
  })
})

describe('Deletion of related keys', () => {
  it('lets a primary wait for its last replica, and then for its window', async () => {
    const keyId = await createPrimary()
    await replicateTo(keyId, AWAY, away)
    const primary = await home.send(new ScheduleKeyDeletionCommand({ KeyId: keyId, PendingWindowInDays: 7 }))
    expect(primary).toMatchObject({ KeyState: 'PendingReplicaDeletion', PendingWindowInDays: 7 })
    expect(primary.DeletionDate).toBeUndefined()
    expect(await describeIn(home, keyId)).toMatchObject({ PendingDeletionWindowInDays: 7 })

    const replica = await away.send(new ScheduleKeyDeletionCommand({ KeyId: keyId, PendingWindowInDays: 7 }))
    expect(replica.KeyState).toBe('PendingDeletion')
    expect(replica.DeletionDate).toBeInstanceOf(Date)
    await advanceClock(server, '8d')
    expect(await refusalOf(away.send(new DescribeKeyCommand({ KeyId: keyId })))).toMatchObject({
      name: 'NotFoundException',
      message: `Key '${arnIn(AWAY, keyId)}' does not exist`,
    })
    expect(await describeIn(home, keyId)).toMatchObject({
      KeyState: 'PendingDeletion',
      MultiRegionConfiguration: { ReplicaKeys: [] },
    })
    await advanceClock(server, '8d')
    expect(await refusalOf(home.send(new DescribeKeyCommand({ KeyId: keyId })))).toMatchObject({
      name: 'NotFoundException',
    })
  })

  it('can be taken back, and leaves the key disabled', async () => {
    const keyId = await createPrimary()
    await replicateTo(keyId, AWAY, away)
    await home.send(new ScheduleKeyDeletionCommand({ KeyId: keyId }))
    await home.send(new CancelKeyDeletionCommand({ KeyId: keyId }))
    expect((await describeIn(home, keyId)).KeyState).toBe('Disabled')
  })

  it('lets a replica be made again, with all materials', async () => {
    const keyId = await createPrimary()
    await replicateTo(keyId, AWAY, away)
    const { CiphertextBlob } = await away.send(new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from('kept') }))
    await away.send(new ScheduleKeyDeletionCommand({ KeyId: keyId, PendingWindowInDays: 7 }))
    await advanceClock(server, '8d')
    await home.send(new RotateKeyOnDemandCommand({ KeyId: keyId }))
    await replicateTo(keyId, AWAY, away)
    const opened = await away.send(new DecryptCommand({ CiphertextBlob }))
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('kept')
  })
})

describe('Time', () => {
  it('rotates related keys by itself when it is due, and both Regions agree', async () => {
    const keyId = await createPrimary()
    await replicateTo(keyId, AWAY, away)
    await home.send(new EnableKeyRotationCommand({ KeyId: keyId, RotationPeriodInDays: 90 }))
    const before = (await describeIn(home, keyId)).CurrentKeyMaterialId
    await advanceClock(server, '91d')
    const after = (await describeIn(home, keyId)).CurrentKeyMaterialId
    expect(after).not.toBe(before)
    expect((await describeIn(away, keyId)).CurrentKeyMaterialId).toBe(after)
    const { Rotations } = await away.send(new ListKeyRotationsCommand({ KeyId: keyId }))
    expect(Rotations).toMatchObject([{ RotationType: 'AUTOMATIC' }])
  })
})
