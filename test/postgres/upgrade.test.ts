import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  KMSClient,
  ListKeysCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeNewerProgram, NEWER_MIGRATION, type NewerProgram } from '../program/newer.ts'
import { MAIN } from '../program/program.ts'
import { HOME } from '../server.ts'
import { createServerProcess } from '../server-process.ts'
import { answeredItself, startTogether, untilItself, untilRole, type Member } from './pair.ts'
import { POSTGRES_BIN, sharedPostgres } from './postgres.ts'

const REFUSAL = `Its tables are those of a newer version of Keyspan (${NEWER_MIGRATION}), which this one would damage. Start that version.`
const DATA_DIRECTORY_STATUS = 2

/** What was answered meanwhile. */
interface Answered {
  readonly keys: string[]
  readonly ciphertexts: Uint8Array[]
}

/** Asks one after the other of some processes for new keys and ciphertexts, whoever answers, until it is ended. */
async function write(members: readonly Member[], until: AbortSignal): Promise<Answered> {
  const answered: Answered = { keys: [], ciphertexts: [] }
  const credentials = await (members[0] as Member).process.credentials()
  const clients = members.map(
    ({ url }) => new KMSClient({ region: HOME, endpoint: url, credentials, maxAttempts: 1, retryMode: 'standard' }),
  )
  for (let turn = 0; !until.aborted; turn += 1) {
    const kms = clients[turn % clients.length] as KMSClient
    try {
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
      answered.keys.push(KeyMetadata?.KeyId ?? '')
      const KeyId = answered.keys[turn % answered.keys.length]
      const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.of(1) }))
      answered.ciphertexts.push(CiphertextBlob ?? Buffer.of())
    } catch {
      // Whether it was done nobody was told.
      await sleep(20)
    }
  }
  return answered
}

/** Finds everything that was answered. */
async function requireAll(kms: KMSClient, { keys, ciphertexts }: Answered): Promise<void> {
  for (const KeyId of keys) await kms.send(new DescribeKeyCommand({ KeyId }))
  for (const CiphertextBlob of ciphertexts) await kms.send(new DecryptCommand({ CiphertextBlob }))
}

let newer: NewerProgram
beforeAll(async () => {
  newer = await makeNewerProgram()
}, 120_000)
afterAll(() => newer[Symbol.asyncDispose]())

describe.skipIf(POSTGRES_BIN === null)('An upgrade while processes serve together', { timeout: 180_000 }, () => {
  it('replaces them one by one: nothing that was answered is lost, and what is older leads no more', async () => {
    await using pair = await startTogether(await (await sharedPostgres()).newDatabase())
    const { one, other } = pair
    const third = await pair.another()
    other.process.start().catch(() => {})
    await untilRole(other, 'follower')
    const kms = { one: await one.client(), other: await other.client(), third: await third.client() }
    const { KeyMetadata } = await kms.one.send(new CreateKeyCommand({}))
    const KeyId = KeyMetadata?.KeyId ?? ''
    const encryptAt = (client: KMSClient) => client.send(new EncryptCommand({ KeyId, Plaintext: Buffer.of(1) }))
    await untilItself(other, () => encryptAt(kms.other))
    const ending = new AbortController()
    const writing = write([one, other, third], ending.signal)
    try {
      // The newer one passes everything on as long as the tables are older ones.
      third.process.start({ main: newer.main }).catch(() => {})
      await untilRole(third, 'follower')
      await sleep(500)
      expect(await answeredItself(third, () => encryptAt(kms.third))).toBe(false)
      await kms.third.send(new CreateKeyCommand({}))
      for (const { process } of [other, one]) {
        process.signal('SIGTERM')
        expect(await process.ended()).toBe(0)
      }
      await untilRole(third, 'leader')
      await kms.third.send(new CreateKeyCommand({}))
      // One that is still older passes everything on.
      one.process.start().catch(() => {})
      await untilRole(one, 'follower')
      await sleep(500)
      expect(await answeredItself(one, () => encryptAt(kms.one))).toBe(false)
      other.process.start({ main: newer.main }).catch(() => {})
      await untilRole(other, 'follower')
      await untilItself(other, () => encryptAt(kms.other))
      // Where it is its turn, it ends, and the newer one leads.
      third.process.signal('SIGTERM')
      expect(await third.process.ended()).toBe(0)
      await untilRole(other, 'leader')
    } finally {
      ending.abort()
    }
    const answered = await writing
    expect(answered.ciphertexts.length).toBeGreaterThan(10)
    await requireAll(kms.other, answered)
    other.process.signal('SIGTERM')
    expect(await other.process.ended()).toBe(0)
    await one.process.kill()
    await expect(one.process.start()).rejects.toThrow()
    expect(await one.process.ended()).toBe(DATA_DIRECTORY_STATUS)
    await one.process.start({ main: newer.main })
    await requireAll(kms.one, answered)
  })
})

describe('A program that is older than the tables in files', () => {
  it('says so, and changes nothing', async () => {
    await using process_ = await createServerProcess('--regions', HOME)
    await process_.start({ main: newer.main })
    const client = async () =>
      new KMSClient({ region: HOME, endpoint: process_.url, credentials: await process_.credentials() })
    await (await client()).send(new CreateKeyCommand({}))
    process_.signal('SIGTERM')
    expect(await process_.ended()).toBe(0)
    const running = promisify(execFile)(process.execPath, [
      MAIN,
      'serve',
      '--dev',
      '--data',
      process_.path,
      '--port',
      '0',
    ])
    await expect(running).rejects.toMatchObject({
      code: DATA_DIRECTORY_STATUS,
      stderr: expect.stringContaining(REFUSAL),
    })
    await process_.start({ main: newer.main })
    expect((await (await client()).send(new ListKeysCommand({}))).Keys).toHaveLength(1)
  })
})
