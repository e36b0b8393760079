import {
  CreateKeyCommand,
  EncryptCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  ReEncryptCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Usage } from '../src/server/inspect/usage.ts'
import { kmsClient } from './clients/kms-client.ts'
import { askControl } from './control.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'

const SETTLED_WITHIN_MS = 20_000

let server: TestServer

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
})
afterAll(() => server[Symbol.asyncDispose]())

it('counts keys by their rotations, and each kind of request once, Region by Region', async () => {
  const kms = await kmsClient(server, HOME)
  const create = async (input: ConstructorParameters<typeof CreateKeyCommand>[0] = {}) =>
    (await kms.send(new CreateKeyCommand(input))).KeyMetadata?.KeyId ?? ''
  const KeyId = await create({ MultiRegion: true })
  await kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
  await kms.send(new RotateKeyOnDemandCommand({ KeyId }))
  await expect
    .poll(async () => ((await askControl(server, '/usage', { days: 7 })) as Usage).regions.map(({ keys }) => keys), {
      timeout: SETTLED_WITHIN_MS,
    })
    .toEqual([{ 1: 1 }, { 1: 1 }])
  const signer = await create({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' })
  const Message = Buffer.from('a contract')
  await kms.send(new SignCommand({ KeyId: signer, Message, SigningAlgorithm: 'ECDSA_SHA_256' }))
  await kms.send(new GenerateDataKeyPairWithoutPlaintextCommand({ KeyId, KeyPairSpec: 'RSA_2048' }))
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Message }))
  await kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: KeyId }))
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: await create() }))
  const nowhere = kms.send(new EncryptCommand({ KeyId: 'alias/nowhere', Plaintext: Message }))
  await expect(nowhere).rejects.toThrow('alias/nowhere')
  expect(await askControl(server, '/usage', { days: 7 })).toEqual({
    days: 1,
    regions: [
      { account: '111122223333', region: AWAY, keys: { 1: 1 }, leaving: 0, managed: 0, requests: {} },
      {
        account: '111122223333',
        region: HOME,
        keys: { 0: 1, 1: 1 },
        leaving: 1,
        managed: 0,
        // Three keys made, one replicated, rotated, encrypted with, encrypted with anew, and to be deleted.
        requests: { standard: 8, asymmetric: 1, rsaPair: 1 },
      },
    ],
  })
})
