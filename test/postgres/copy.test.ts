import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { CreateKeyCommand, DecryptCommand, DisableKeyCommand, EncryptCommand } from '@aws-sdk/client-kms'
import { describe, expect, it } from 'vitest'
import { kmsClient, refusalOf } from '../clients/kms-client.ts'
import { MAIN } from '../program/program.ts'
import { HOME, startTestServer, type TestServer } from '../server.ts'
import { POSTGRES_BIN, sharedPostgres } from './postgres.ts'

/** The files that are copied: they are there until all of them are. */
const filesOf = (server: TestServer) => join(server.path, 'global.sqlite')

/**
 * Runs the command; kills it after so many milliseconds, if it lasts that long. One that has put the files aside, and has
 * only to say so, is left to it: there is nothing to be begun again.
 */
async function copy(server: TestServer, database: string, to: 'database' | 'files', killAfter?: number) {
  const flags = ['storage', 'copy', '--to', to, '--data', server.path, '--database', database]
  const child = spawn(process.execPath, [MAIN, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ending = new AbortController()
  if (killAfter !== undefined) {
    void sleep(killAfter, undefined, { signal: ending.signal }).then(
      () => existsSync(filesOf(server)) && child.kill('SIGKILL'),
      () => {},
    )
  }
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  ending.abort()
  return { status: child.exitCode, out, error }
}

describe.skipIf(POSTGRES_BIN === null)('keyspan storage copy', { timeout: 120_000 }, () => {
  it('brings everything into a database and back, and can be begun again whenever it is killed', async () => {
    const postgres = await sharedPostgres()
    const database = await postgres.newDatabase()
    await using server = await startTestServer({ regions: HOME, database: '' })
    const kms = await kmsClient(server, HOME)
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'It has \u0000 in it.' }))
    const KeyId = KeyMetadata?.KeyId ?? ''
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('kept') }))
    const busy = await copy(server, database, 'database')
    expect(busy).toMatchObject({ status: 2, error: expect.stringContaining('Another keyspan process') as string })
    await server.stop()
    let done = await copy(server, database, 'database', 300)
    for (let killAfter = 400; done.status === null; killAfter += 150) {
      done = await copy(server, database, 'database', killAfter)
    }
    expect(done).toMatchObject({ status: 0, out: expect.stringContaining('every row was checked') as string })
    expect(existsSync(filesOf(server))).toBe(false)
    await expect(server.restart()).rejects.toThrow('Give --database')
    const again = await copy(server, database, 'database')
    expect(again).toMatchObject({ status: 2, error: expect.stringContaining('already: it was copied') as string })

    // As a kill leaves it that comes before the files are put aside.
    const [aside = ''] = (await readdir(server.path)).filter((name) => name.startsWith('copied-'))
    await cp(join(server.path, aside), server.path, { recursive: true })
    for (const settings of [{}, { database }]) {
      await expect(server.restart(settings)).rejects.toThrow(
        /copy is whole.* cut off .*keyspan storage copy --to database/,
      )
    }
    expect(await copy(server, database, 'database')).toMatchObject({ status: 0 })

    await server.restart({ database })
    const moved = await kmsClient(server, HOME)
    const { Plaintext = Buffer.alloc(0) } = await moved.send(new DecryptCommand({ CiphertextBlob }))
    expect(Buffer.from(Plaintext).toString()).toBe('kept')
    await moved.send(new DisableKeyCommand({ KeyId }))
    await server.stop()
    expect(await copy(server, database, 'files')).toMatchObject({ status: 0 })
    await expect(server.restart({ database })).rejects.toThrow()
    await server.restart()
    const back = await kmsClient(server, HOME)
    expect(await refusalOf(back.send(new DecryptCommand({ CiphertextBlob })))).toMatchObject({
      name: 'DisabledException',
    })
  })

  it('refuses a database that has data of others', async () => {
    const postgres = await sharedPostgres()
    const database = await postgres.newDatabase()
    await using owner = await startTestServer({ regions: HOME, database })
    await owner.stop()
    await using other = await startTestServer({ regions: HOME, database: '' })
    await other.stop()
    const { status, error } = await copy(other, database, 'database')
    expect(status).toBe(2)
    expect(error).toContain('has data already')
    await other.restart()
    await owner.restart()
  })
})
