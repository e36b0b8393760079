import { DatabaseSync } from 'node:sqlite'
import {
  CreateKeyCommand,
  DescribeKeyCommand,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dataDirectory } from '../src/server/data/data-directory.ts'
import { kmsClient, refusalOf, untilState } from './clients/kms-client.ts'
import { advanceClock, askInspector } from './control.ts'
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

async function createKey(): Promise<{ KeyId: string; Arn: string }> {
  const { KeyMetadata } = await home.send(new CreateKeyCommand({ MultiRegion: true }))
  return { KeyId: KeyMetadata?.KeyId ?? '', Arn: KeyMetadata?.Arn ?? '' }
}

describe('A multi-Region key whose material was damaged', () => {
  it('is shown, stops no other key, and can be deleted everywhere', async () => {
    const { KeyId, Arn } = await createKey()
    const other = await createKey()
    using database = new DatabaseSync(dataDirectory(server.path).region(HOME), { timeout: 10_000 })
    database.prepare('UPDATE material SET ciphertext = zeroblob(length(ciphertext)) WHERE key_id = ?').run(KeyId)
    for (const id of [KeyId, other.KeyId]) {
      await home.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion: AWAY }))
    }
    await untilState(away, other.KeyId, 'Enabled')
    await untilState(away, KeyId, 'Creating')
    expect(await askInspector(server, '/family', { key: Arn })).toContain(`its row in ${HOME} was damaged`)
    expect(await askInspector(server, '/family', { key: other.Arn })).not.toContain('damaged')

    for (const client of [home, away])
      await client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
    await advanceClock(server, '8d')
    await advanceClock(server, '8d')
    for (const client of [home, away]) {
      expect(await refusalOf(client.send(new DescribeKeyCommand({ KeyId })))).toMatchObject({
        name: 'NotFoundException',
      })
    }
  })
})
