import {
  CreateUserCommand,
  IAMClient,
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  KMSClient,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  UpdatePrimaryRegionCommand,
} from '@aws-sdk/client-kms'
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refusalOf, untilState } from '../clients/kms-client.ts'
import { policyOf } from '../clients/principals.ts'
import { AWAY, HOME } from '../server.ts'
import { startPlaces, type Place, type Places } from './places.ts'

let places: Places
let home: Place
let away: Place

beforeAll(async () => {
  places = await startPlaces([HOME, AWAY])
  home = places.of(HOME)
  away = places.of(AWAY)
})
afterAll(() => places[Symbol.asyncDispose]())

const kms = async ({ region, url, credentials }: Place, own?: { accessKeyId: string; secretAccessKey: string }) =>
  new KMSClient({ region, endpoint: url, credentials: own ?? (await credentials()), maxAttempts: 1 })

describe('Regions in different places', () => {
  it('are one deployment: a key is made here, replicated there, used and rotated in both, and its primary moves', async () => {
    const [here, there] = [await kms(home), await kms(away)]
    const { KeyMetadata } = await here.send(new CreateKeyCommand({ MultiRegion: true }))
    const KeyId = KeyMetadata?.KeyId ?? ''
    await here.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
    await untilState(there, KeyId, 'Enabled')
    const { CiphertextBlob } = await here.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('attack at dawn') }))
    const opened = await there.send(new DecryptCommand({ CiphertextBlob }))
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('attack at dawn')

    await here.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: AWAY }))
    await expect
      .poll(async () => {
        const { KeyMetadata: now } = await there.send(new DescribeKeyCommand({ KeyId }))
        return now?.MultiRegionConfiguration?.MultiRegionKeyType
      })
      .toBe('PRIMARY')
    await untilState(here, KeyId, 'Enabled')
    await there.send(new RotateKeyOnDemandCommand({ KeyId }))
  })
})
