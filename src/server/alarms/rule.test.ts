import { describe, expect, it } from 'vitest'
import { recordServiceEvent } from '../../kernel/audit.ts'
import { createRule, ringing, type FloodCounts } from './rule.ts'

const NOON = Date.parse('2026-11-25T12:00:00Z')
const MINUTE = 60_000

const refusal = (now: number, account = '111122223333') =>
  JSON.stringify({
    ...(JSON.parse(
      recordServiceEvent({
        eventName: 'CreateKey',
        region: 'us-east-1',
        now,
        account,
        keyArn: `arn:aws:kms:us-east-1:${account}:key/1`,
      }).text,
    ) as object),
    errorCode: 'AccessDenied',
  })
const flood = createRule({
  name: 'flood',
  when: ['refusals-flood'],
  reads: false,
  count: 3,
  within: 5 * MINUTE,
  to: ['log'],
})
const rings = (times: readonly number[], counts: FloodCounts = {}) =>
  times.map((minute) => ringing(refusal(NOON + minute * MINUTE), [flood], counts, NOON + minute * MINUTE) !== null)

describe('A flood', () => {
  it('rings once in each window, with the event that makes it full', () => {
    expect(rings([0, 1, 2, 3, 4, 5, 6, 7, 8])).toEqual([false, false, true, false, false, false, false, true, false])
    expect(rings([0, 4, 5, 9, 10, 14])).toEqual([false, false, false, false, false, false])
  })

  it('is counted for each account, and goes on where it was kept', () => {
    const counts: FloodCounts = {}
    rings([0, 1], counts)
    expect(ringing(refusal(NOON, '444455556666'), [flood], counts, NOON)).toBeNull()
    const kept = JSON.parse(JSON.stringify(counts)) as FloodCounts
    expect(rings([2], kept)).toEqual([true])
  })

  it('rings again when a clock that was ahead is put right', () => {
    const counts: FloodCounts = {}
    const year = 365 * 24 * 60
    expect(rings([year, year + 1, year + 2, year + 3, 0, 1, 2], counts)).toEqual([
      false,
      false,
      true,
      false,
      false,
      false,
      true,
    ])
  })

  it('counts what comes late from another log to the window that is running', () => {
    const counts: FloodCounts = {}
    const now = NOON + 5 * MINUTE
    const late = [5, 4, 4].map((minute) => ringing(refusal(NOON + minute * MINUTE), [flood], counts, now) !== null)
    expect(late).toEqual([false, false, true])
  })

  it('of ever more accounts takes no more memory', () => {
    const counts: FloodCounts = {}
    for (let account = 0; account < 1500; account += 1)
      ringing(refusal(NOON, String(10 ** 11 + account)), [flood], counts, NOON)
    expect(Object.keys(counts)).toHaveLength(1000)
  })
})

describe('A pattern', () => {
  const record = (readOnly: boolean) => refusal(NOON).replace('"readOnly":false', `"readOnly":${readOnly}`)
  const rule = (reads: boolean) => createRule({ name: 'a', pattern: { source: ['aws.kms'] }, reads, to: ['log'] })

  it('is asked about calls that change nothing only where it is said', () => {
    expect([true, false].map((readOnly) => ringing(record(readOnly), [rule(false)], {}, NOON) !== null)).toEqual([
      false,
      true,
    ])
    expect([true, false].map((readOnly) => ringing(record(readOnly), [rule(true)], {}, NOON) !== null)).toEqual([
      true,
      true,
    ])
  })
})
