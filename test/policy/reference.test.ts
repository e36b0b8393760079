import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { authorize } from '../../src/policy/authorize.ts'
import { explain } from '../../src/policy/explain.ts'
import { question } from './arbitraries.ts'
import { describe as words, source, toEngine } from './engine.ts'
import { referenceAuthorize } from './reference-evaluator.ts'

const CASES = Number(process.env['KEYSPAN_POLICY_CASES'] ?? 20_000)

describe('the policy engine', () => {
  it('decides as the reference evaluator and as its own explanation do', { timeout: 600_000 }, () => {
    const seen = new Map<string, number>()
    fc.assert(
      fc.property(question, (q) => {
        const engine = toEngine(q)
        const decision = authorize(engine)
        const expected = referenceAuthorize(q)
        seen.set(expected, (seen.get(expected) ?? 0) + 1)
        expect(words(decision)).toBe(expected)
        expect(explain(engine).decision).toEqual(decision)
      }),
      { numRuns: CASES },
    )
    // The cases must meet every answer often enough to mean something.
    const rare = ANSWERS.filter((answer) => (seen.get(answer) ?? 0) < CASES / 1000)
    expect(CASES < 10_000 ? [] : rare).toEqual([])
  })

  it('never allows because a statement that denies was added', () => {
    const deny = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"kms:Encrypt","Resource":"*"}}'
    fc.assert(
      fc.property(question, (q) => {
        const before = authorize(toEngine(q))
        const after = toEngine(q)
        const layers = { ...after.layers, identity: [...(after.layers.identity ?? []), source(deny, 'identity')] }
        const denied = authorize({ ...after, layers })
        expect(denied.allowed && !before.allowed).toBe(false)
        const concerned = q.action === 'kms:Encrypt' && q.caller.type !== 'service'
        expect(concerned && denied.allowed).toBe(false)
      }),
      { numRuns: 1000 },
    )
  })
})

const ANSWERS = [
  'allow',
  ...['identity', 'boundary', 'session', 'scp', 'rcp', 'resource'].map((layer) => `explicit-deny ${layer}`),
  ...['identity', 'boundary', 'session', 'scp', 'resource'].map((layer) => `implicit-deny ${layer}`),
]
