import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { describe, expect, it } from 'vitest'
import { health, recordsOf, startTogether, untilItself, untilRole, type Pair } from './pair.ts'
import { POSTGRES_BIN, sharedPostgres } from './postgres.ts'

/** As long as a follower may answer without having heard more, with room for a busy machine. */
const LEASE_MS = 3000
const ROOM_MS = 4000
const Plaintext = Buffer.of(1)

interface Stage extends Pair {
  readonly kms: { readonly one: KMSClient; readonly other: KMSClient }
  readonly KeyId: string
  /** Resolves when the other one leads. */
  readonly leads: Promise<void>
}

/** Two processes, of which the first leads and the other answers by itself, and a key. */
async function begin(): Promise<Stage> {
  const pair = await startTogether(await (await sharedPostgres()).newDatabase())
  const { one, other } = pair
  const leads = other.process.start()
  leads.catch(() => {})
  await untilRole(other, 'follower')
  const clients = { one: await one.client(), other: await other.client() }
  const { KeyMetadata } = await clients.one.send(new CreateKeyCommand({}))
  const KeyId = KeyMetadata?.KeyId ?? ''
  await untilItself(other, () => encrypt(clients.other, KeyId))
  return { ...pair, kms: clients, KeyId, leads }
}

const encrypt = (kms: KMSClient, KeyId: string) => kms.send(new EncryptCommand({ KeyId, Plaintext }))

async function outcome(request: Promise<unknown>): Promise<string> {
  return request.then(
    () => 'done',
    (error: unknown) => (error as Error).name,
  )
}

/** Ends what is repeated, at the latest with the test. */
function createEnding(): AbortController & Disposable {
  const ending = new AbortController()
  return Object.assign(ending, { [Symbol.dispose]: () => ending.abort() })
}

/** Asks again and again until it is ended; gives what was answered. */
async function repeat<Answer>(until: AbortSignal, ask: () => Promise<Answer>): Promise<readonly Answer[]> {
  const answered: Answer[] = []
  while (!until.aborted) {
    try {
      answered.push(await ask())
    } catch {
      await sleep(20)
    }
  }
  return answered
}

const createKey = (kms: KMSClient) => async () => (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? ''

describe.skipIf(POSTGRES_BIN === null)('Of two processes that serve together', { timeout: 90_000 }, () => {
  it('a follower that was stopped, and goes on, answers nothing by what was before', async () => {
    await using stage = await begin()
    const { other, kms, KeyId } = stage
    for (let round = 0; round < 2; round += 1) {
      other.process.signal('SIGSTOP')
      // What it has not heard before it was stopped it hears when it goes on.
      const late = [0, 1, 2, 3].map(() => outcome(kms.other.send(new EncryptCommand({ KeyId, Plaintext }))))
      const begun = performance.now()
      await kms.one.send(new DisableKeyCommand({ KeyId }))
      expect(performance.now() - begun).toBeLessThan(LEASE_MS + ROOM_MS)
      other.process.signal('SIGCONT')
      expect(await Promise.all(late)).not.toContain('done')
      await kms.one.send(new EnableKeyCommand({ KeyId }))
      await untilItself(other, () => encrypt(kms.other, KeyId))
    }
  })

  it('a follower goes on when the leader is killed, and leads then: nothing that was answered is lost', async () => {
    await using stage = await begin()
    const { one, other, kms, KeyId, leads } = stage
    using ending = createEnding()
    const making = [kms.one, kms.other].map((client) => repeat(ending.signal, createKey(client)))
    const encrypting = repeat(ending.signal, () => kms.other.send(new EncryptCommand({ KeyId, Plaintext })))
    await sleep(1000)
    await one.process.kill()
    const killedAt = performance.now()
    // Its lease lasts.
    expect(await outcome(kms.other.send(new EncryptCommand({ KeyId, Plaintext })))).toBe('done')
    expect(await outcome(kms.other.send(new CreateKeyCommand({})))).toBe('ServiceUnavailableException')
    await leads
    expect(performance.now() - killedAt).toBeLessThan(30_000)
    ending.abort()
    const made = (await Promise.all(making)).flat()
    expect(made.length).toBeGreaterThan(2)
    for (const id of made) await kms.other.send(new DescribeKeyCommand({ KeyId: id }))
    await untilRole(other, 'leader')
    const encrypted = (await encrypting).length
    const own = (await recordsOf(other)).filter((text) => text.includes('"Encrypt"') && text.includes(KeyId))
    const former = (await recordsOf(one)).filter((text) => text.includes('"Encrypt"') && text.includes(KeyId))
    const ids = new Set([...own, ...former].map((text) => (JSON.parse(text) as { eventID: string }).eventID))
    expect(ids.size).toBeGreaterThanOrEqual(encrypted)
    expect(await recordsOf(other, 'outbox')).toEqual([])
    // The former leader comes back, and follows.
    const back = one.process.start()
    back.catch(() => {})
    await untilRole(one, 'follower')
    await untilItself(one, () => encrypt(kms.one, KeyId))
  })

  it('the leader goes on when a follower is killed, whose records come when it is back', async () => {
    await using stage = await begin()
    const { one, other, kms, KeyId } = stage
    using ending = createEnding()
    const encrypting = repeat(ending.signal, () => kms.other.send(new EncryptCommand({ KeyId, Plaintext })))
    await sleep(1000)
    await other.process.kill()
    ending.abort()
    const begun = performance.now()
    await kms.one.send(new DisableKeyCommand({ KeyId }))
    expect(performance.now() - begun).toBeLessThan(LEASE_MS + ROOM_MS)
    const again = performance.now()
    await kms.one.send(new EnableKeyCommand({ KeyId }))
    expect(performance.now() - again).toBeLessThan(LEASE_MS / 2)
    const encrypted = (await encrypting).length
    other.process.start().catch(() => {})
    await untilRole(other, 'follower')
    const recorded = async () => {
      const texts = (await recordsOf(one)).filter((text) => text.includes('"Encrypt"') && text.includes(KeyId))
      const ids = new Set(texts.map((text) => (JSON.parse(text) as { eventID: string }).eventID))
      expect(ids.size).toBe(texts.length)
      return ids.size
    }
    await expect.poll(recorded, { timeout: 10_000 }).toBeGreaterThanOrEqual(encrypted)
  })

  it('a leader that was stopped, and goes on, answers nothing any more, nor does its follower by what it knew', async () => {
    await using stage = await begin()
    const { one, kms, KeyId, leads } = stage
    one.process.signal('SIGSTOP')
    const late = outcome(kms.one.send(new EncryptCommand({ KeyId, Plaintext })))
    await leads
    await kms.other.send(new DisableKeyCommand({ KeyId }))
    one.process.signal('SIGCONT')
    expect(await one.process.ended()).toBe(1)
    expect(await late).not.toBe('done')
    expect(await outcome(kms.other.send(new EncryptCommand({ KeyId, Plaintext })))).toBe('DisabledException')
  })

  it('a leader that is asked to end hands over, and a follower that is asked to end finishes', async () => {
    await using stage = await begin()
    const { one, other, kms, KeyId, leads } = stage
    one.process.signal('SIGTERM')
    expect(await one.process.ended()).toBe(0)
    await leads
    await kms.other.send(new EncryptCommand({ KeyId, Plaintext }))
    one.process.start().catch(() => {})
    await untilRole(one, 'follower')
    await untilItself(one, () => encrypt(kms.one, KeyId))
    await kms.one.send(new EncryptCommand({ KeyId, Plaintext }))
    const before = (await recordsOf(one, 'outbox')).length
    one.process.signal('SIGTERM')
    expect(await one.process.ended()).toBe(0)
    const handed = (await recordsOf(other)).filter((text) => text.includes('"Encrypt"')).length
    expect(handed).toBeGreaterThanOrEqual(before)
    expect(await health(other)).toEqual([200, 'ok'])
  })

  it('one that has the name of the other refuses', async () => {
    await using stage = await startTogether(await (await sharedPostgres()).newDatabase())
    const { one, other } = stage
    await cp(join(one.process.path, 'node'), join(other.process.path, 'node'))
    await expect(other.process.start()).rejects.toThrow()
    expect(await other.process.ended()).toBe(2)
    expect(await health(one)).toEqual([200, 'ok'])
  })
})
