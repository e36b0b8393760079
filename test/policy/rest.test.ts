import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openings, question } from './arbitraries.ts'
import { checkRest } from './check-rest.ts'

const CASES = Number(process.env['KEYSPAN_POLICY_CASES'] ?? 5000)

describe('partial evaluation', () => {
  it('leaves a rest that settles to what the engine and the reference evaluator answer', { timeout: 600_000 }, () => {
    const seen = { yes: 0, no: 0, if: 0 }
    fc.assert(
      fc.property(question, openings, (q, { keys, constrained }) => {
        seen[checkRest(q, keys, constrained)] += 1
      }),
      { numRuns: CASES },
    )
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(CASES / 100)
  })
})
