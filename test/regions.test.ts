import {
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  ListKeysCommand,
  ReplicateKeyCommand,
  UpdatePrimaryRegionCommand,
} from '@aws-sdk/client-kms'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { COMMERCIAL_REGIONS } from '../src/domain/region.ts'
import { isOptInRegion } from '../src/domain/region-opt-in.ts'
import { kmsClient, refusalOf, untilState } from './clients/kms-client.ts'
import { HOME, startTestServer, type TestServer } from './server.ts'

const [PARIS, TOKYO, SAO_PAULO] = ['eu-west-3', 'ap-northeast-1', 'sa-east-1'] as const

let server: TestServer
beforeEach(async () => {
  server = await startTestServer()
})
afterEach(() => server[Symbol.asyncDispose]())

const opened = async () =>
  (await readdir(join(server.path, 'regions')))
    .filter((name) => name.endsWith('.sqlite'))
    .map((name) => name.slice(0, -7))

async function createIn(region: string, MultiRegion = false): Promise<string> {
  const kms = await kmsClient(server, region)
  return (await kms.send(new CreateKeyCommand({ MultiRegion }))).KeyMetadata?.KeyId ?? ''
}

describe('A server that is told no Regions', () => {
  it('serves every one that needs no opting in, and keeps a store only of those that are used', async () => {
    expect(await opened()).toEqual([HOME])
    for (const region of [PARIS, TOKYO, SAO_PAULO]) await createIn(region)
    expect(new Set(await opened())).toEqual(new Set([TOKYO, PARIS, SAO_PAULO, HOME]))
    const regions = COMMERCIAL_REGIONS.filter((region) => !isOptInRegion(region))
    await Promise.all(
      regions.map(async (region) => {
        const { Keys } = await (await kmsClient(server, region)).send(new ListKeysCommand({}))
        expect(Keys).toHaveLength([PARIS, TOKYO, SAO_PAULO].includes(region as never) ? 1 : 0)
      }),
    )
    await server.restart()
    expect(await opened()).toHaveLength(regions.length)
    await createIn(PARIS)
  })

  it('opens a Region once, however many ask for it together', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => createIn(TOKYO)))
    const { Keys = [] } = await (await kmsClient(server, TOKYO)).send(new ListKeysCommand({}))
    expect(new Set(Keys.map(({ KeyId }) => KeyId))).toEqual(new Set(ids))
    expect(Keys).toHaveLength(8)
  })

  it('replicates into Regions that nobody has used, and moves the primary there', async () => {
    const KeyId = await createIn(PARIS, true)
    const paris = await kmsClient(server, PARIS)
    for (const ReplicaRegion of [TOKYO, SAO_PAULO]) await paris.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion }))
    const [tokyo, saoPaulo] = [await kmsClient(server, TOKYO), await kmsClient(server, SAO_PAULO)]
    await untilState(tokyo, KeyId, 'Enabled')
    await untilState(saoPaulo, KeyId, 'Enabled')
    const { CiphertextBlob } = await tokyo.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('a') }))
    expect((await saoPaulo.send(new DecryptCommand({ CiphertextBlob }))).KeyId).toContain(SAO_PAULO)
    await paris.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: TOKYO }))
    await untilState(tokyo, KeyId, 'Enabled')
  })

  it('refuses a Region that is off until an account opts in, and says what to type', async () => {
    const { message } = await refusalOf(createIn('eu-south-1'))
    expect(message).toContain('aws account enable-region --region-name eu-south-1')
    expect(await opened()).toEqual([HOME])
  })
})
