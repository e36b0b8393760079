import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  UpdatePrimaryRegionCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient, refusalOf, untilState } from './clients/kms-client.ts'
import { pauseReplication } from './control.ts'
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
      expect(await refusalOf(home.send(new RotateKeyOnDemandCommand({ KeyId })))).toMatchObject({
        name: 'ConflictException',
      })
      return home.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('meanwhile') }))
    })
    await expect.poll(() => materialIn(home, KeyId)).not.toBe(before)
    await expect.poll(async () => (await materialIn(away, KeyId)) === (await materialIn(home, KeyId))).toBe(true)
    const opened = await away.send(new DecryptCommand({ CiphertextBlob }))
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('meanwhile')
  })

  it('a primary that was asked to move is nobody’s until the other has heard of it', async () => {
    const KeyId = await createPair()
    await apart(async () => {
      await home.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: AWAY }))
      for (const request of [
        home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY })),
        home.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: AWAY })),
      ]) {
        expect(await refusalOf(request)).toMatchObject({
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
    await expect.poll(() => roleIn(away, KeyId)).toBe('PRIMARY')
    await expect.poll(() => roleIn(home, KeyId)).toBe('REPLICA')
  })
})
