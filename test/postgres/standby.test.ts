import { setTimeout as sleep } from 'node:timers/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  KMSClient,
  ListAliasesCommand,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOME } from '../server.ts'
import { createServerProcess, type ServerProcess } from '../server-process.ts'
import { freePort, POSTGRES_BIN, sharedPostgres, type TestPostgres } from './postgres.ts'

/** Two processes that serve one database, one of them at a time. */
interface Pair extends AsyncDisposable {
  readonly one: Member
  readonly other: Member
  readonly database: string
}

interface Member {
  readonly process: ServerProcess
  readonly url: string
  /** Asks it once: nothing is tried again. */
  client(): Promise<KMSClient>
}

async function startPair(postgres: TestPostgres): Promise<Pair> {
  const shared = await mkdtemp(join(tmpdir(), 'keyspan-'))
  const database = await postgres.newDatabase()
  const flags = ['--database', database, '--root-key', join(shared, 'root.key'), '--regions', HOME]
  const member = async (): Promise<Member> => {
    const port = await freePort()
    const process = await createServerProcess(...flags, '--port', String(port))
    const url = `http://127.0.0.1:${port}`
    // The first of them has made the account.
    const client = async () =>
      new KMSClient({ region: HOME, endpoint: url, credentials: await one.process.credentials(), maxAttempts: 1 })
    return { process, url, client }
  }
  const one = await member()
  await one.process.start()
  const other = await member()
  return {
    one,
    other,
    database,
    async [Symbol.asyncDispose]() {
      await one.process[Symbol.asyncDispose]()
      await other.process[Symbol.asyncDispose]()
      await rm(shared, { recursive: true })
    },
  }
}

async function health({ url }: Member): Promise<readonly [number, string]> {
  try {
    const answer = await fetch(`${url}/health`)
    return [answer.status, ((await answer.json()) as { status: string }).status]
  } catch {
    return [0, 'away']
  }
}

async function untilHealth(member: Member, status: string): Promise<void> {
  await expect.poll(async () => (await health(member))[1], { timeout: 20_000, interval: 50 }).toBe(status)
}

/** Makes aliases one after the other until it is ended; gives those that were answered. */
async function makeAliases(
  kms: KMSClient,
  keyId: string,
  prefix: string,
  until: AbortSignal,
): Promise<readonly string[]> {
  const answered: string[] = []
  for (let number = 0; number < 45 && !until.aborted; number += 1) {
    const name = `alias/${prefix}-${number}`
    try {
      await kms.send(new CreateAliasCommand({ AliasName: name, TargetKeyId: keyId }))
      answered.push(name)
    } catch {
      // Whether it was made nobody was told.
    }
  }
  return answered
}

async function aliasesIn(kms: KMSClient, keyId: string): Promise<readonly string[]> {
  const { Aliases = [] } = await kms.send(new ListAliasesCommand({ KeyId: keyId }))
  return Aliases.map(({ AliasName = '' }) => AliasName)
}

describe.skipIf(POSTGRES_BIN === null)('Two processes on one database of PostgreSQL', { timeout: 90_000 }, () => {
  let postgres: TestPostgres
  beforeAll(async () => {
    postgres = await sharedPostgres()
  })
  afterAll(() => postgres.stop())

  it('are one that serves and one that stands by, which takes over when the first one is stopped or killed', async () => {
    await using pair = await startPair(postgres)
    const { one, other } = pair
    const kms = await one.client()
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
    const id = KeyMetadata?.KeyId ?? ''
    const standing = other.process.start()
    await untilHealth(other, 'standby')
    expect(await health(one)).toEqual([200, 'ok'])
    expect((await health(other))[0]).toBe(503)
    await expect(
      (await other.client()).send(new EncryptCommand({ KeyId: id, Plaintext: Buffer.of(1) })),
    ).rejects.toThrow('standby')
    const ending = new AbortController()
    const making = makeAliases(kms, id, 'killed', ending.signal)
    await sleep(300)
    await one.process.kill()
    const killedAt = performance.now()
    ending.abort()
    const answered = await making
    await standing
    expect(performance.now() - killedAt).toBeLessThan(30_000)
    const after = await other.client()
    expect(answered.length).toBeGreaterThan(0)
    expect(await aliasesIn(after, id)).toEqual(expect.arrayContaining([...answered]))
    await after.send(new EncryptCommand({ KeyId: id, Plaintext: Buffer.of(1) }))
    // The first one comes back, and the second one gives it what it had.
    const back = one.process.start()
    await untilHealth(one, 'standby')
    other.process.signal('SIGTERM')
    await back
    expect(await other.process.ended()).toBe(0)
    await (await one.client()).send(new EncryptCommand({ KeyId: id, Plaintext: Buffer.of(1) }))
  })

  it('let one that was stopped, and goes on, neither change nor answer anything', async () => {
    await using pair = await startPair(postgres)
    const { one, other, database } = pair
    const kms = await one.client()
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
    const id = KeyMetadata?.KeyId ?? ''
    const encrypt = new EncryptCommand({ KeyId: id, Plaintext: Buffer.of(1) })
    await kms.send(encrypt)
    const standing = other.process.start()
    await untilHealth(other, 'standby')
    const ending = new AbortController()
    const making = makeAliases(kms, id, 'stopped', ending.signal)
    await sleep(200)
    one.process.signal('SIGSTOP')
    // What it has not heard before it was stopped it hears when it goes on.
    const late = Promise.allSettled([
      kms.send(encrypt),
      kms.send(new CreateAliasCommand({ AliasName: 'alias/late', TargetKeyId: id })),
    ])
    ending.abort()
    await standing
    const after = await other.client()
    await after.send(new DisableKeyCommand({ KeyId: id }))
    const terms = () => postgres.query(database, 'select term, holder from keyspan.hold')
    const [term] = await terms()
    const aliases = await aliasesIn(after, id)
    one.process.signal('SIGCONT')
    expect(await one.process.ended()).toBe(1)
    expect((await late).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    const answered = await making
    expect(aliases).toEqual(expect.arrayContaining([...answered]))
    expect(await aliasesIn(after, id)).toEqual(aliases)
    expect(await terms()).toEqual([term])
    await expect(after.send(encrypt)).rejects.toThrow('disabled')
  })
})
