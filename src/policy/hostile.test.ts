import { describe, expect, it } from 'vitest'
import { source } from '../../test/policy/engine.ts'
import { conditionKeys } from './context.ts'
import { evaluate } from './evaluate.ts'
import { explainPolicy } from './explain-policy.ts'
import { parsePolicy } from './parse.ts'

const caller = { account: '111122223333', forms: [], hasBoundary: false }

/** How long the fastest of a few runs takes, in milliseconds: the others have waited for something else. */
function fastest(run: () => unknown): number {
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now()
    run()
    return performance.now() - start
  })
  return Math.min(...times)
}

/** Fills the 32 KiB that a key policy may have with one kind of pattern. */
function full(pattern: (index: number) => string): string[] {
  const patterns: string[] = []
  for (let length = 0; length < 32_000;) {
    const next = pattern(patterns.length)
    patterns.push(next)
    length += next.length + 3
  }
  return patterns
}

function conditioned(values: readonly string[], operator = 'StringLike') {
  const statement = {
    Effect: 'Allow',
    Principal: '*',
    Action: '*',
    Resource: '*',
    Condition: { [operator]: { x: values } },
  }
  return source(JSON.stringify({ Version: '2012-10-17', Statement: statement }), 'key').policy
}

describe('a hostile policy', () => {
  // Backtracking would take years over these, not milliseconds: the bounds leave room for a slow machine.
  it.each([
    ['many stars', full(() => '*a*a*a*a*a*a*a*a*a*a*a*a*b')],
    ['stars and question marks', full(() => '*a?a?a?a?a?a?a?a?b*')],
    ['long parts', full((index) => `*${'a'.repeat(100)}${index}*`)],
    ['variables', full(() => '*${x}*b')],
    ['one long pattern', [`${'*a'.repeat(16_000)}b`]],
    ['one long part', [`*${'a?'.repeat(60)}b*`]],
  ])('with %s is decided at once', (_, patterns) => {
    const policy = conditioned(patterns)
    const request = { action: 'kms:Encrypt', resource: '*', keys: conditionKeys({ x: 'a'.repeat(256) }) }
    expect(evaluate(policy, request, caller).outcome).toBe('NoMatch')
    expect(fastest(() => evaluate(policy, request, caller))).toBeLessThan(50)
  })

  it('with thousands of literal values is decided as fast as with one', () => {
    const policy = conditioned(
      full((index) => `value-${index}`),
      'StringEquals',
    )
    const request = { action: 'kms:Encrypt', resource: '*', keys: conditionKeys({ x: 'value-2000' }) }
    expect(evaluate(policy, request, caller).outcome).toBe('Allow')
    expect(fastest(() => evaluate(policy, request, caller))).toBeLessThan(1)
  })

  it('with hundreds of statements is decided and explained in time', () => {
    const statement = { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: 'arn:aws:kms:*:*:*a*b*c*d' }
    const statements = Array.from({ length: 300 }, () => statement)
    const { policy } = source(JSON.stringify({ Statement: statements }), 'key')
    const resource = `arn:aws:kms:eu-west-1:111122223333:key/${'abc'.repeat(50)}`
    const request = { action: 'kms:Encrypt', resource, keys: conditionKeys({}) }
    expect(fastest(() => evaluate(policy, request, caller))).toBeLessThan(20)
    expect(fastest(() => explainPolicy('key policy', policy, request, caller))).toBeLessThan(100)
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
    expect(fastest(() => parsePolicy(text, 'key'))).toBeLessThan(500)
  })
})
