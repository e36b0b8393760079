import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, it, onTestFinished } from 'vitest'
import { recordServiceEvent } from '../../kernel/audit.ts'
import { createCourier, type CourierPlace } from './courier.ts'
import { createRule } from './rule.ts'
import { newState, type TargetState } from './target-state.ts'

const NOON = Date.parse('2026-11-25T12:00:00Z')
const HOUR = 3_600_000
const YEAR = 365 * 24 * HOUR
const KEY = 'arn:aws:kms:us-east-1:111122223333:key/1'

/** A courier whose log and clock are the test's, and what it was told to send. */
function courierAt(state: TargetState, expiring: CourierPlace['expiring'] = async function* () {}) {
  const directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const sent: string[] = []
  const clock = { now: NOON }
  const rules = [
    createRule({ name: 'deleted', when: ['key-deleted'], reads: false, to: ['hook'] }),
    createRule({ name: 'soon', when: ['key-material-expiring'], reads: false, to: ['hook'] }),
  ]
  const courier = createCourier(
    {
      target: { name: 'hook', timeout: 1000, giveUpAfter: YEAR, to: { kind: 'log' } },
      send: async ({ text }) => {
        sent.push(text)
        return 'done'
      },
      rules,
      path: join(directory, 'state.json'),
      directoryOf: () => directory,
      logs: () => [{ name: 'us-east-1', directory, end: { file: '9999', offset: 0 } }],
      expiring,
      now: () => clock.now,
      log: pino({ level: 'silent' }),
    },
    state,
  )
  const deleteKey = (): void => {
    const about = { eventName: 'DeleteKey', region: 'us-east-1', account: '111122223333', keyArn: KEY } as const
    appendFileSync(join(directory, '2026-11-25.jsonl'), `${recordServiceEvent({ ...about, now: clock.now }).text}\n`)
  }
  const round = async (): Promise<number> => {
    await courier.round()
    await courier.stop()
    return sent.length
  }
  return { clock, deleteKey, round }
}

it('a target that was new while the clock was ahead is told what happens when it is put right', async () => {
  const { clock, deleteKey, round } = courierAt(newState(NOON + YEAR, {}))
  clock.now = NOON
  deleteKey()
  expect(await round()).toBe(1)
})

it('a new target is not told what was before it', async () => {
  const { clock, deleteKey, round } = courierAt(newState(NOON + HOUR, {}))
  deleteKey()
  clock.now = NOON + HOUR
  expect(await round()).toBe(0)
})

it('looks for what expires also when a clock that was ahead is put right', async () => {
  const { clock, round } = courierAt(newState(NOON, {}), async function* (from, to) {
    const expiresAt = NOON + 24 * HOUR
    if (expiresAt > from && expiresAt <= to) yield { key: KEY, material: 'a', expiresAt }
  })
  clock.now = NOON + YEAR
  expect(await round()).toBe(0)
  clock.now = NOON
  expect(await round()).toBe(1)
})
