import { pino } from 'pino'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createQueue, type Queue } from './queue.ts'
import { SendError } from './send-error.ts'
import { newState, type TargetState } from './target-state.ts'

const NOON = Date.parse('2026-11-25T12:00:00Z')
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

beforeEach(() => vi.useFakeTimers({ now: NOON, toFake: ['Date'] }))
afterEach(() => vi.useRealTimers())

/** The queue of a target that takes nothing, and gives up after three days. */
function queueOf(state: TargetState): Queue {
  const target = { name: 'hook', timeout: 1000, giveUpAfter: 3 * DAY, to: { kind: 'log' } } as const
  const send = () => Promise.reject(new SendError('It is away'))
  return createQueue({ target, send, directoryOf: () => '', log: pino({ level: 'silent' }) }, state, () => {})
}

const ringer = {
  id: 'one',
  of: { key: 'arn:aws:kms:us-east-1:111122223333:key/1', material: 'a', expiresAt: NOON, time: '2026-11-25T12:00:00Z' },
  order: 'key',
  alarms: ['off'],
}

async function tryAt(queue: Queue, now: number): Promise<void> {
  vi.setSystemTime(now)
  queue.sendDue()
  await queue.settled()
}

it('what a target does not take is given up after its time', async () => {
  const state = newState(NOON, {})
  const queue = queueOf(state)
  queue.add(ringer)
  for (let now = NOON; now < NOON + 3 * DAY; now += 5 * MINUTE) await tryAt(queue, now)
  expect(state).toMatchObject({ givenUp: 0, waiting: [{ id: 'one' }] })
  await tryAt(queue, NOON + 3 * DAY)
  expect(state).toMatchObject({ givenUp: 1, waiting: [] })
})

it('is not given up because a clock leaps, and has its time when it is put right', async () => {
  const state = newState(NOON, {})
  const queue = queueOf(state)
  queue.add(ringer)
  await tryAt(queue, NOON)
  await tryAt(queue, NOON + 30 * DAY)
  await tryAt(queue, NOON + MINUTE)
  expect(state).toMatchObject({ failed: 3, givenUp: 0, waiting: [{ since: NOON + MINUTE }] })
  await tryAt(queue, NOON + 30 * DAY)
  expect(state).toMatchObject({ failed: 4, givenUp: 0 })
})

it('is not given up because the server was off for longer', async () => {
  const state = newState(NOON, {})
  const queue = queueOf(state)
  queue.add(ringer)
  await tryAt(queue, NOON)
  const kept = structuredClone(state)
  await tryAt(queueOf(kept), NOON + 4 * DAY)
  expect(kept).toMatchObject({ givenUp: 0, waiting: [{ tries: 2 }] })
})
