import {
  CreateKeyCommand,
  DescribeKeyCommand,
  GenerateMacCommand,
  ReplicateKeyCommand,
  VerifyMacCommand,
  type CreateKeyCommandInput,
  type KMSClient,
  type MacAlgorithmSpec,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { kmsClient, refusalOf, untilState } from './kms-client.ts'

let server: TestServer
let home: KMSClient
let away: KMSClient

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  home = await kmsClient(server, HOME)
  away = await kmsClient(server, AWAY)
})
afterAll(() => server[Symbol.asyncDispose]())

type Made = Pick<CreateKeyCommandInput, 'KeySpec' | 'KeyUsage' | 'MultiRegion'>

async function createKey(input: Made): Promise<{ id: string; arn: string }> {
  const { KeyMetadata } = await home.send(new CreateKeyCommand(input))
  return { id: KeyMetadata?.KeyId ?? '', arn: KeyMetadata?.Arn ?? '' }
}

/** The id of a key that is in both Regions. */
async function createRelated(input: Made): Promise<string> {
  const { id } = await createKey({ ...input, MultiRegion: true })
  await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }))
  await untilState(away, id, 'Enabled')
  return id
}

const Message = Buffer.from('the message')

describe.each([224, 256, 384, 512] as const)('A key of HMAC_%i', (bits) => {
  const MacAlgorithm: MacAlgorithmSpec = `HMAC_SHA_${bits}`
  const making: Made = { KeySpec: `HMAC_${bits}`, KeyUsage: 'GENERATE_VERIFY_MAC' }

  it('describes itself by its MAC algorithm', async () => {
    const { KeyMetadata } = await home.send(new DescribeKeyCommand({ KeyId: (await createKey(making)).id }))
    expect(KeyMetadata).toMatchObject({
      ...making,
      CustomerMasterKeySpec: making.KeySpec,
      MacAlgorithms: [MacAlgorithm],
    })
    expect(KeyMetadata).not.toHaveProperty('EncryptionAlgorithms')
    expect(KeyMetadata).not.toHaveProperty('CurrentKeyMaterialId')
  })

  it('makes the same MAC in every Region, and knows it there', async () => {
    const KeyId = await createRelated(making)
    const made = await home.send(new GenerateMacCommand({ KeyId, Message, MacAlgorithm }))
    const same = await away.send(new GenerateMacCommand({ KeyId, Message, MacAlgorithm }))
    expect(made.Mac).toHaveLength(bits / 8)
    expect(same.Mac).toEqual(made.Mac)
    expect(await away.send(new VerifyMacCommand({ KeyId, Message, MacAlgorithm, Mac: made.Mac }))).toMatchObject({
      MacValid: true,
      MacAlgorithm,
      KeyId: expect.stringContaining(AWAY),
    })
    const Mac = Buffer.from(made.Mac ?? [])
    Mac.writeUInt8(Mac.readUInt8(0) ^ 1, 0)
    const bad = [Mac, made.Mac?.subarray(1)]
    for (const each of bad) {
      const refusal = await refusalOf(away.send(new VerifyMacCommand({ KeyId, Message, MacAlgorithm, Mac: each })))
      expect(refusal.name).toBe('KMSInvalidMacException')
    }
  })

  it('refuses other algorithms and other uses', async () => {
    const { id, arn } = await createKey(making)
    const other = bits === 224 ? 'HMAC_SHA_256' : 'HMAC_SHA_224'
    const wrong = await refusalOf(home.send(new GenerateMacCommand({ KeyId: id, Message, MacAlgorithm: other })))
    expect(wrong).toMatchObject({
      name: 'InvalidKeyUsageException',
      message: `Algorithm ${other} is incompatible with key spec HMAC_${bits}.`,
    })
    const dry = await refusalOf(home.send(new GenerateMacCommand({ KeyId: arn, Message, MacAlgorithm, DryRun: true })))
    expect(dry.name).toBe('DryRunOperationException')
  })
})
