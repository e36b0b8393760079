import { CancelKeyDeletionCommand, CreateKeyCommand, KMSClient, UpdateKeyDescriptionCommand } from '@aws-sdk/client-kms'
import { GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts'
import { randomUUID } from 'node:crypto'
import { appendFileSync, readdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findRecords } from '../src/storage/audit/search.ts'
import { auditLog } from './audit-log.ts'
import { HOME, startTestServer, type TestServer } from './server.ts'

const PAIRS = 20

let server: TestServer
let kms: KMSClient
let sts: STSClient

beforeAll(async () => {
  server = await startTestServer({ regions: HOME })
  const settings = { region: HOME, endpoint: server.url, credentials: await server.credentials(), maxAttempts: 1 }
  kms = new KMSClient(settings)
  sts = new STSClient(settings)
})
afterAll(async () => {
  kms.destroy()
  sts.destroy()
  await server[Symbol.asyncDispose]()
})

function pendingIn(...path: readonly string[]): number {
  using database = new DatabaseSync(join(server.path, ...path), { readOnly: true })
  return Number(database.prepare('select count(*) as count from pending_record').get()?.['count'])
}

describe('The record of a change', () => {
  it('is pending no longer than until it is written, whatever is refused meanwhile, and is written once', async () => {
    const KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId
    for (let count = 0; count < PAIRS; count += 1) {
      await kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description: String(count) }))
      await expect(kms.send(new CancelKeyDeletionCommand({ KeyId }))).rejects.toThrow('is not pending deletion')
      await sts.send(new GetSessionTokenCommand({}))
      await expect(sts.send(new GetSessionTokenCommand({ DurationSeconds: 1 }))).rejects.toThrow()
    }
    expect(pendingIn('regions', `${HOME}.sqlite`)).toBeLessThanOrEqual(1)
    expect(pendingIn('global.sqlite')).toBeLessThanOrEqual(1)
    // Where nothing else is committed, the last one goes too.
    await expect.poll(() => pendingIn('regions', `${HOME}.sqlite`) + pendingIn('global.sqlite')).toBe(0)
    const ids = [...(await auditLog(server, HOME)).matchAll(/"eventID":"([^"]*)"/g)].map(([, id]) => id)
    expect(ids.length).toBeGreaterThan(PAIRS * 2)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('is pending no more when the server has stopped', async () => {
    await kms.send(new CreateKeyCommand({}))
    await sts.send(new GetSessionTokenCommand({}))
    await server.stop()
    expect(pendingIn('regions', `${HOME}.sqlite`)).toBe(0)
    expect(pendingIn('global.sqlite')).toBe(0)
    await server.restart()
  })

  it('does not stop a start, however many are pending, and however long the log is', async () => {
    await server.stop()
    const eventIds = leak(40_000)
    lengthenLog(600 * 1024 * 1024)
    await server.restart()
    expect(pendingIn('regions', `${HOME}.sqlite`)).toBe(0)
    const found = await findRecords(join(server.path, 'audit', HOME), eventIds, { file: '', offset: 0 })
    expect(found.size).toBe(eventIds.size)
  }, 60_000)
})

/** Makes rows such as changes leave that nobody has forgotten. */
function leak(count: number): ReadonlySet<string> {
  using database = new DatabaseSync(join(server.path, 'regions', `${HOME}.sqlite`))
  const insert = database.prepare('insert into pending_record (event_id, text) values (?, ?)')
  const eventTime = new Date().toISOString()
  const eventIds = new Set(Array.from({ length: count }, () => randomUUID()))
  database.exec('begin')
  for (const eventID of eventIds) insert.run(eventID, JSON.stringify({ eventTime, eventID }))
  database.exec('commit')
  return eventIds
}

/** Makes the last file of the log longer than any string can be, without filling the disk. */
function lengthenLog(bytes: number): void {
  const directory = join(server.path, 'audit', HOME)
  const path = join(directory, readdirSync(directory).toSorted().at(-1) ?? '')
  truncateSync(path, bytes)
  appendFileSync(path, '\n')
}
