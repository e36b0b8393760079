import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  KMSClient,
} from '@aws-sdk/client-kms'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pino } from 'pino'
import { readConfig } from '../../src/server/config/config.ts'
import { startServer } from '../../src/server/start.ts'
import { MAIN } from '../program/program.ts'
import { AWAY, HOME } from '../server.ts'
import { createServerProcess, type ServerProcess } from '../server-process.ts'
import { POSTGRES_BIN, sharedPostgres } from './postgres.ts'

let directory: string
let database: string
let server: ServerProcess

/** Runs a command in a process of its own. */
async function keyspan(...words: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { status: child.exitCode, out, error }
}

/** The same about the server's data. */
const about = (...words: readonly string[]) =>
  keyspan(...words, '--data', server.path, '--database', database, '--regions', `${HOME},${AWAY}`)
/** The same, for commands that know no Regions. */
const of = (...words: readonly string[]) => keyspan(...words, '--data', server.path, '--database', database)

async function clientOf({ url }: { readonly url: string }, region = HOME): Promise<KMSClient> {
  return new KMSClient({ region, endpoint: url, credentials: await server.credentials() })
}

async function decrypt(kms: KMSClient, CiphertextBlob: Uint8Array | undefined): Promise<string> {
  const { Plaintext = Buffer.alloc(0) } = await kms.send(new DecryptCommand({ CiphertextBlob }))
  return Buffer.from(Plaintext).toString()
}

describe.skipIf(POSTGRES_BIN === null)('Where data is in PostgreSQL', { timeout: 120_000 }, () => {
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'keyspan-'))
    database = await (await sharedPostgres()).newDatabase()
    server = await createServerProcess('--database', database, '--regions', `${HOME},${AWAY}`)
    await server.start()
  })
  afterEach(async () => {
    await server[Symbol.asyncDispose]()
    await rm(directory, { recursive: true })
  })

  it('commands look at it, whether or not a server runs, and say where it is to whoever does not', async () => {
    const kms = await clientOf(server)
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
    await kms.send(new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext: Buffer.from('kept') }))
    const looking = [
      ['keyring', 'status'],
      ['audit', 'verify'],
      ['keyring', 'verify'],
    ]
    for (const words of looking) expect(await of(...words)).toMatchObject({ status: 0, error: '' })
    // Only the server has it to change.
    await server.kill()
    for (const words of looking) expect(await of(...words)).toMatchObject({ status: 0, error: '' })
    expect((await of('audit', 'verify')).out).toContain('its database was looked at, row by row')
    expect(await of('audit', 'export', join(directory, 'export'))).toMatchObject({ status: 0 })
    expect((await about('account', 'list')).out).toContain('111122223333')
    expect((await about('account', 'create', '444455556666')).status).toBe(0)
    expect(await of('keyring', 'forget')).toMatchObject({ status: 0, out: 'There is none to forget.\n' })
    for (const words of [...looking, ['backup', join(directory, 'none')], ['region', 'home', HOME]]) {
      const refused = await keyspan(...words, '--data', server.path)
      expect(refused).toMatchObject({
        status: 2,
        error: expect.stringContaining('Give --database postgres://') as string,
      })
    }
    const empty = await (await sharedPostgres()).newDatabase()
    const nothing = await keyspan('keyring', 'status', '--data', directory, '--database', empty)
    expect(nothing).toMatchObject({ status: 2, error: expect.stringContaining('holds no data of Keyspan') as string })
    await server.start()
    const { accounts } = JSON.parse(`{"accounts":${(await about('account', 'list', '--output', 'json')).out}}`)
    expect(accounts).toHaveLength(2)
    // Of another data directory: another process serves it.
    const elsewhere = await keyspan('account', 'list', '--data', directory, '--database', database)
    expect(elsewhere).toMatchObject({
      status: 2,
      error: expect.stringContaining('another process serves it') as string,
    })
  })

  it('a backup under load is of one moment: it is restored into files, and copied into another database', async () => {
    const kms = await clientOf(server)
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext: Buffer.from('kept') }),
    )
    const ending = new AbortController()
    const load = [HOME, AWAY].map(async (region) => {
      const client = await clientOf(server, region)
      while (!ending.signal.aborted) await client.send(new CreateKeyCommand({}))
    })
    const taken = await of('backup', join(directory, 'backup'))
    expect(taken).toMatchObject({ status: 0, error: '' })
    ending.abort()
    await Promise.all(load)
    await kms.send(new DisableKeyCommand({ KeyId: KeyMetadata?.KeyId }))
    const root = ['--root-key', join(server.path, 'root.key')]
    const data = join(directory, 'data')
    const restored = await keyspan('restore', join(directory, 'backup'), '--yes', '--data', data, ...root)
    expect(restored).toMatchObject({ status: 0, error: '' })
    const verified = await keyspan('audit', 'verify', '--data', data, ...root)
    expect(verified).toMatchObject({ status: 0, out: expect.stringContaining('All is as it was') as string })

    const other = await (await sharedPostgres()).newDatabase()
    const copied = await keyspan('storage', 'copy', '--to', 'database', '--data', data, '--database', other, ...root)
    expect(copied).toMatchObject({ status: 0 })
    await using again = await createServerProcess('--database', other, '--data', data, ...root)
    await again.start()
    const back = await clientOf(again)
    expect(await decrypt(back, CiphertextBlob)).toBe('kept')
    const { KeyMetadata: created } = await back.send(new CreateKeyCommand({}))
    expect(created?.Enabled).toBe(true)
  })

  it('a backup is taken as well where no server runs', async () => {
    await server.kill()
    expect(await of('backup', join(directory, 'backup'))).toMatchObject({ status: 0, error: '' })
    const again = await of('backup', join(directory, 'backup'))
    expect(again).toMatchObject({ status: 2, error: expect.stringContaining('is not empty') as string })
  })

  it('that was put back as a whole is told of, with the command that says so', async () => {
    const stop = async () => {
      server.signal('SIGTERM')
      await server.ended()
    }
    await stop()
    const postgres = await sharedPostgres()
    const older = await postgres.newDatabase(database)
    await server.start()
    const kms = await clientOf(server)
    for (let keys = 0; keys < 10; keys += 1) await kms.send(new CreateKeyCommand({}))
    await stop()
    await postgres.copyDatabase(older, database)
    const config = readConfig({ data: server.path, database, port: 0, regions: `${HOME},${AWAY}` }, {})
    const again = await startServer(config, pino({ level: 'silent' }))
    await again.stop()
    const told = again.notices.find((notice) => notice.includes(`trees/${HOME} `))
    const command = /stop the server: keyspan (region recover .*) \(and the root key/.exec(told ?? '')?.[1] ?? ''
    expect(await keyspan(...command.split(' '), '--yes')).toMatchObject({ status: 0, error: '' })
  })

  it('a Region is recovered and forgotten with the server stopped', async () => {
    const [home, away] = [await clientOf(server), await clientOf(server, AWAY)]
    const { KeyMetadata } = await home.send(new CreateKeyCommand({}))
    await away.send(new CreateKeyCommand({}))
    await server.kill()
    const told = await of('region', 'recover', HOME)
    expect(told).toMatchObject({ status: 2, error: expect.stringContaining('add --yes') as string })
    const done = await of('region', 'recover', HOME, '--yes')
    expect(done).toMatchObject({ status: 0, out: expect.stringContaining(`${HOME} has begun anew`) as string })
    const there = await of('region', 'forget', AWAY, '--yes')
    expect(there).toMatchObject({ status: 2, error: expect.stringContaining('drop that schema') as string })
    await (await sharedPostgres()).query(database, `drop schema "keyspan_${AWAY}" cascade`)
    expect(await of('region', 'forget', AWAY, '--yes')).toMatchObject({ status: 0 })
    await server.start()
    const { KeyMetadata: found } = await (
      await clientOf(server)
    ).send(new DescribeKeyCommand({ KeyId: KeyMetadata?.KeyId }))
    expect(found?.Enabled).toBe(true)
  })
})
