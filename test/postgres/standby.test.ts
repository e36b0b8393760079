import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  type KMSClient,
  ListAliasesCommand,
} from '@aws-sdk/client-kms'
import { beforeAll, describe, expect, it } from 'vitest'
import { health, startPair, untilHealth } from './pair.ts'
import { POSTGRES_BIN, sharedPostgres, type SharedPostgres } from './postgres.ts'

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
  let postgres: SharedPostgres
  beforeAll(async () => {
    postgres = await sharedPostgres()
  })

  it('are one that serves and one that stands by, which takes over when the first one is stopped or killed', async () => {
    await using pair = await startPair(await postgres.newDatabase())
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
    const database = await postgres.newDatabase()
    await using pair = await startPair(database)
    const { one, other } = pair
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
