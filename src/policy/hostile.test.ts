import { describe, expect, it } from 'vitest'
import { expectWithin } from '../../test/expect-within.ts'
import { source } from '../../test/policy/engine.ts'
import {
  HOSTILE_POLICIES,
  LONG_TEXTS,
  MANY_STATEMENTS,
  MANY_VALUES,
  type HostilePolicy,
} from '../../test/policy/hostile-policies.ts'
import { conditionKeys } from './context.ts'
import { evaluate } from './evaluate.ts'
import { explainPolicy } from './explain/explain-policy.ts'
import { NOTHING_HIDDEN } from './explain/explanation.ts'
import { parsePolicy } from './parse/parse.ts'

const caller = { account: '111122223333', forms: [], hasBoundary: false }

function asked({ text, resource, keys }: HostilePolicy) {
  const request = { action: 'kms:Encrypt', resource, keys: conditionKeys(keys) }
  return { policy: source(text, 'key').policy, request }
}

describe('a hostile policy', () => {
  // Backtracking would take years over these, not milliseconds: the bounds leave room for a slow machine.
  it.each(HOSTILE_POLICIES)('with $name is decided at once', (hostile) => {
    const { policy, request } = asked(hostile)
    expect(evaluate(policy, request, caller).outcome).toBe(hostile.outcome)
    expect(explainPolicy('key policy', policy, { request, caller, hidden: NOTHING_HIDDEN }).verdict.outcome).toBe(
      hostile.outcome,
    )
    expectWithin(50, () => evaluate(policy, request, caller))
  })

  it.each(LONG_TEXTS.slice(0, 4))('with $name is decided in time', (hostile) => {
    const { policy, request } = asked(hostile)
    expect(evaluate(policy, request, caller).outcome).toBe(hostile.outcome)
    expectWithin(500, () => evaluate(policy, request, caller))
  })

  it('with thousands of literal values is decided as fast as with one', () => {
    const { policy, request } = asked(MANY_VALUES)
    expect(evaluate(policy, request, caller).outcome).toBe('Allow')
    expectWithin(1, () => evaluate(policy, request, caller))
  })

  it('with hundreds of statements is decided and explained in time', () => {
    const { policy, request } = asked(MANY_STATEMENTS)
    expectWithin(20, () => evaluate(policy, request, caller))
    expectWithin(100, () => explainPolicy('key policy', policy, { request, caller, hidden: NOTHING_HIDDEN }))
  })

  it.each([
    ['nested without end', '['.repeat(131_072)],
    ['of one string', `"${'\\u0061'.repeat(21_000)}"`],
    ['of one number', '1'.repeat(131_072)],
    ['of nothing but statements', `{"Statement":[${Array.from({ length: 40_000 }, () => '{}').join(',')}]}`],
    ['of nothing but unknown elements', `{${Array.from({ length: 10_000 }, (_, i) => `"Sid${i}":1`).join(',')}}`],
    ['of nothing but lines', '\n'.repeat(131_072)],
    [
      'of one partition of wildcards',
      JSON.stringify({ Statement: { Effect: 'Deny', Action: '*', Resource: `arn:${'*'.repeat(100_000)}\n:k:::x` } }),
    ],
    [
      'of one date',
      JSON.stringify({
        Statement: {
          Effect: 'Deny',
          Action: '*',
          Resource: '*',
          Condition: { DateEquals: { x: '1'.repeat(100_000) } },
        },
      }),
    ],
    [
      'of one principal',
      JSON.stringify({
        Statement: {
          Effect: 'Deny',
          Action: '*',
          Resource: '*',
          Principal: { AWS: `arn:aws:iam::111122223333:user/${'a/'.repeat(50_000)}` },
        },
      }),
    ],
    [
      'of condition keys',
      JSON.stringify({
        Statement: {
          Effect: 'Deny',
          Action: '*',
          Resource: '*',
          Condition: { Bool: Object.fromEntries(Array.from({ length: 8000 }, (_, i) => [`key${i}`, 1])), bool: 1 },
        },
      }),
    ],
  ])('%s is refused in time', (_, text) => {
    expect(parsePolicy(text, 'key').ok).toBe(false)
    expectWithin(500, () => parsePolicy(text, 'key'))
  })
})
