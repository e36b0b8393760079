import {
  CreateKeyCommand,
  DescribeKeyCommand,
  EncryptCommand,
  ScheduleKeyDeletionCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { kmsClient } from './clients/kms-client.ts'
import { askInspector } from './control.ts'
import { HOME, startTestServer, type TestServer } from './server.ts'

const DAY = 24 * 60 * 60 * 1000

let server: TestServer
let kms: KMSClient
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  server = await startTestServer({ regions: HOME })
  kms = await kmsClient(server, HOME)
})
afterEach(async () => {
  vi.useRealTimers()
  await server[Symbol.asyncDispose]()
})

async function createKey(): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  return KeyMetadata?.KeyId ?? ''
}

/** The server stops, the machine's clock moves, the server starts. */
async function leap(days: number): Promise<void> {
  await server.stop()
  vi.setSystemTime(Date.now() + days * DAY)
  await server.restart()
  kms = await kmsClient(server, HOME)
}

/** With a client of its own each time: from an answer's date, which Node writes by the real clock, it would adjust. */
async function stateOf(KeyId: string): Promise<string | undefined> {
  const fresh = await kmsClient(server, HOME)
  return (await fresh.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState
}

describe('A key that is to be deleted in a week', () => {
  let key: string
  beforeEach(async () => {
    key = await createKey()
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key, PendingWindowInDays: 7 }))
  })

  it('outlives a start with a clock that is forty days ahead, until an operator confirms the clock', async () => {
    await leap(40)
    await setTimeout(1500)
    expect(await stateOf(key)).toBe('PendingDeletion')
    await server.restart()
    await setTimeout(1500)
    expect(await stateOf(key)).toBe('PendingDeletion')
    expect(await askInspector(server, '/clock/confirm', {})).toContain('What was due has been done.')
    await expect(stateOf(key)).rejects.toThrow(/does not exist/)
    expect(await askInspector(server, '/clock/confirm', {})).toContain('nothing was waiting')
  })

  it('outlives a leap while the server runs, and lives on when the clock is back', async () => {
    vi.setSystemTime(Date.now() + 40 * DAY)
    await setTimeout(1500)
    vi.setSystemTime(Date.now() - 40 * DAY)
    await setTimeout(1500)
    expect(await stateOf(key)).toBe('PendingDeletion')
    vi.setSystemTime(Date.now() + 20 * 60 * 60 * 1000)
    await setTimeout(1500)
    expect(await askInspector(server, '/clock/confirm', {})).toContain('nothing was waiting')
  })

  it('is deleted in its time where the server stood still for less than a day at a time', async () => {
    for (let day = 0; day < 8; day += 1) await leap(0.95)
    await expect(stateOf(key)).rejects.toThrow(/does not exist/)
  })
})

it('A leap is no matter where no key waits for its time', async () => {
  const key = await createKey()
  await leap(400)
  await kms.send(new EncryptCommand({ KeyId: key, Plaintext: Buffer.from('a') }))
  expect(await askInspector(server, '/clock/confirm', {})).toContain('nothing was waiting')
})
