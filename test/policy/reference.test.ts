import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { question } from './arbitraries.ts'
import { checkCase, checkDenial, checkWithoutGrants, DENIALS } from './check-case.ts'

const CASES = Number(process.env['KEYSPAN_POLICY_CASES'] ?? 10_000)

describe('the policy engine', () => {
  it(
    'decides as the reference evaluator and its own explanation do, and never refuses because of a grant',
    { timeout: 600_000 },
    () => {
      const seen = new Map<string, number>()
      fc.assert(
        fc.property(question, (q) => {
          checkWithoutGrants(q)
          const answer = checkCase(q)
          seen.set(answer, (seen.get(answer) ?? 0) + 1)
        }),
        { numRuns: CASES },
      )
      // The cases must meet every answer often enough to mean something.
      const rare = ANSWERS.filter((answer) => (seen.get(answer) ?? 0) < CASES / 1000)
      expect(CASES < 10_000 ? [] : rare).toEqual([])
    },
  )

  it('never allows because a statement that denies was added', () => {
    fc.assert(fc.property(question, fc.nat({ max: DENIALS - 1 }), checkDenial), { numRuns: 1000 })
  })
})

const ANSWERS = [
  'allow',
  ...['identity', 'boundary', 'session', 'scp', 'rcp', 'resource'].map((layer) => `explicit-deny ${layer}`),
  ...['identity', 'boundary', 'session', 'scp', 'resource'].map((layer) => `implicit-deny ${layer}`),
]
