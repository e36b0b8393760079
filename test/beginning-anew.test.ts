import { CreateKeyCommand, ListKeysCommand } from '@aws-sdk/client-kms'
import { readFile, rename, rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { kmsClient } from './clients/kms-client.ts'
import { HOME, startTestServer, type TestServer } from './server.ts'

let server: TestServer
let global: string
beforeEach(async () => {
  server = await startTestServer()
  global = join(server.path, 'global.sqlite')
  await (await kmsClient(server, HOME)).send(new CreateKeyCommand({}))
  await server.stop()
})
afterEach(() => server[Symbol.asyncDispose]())

function run(statements: string): void {
  const database = new DatabaseSync(global)
  database.exec(statements)
  database.close()
}

describe('Where Regions have keys, nobody is made root of them by', () => {
  it.each([
    "delete from document where kind = 'account'; delete from access_key where owner is null",
    'delete from document; delete from access_key',
    `delete from document; delete from access_key; delete from domain_key; delete from pending_record;
     delete from meta where name <> 'deployment'; insert into meta (name, value) values ('changes', '1000000')`,
    'delete from document; delete from access_key; delete from domain_key; delete from meta',
  ])('taking rows away: %s', async (statements) => {
    run(statements)
    const before = await readFile(join(server.path, 'aws', 'credentials'), 'utf8')
    await expect(server.restart()).rejects.toThrow(/Put back all of one backup/)
    expect(await readFile(join(server.path, 'aws', 'credentials'), 'utf8')).toBe(before)
  })

  it('taking the global database away, which can be put back', async () => {
    await rename(global, `${global}.away`)
    await expect(server.restart()).rejects.toThrow(/is missing or empty, and the Regions beside it have keys/)
    await expect(stat(global)).rejects.toThrow(/ENOENT/)
    await rename(`${global}.away`, global)
    await server.restart()
    const { Keys } = await (await kmsClient(server, HOME)).send(new ListKeysCommand({}))
    expect(Keys).toHaveLength(1)
  })

  it('emptying it', async () => {
    await truncate(global)
    await expect(server.restart()).rejects.toThrow(/is missing or empty/)
  })

  it('taking it away with the root key, which is not made anew', async () => {
    await rm(global)
    await rename(join(server.path, 'root.key'), join(server.path, 'away.key'))
    await expect(server.restart()).rejects.toThrow(/root key .* is missing/)
    await expect(stat(join(server.path, 'root.key'))).rejects.toThrow(/ENOENT/)
  })
})
