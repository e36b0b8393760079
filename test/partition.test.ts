import {
  CancelKeyDeletionCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  GetParametersForImportCommand,
  ListKeyRotationsCommand,
  PutKeyPolicyCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient, refusalOf, refusalsOf, untilState } from './clients/kms-client.ts'
import { advanceClock, pauseReplication } from './control.ts'
import { whileDeaf } from './deafen.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'

let server: TestServer
let home: KMSClient
let away: KMSClient

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  home = await kmsClient(server, HOME)
  away = await kmsClient(server, AWAY)
})
afterAll(() => server[Symbol.asyncDispose]())

/** What a Region could not hear is asked for again a second later. */
const LONG = { timeout: 10_000 }

async function createPair(): Promise<string> {
  const { KeyMetadata } = await home.send(new CreateKeyCommand({ MultiRegion: true }))
  const KeyId = KeyMetadata?.KeyId ?? ''
  await home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
  await untilState(away, KeyId, 'Enabled')
  await untilState(home, KeyId, 'Enabled')
  return KeyId
}

async function apart<Result>(work: () => Promise<Result>): Promise<Result> {
  await pauseReplication(server, true)
  try {
    return await work()
  } finally {
    await pauseReplication(server, false)
  }
}

const materialIn = async (client: KMSClient, KeyId: string) =>
  (await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.CurrentKeyMaterialId
const roleIn = async (client: KMSClient, KeyId: string) =>
  (await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.MultiRegionConfiguration?.MultiRegionKeyType

describe('While Regions cannot hear each other', () => {
  it('both go on with the material that both have, and rotate once they can', async () => {
    const KeyId = await createPair()
    const before = await materialIn(home, KeyId)
    const { CiphertextBlob } = await apart(async () => {
      await home.send(new RotateKeyOnDemandCommand({ KeyId }))
      expect(await materialIn(home, KeyId)).toBe(before)
      expect((await home.send(new GetKeyRotationStatusCommand({ KeyId }))).OnDemandRotationStartDate).toBeInstanceOf(
        Date,
      )
      // Asked again, it is the same rotation.
      await home.send(new RotateKeyOnDemandCommand({ KeyId }))
      return home.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('meanwhile') }))
    })
    await expect.poll(() => materialIn(home, KeyId)).not.toBe(before)
    await expect.poll(async () => (await materialIn(away, KeyId)) === (await materialIn(home, KeyId))).toBe(true)
    const opened = await away.send(new DecryptCommand({ CiphertextBlob }))
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('meanwhile')
  })

  it('the primary is not moved: the other Region’s policy, which has a say, is not known', async () => {
    const KeyId = await createPair()
    await apart(async () => {
      const request = home.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: AWAY }))
      expect(await refusalOf(request)).toEqual({
        name: 'KMSInternalException',
        message: `${AWAY} cannot be reached from ${HOME}. Nothing was changed: try again when it can.`,
        status: 500,
      })
      expect((await home.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState).toBe('Enabled')
    })
    await home.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: AWAY }))
    await expect.poll(() => roleIn(away, KeyId), LONG).toBe('PRIMARY')
  })

  it('a replica is promised, and made once they can', async () => {
    const { KeyMetadata } = await home.send(new CreateKeyCommand({ MultiRegion: true }))
    const KeyId = KeyMetadata?.KeyId ?? ''
    await apart(async () => {
      await home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
      expect(await refusalOf(away.send(new DescribeKeyCommand({ KeyId })))).toMatchObject({ name: 'NotFoundException' })
    })
    await untilState(away, KeyId, 'Enabled')
  })

  it('a rotation that waits when its key is scheduled for deletion ends once that is taken back', async () => {
    const KeyId = await createPair()
    const before = await materialIn(home, KeyId)
    await apart(async () => {
      await home.send(new RotateKeyOnDemandCommand({ KeyId }))
      await home.send(new ScheduleKeyDeletionCommand({ KeyId }))
    })
    await advanceClock(server, '1s')
    expect(await materialIn(home, KeyId)).toBe(before)
    await home.send(new CancelKeyDeletionCommand({ KeyId }))
    await home.send(new EnableKeyCommand({ KeyId }))
    await expect.poll(() => materialIn(home, KeyId)).not.toBe(before)
    await expect.poll(async () => (await materialIn(away, KeyId)) === (await materialIn(home, KeyId))).toBe(true)
    const { Rotations = [] } = await home.send(new ListKeyRotationsCommand({ KeyId }))
    expect(Rotations.map(({ RotationType }) => RotationType)).toEqual(['ON_DEMAND'])
    await home.send(new RotateKeyOnDemandCommand({ KeyId }))
  })
})

describe('While a Region does not hear another', () => {
  const disabled = (KeyId: string) => `arn:aws:kms:${HOME}:111122223333:key/${KeyId} is disabled.`

  it('a key whose primary moves can be stopped where it is asked, and started again', async () => {
    const KeyId = await createPair()
    const Policy = (await home.send(new GetKeyPolicyCommand({ KeyId }))).Policy ?? ''
    await whileDeaf(server, AWAY, HOME, async () => {
      await home.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: AWAY }))
      await untilState(home, KeyId, 'Updating')
      await home.send(new DisableKeyCommand({ KeyId }))
      await untilState(home, KeyId, 'Disabled')
      const encrypt = home.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))
      expect(await refusalOf(encrypt)).toMatchObject({ name: 'DisabledException', message: disabled(KeyId) })
      await home.send(new PutKeyPolicyCommand({ KeyId, Policy: Policy.replace('Enable', 'Still enable') }))
      // What AWS refuses while Updating stays refused.
      for (const refusal of await refusalsOf([
        home.send(new ScheduleKeyDeletionCommand({ KeyId })),
        home.send(
          new GetParametersForImportCommand({
            KeyId,
            WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
            WrappingKeySpec: 'RSA_2048',
          }),
        ),
      ])) {
        expect(refusal.name).toMatch(/^(KMSInvalidState|UnsupportedOperation)Exception$/)
      }
      await home.send(new EnableKeyCommand({ KeyId }))
      await untilState(home, KeyId, 'Updating')
      await home.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))
      await home.send(new DisableKeyCommand({ KeyId }))
    })
    await expect.poll(() => roleIn(away, KeyId), LONG).toBe('PRIMARY')
    await expect.poll(() => roleIn(home, KeyId), LONG).toBe('REPLICA')
    // To be stopped is a Region's own affair: it outlives the move, and stops nobody else.
    await untilState(home, KeyId, 'Disabled')
    await untilState(away, KeyId, 'Enabled')
  })

  it('a key that was stopped where its primary should go keeps its primary', async () => {
    const KeyId = await createPair()
    await whileDeaf(server, AWAY, HOME, async () => {
      await home.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: AWAY }))
      await away.send(new DisableKeyCommand({ KeyId }))
    })
    await untilState(home, KeyId, 'Enabled')
    expect(await roleIn(home, KeyId)).toBe('PRIMARY')
    expect(await roleIn(away, KeyId)).toBe('REPLICA')
    await untilState(away, KeyId, 'Disabled')
  })

  it('a primary that was asked to move is nobody’s until the other has heard of it', async () => {
    const KeyId = await createPair()
    await whileDeaf(server, AWAY, HOME, async () => {
      await home.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: AWAY }))
      for (const request of [
        () => home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY })),
        () => home.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: AWAY })),
      ]) {
        expect(await refusalOf(request())).toMatchObject({
          name: 'KMSInvalidStateException',
          message: expect.stringContaining('is updating.'),
        })
      }
      expect(await roleIn(away, KeyId)).toBe('REPLICA')
      // Encryption goes on in both meanwhile.
      for (const client of [home, away]) {
        await client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))
      }
    })
    await expect.poll(() => roleIn(away, KeyId), LONG).toBe('PRIMARY')
    await expect.poll(() => roleIn(home, KeyId), LONG).toBe('REPLICA')
  })
})
