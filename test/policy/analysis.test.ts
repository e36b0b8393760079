import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { caller, context, documentOf } from './arbitraries.ts'
import { checkGranted, checkNew, checkPublic } from './check-analysis.ts'

const CASES = Number(process.env['KEYSPAN_POLICY_CASES'] ?? 1000)
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/mrk-1'

const asked = fc.array(
  fc.record({
    caller: caller.map((each) => ({ ...each, hasBoundary: false })),
    action: fc.constantFrom('kms:Encrypt', 'kms:Decrypt', 'iam:GetRole'),
    resource: fc.constantFrom(KEY, KEY, 'arn:aws:kms:us-east-1:111122223333:alias/x', '*'),
    context,
  }),
  { minLength: 20, maxLength: 20 },
)

const CONDITIONS: readonly object[] = [
  { StringEquals: { team: 'mrk-1' } },
  { StringEquals: { team: ['mrk-1', 'abc'] } },
  { StringEqualsIfExists: { team: 'mrk-1' } },
  { StringNotEquals: { team: 'mrk-1' } },
  { StringNotEquals: { team: ['mrk-1', 'abc'] } },
  { StringLike: { team: 'mrk-*' } },
  { 'ForAnyValue:StringNotEqualsIfExists': { many: 'mrk-1' } },
  { 'ForAnyValue:StringNotEquals': { many: 'mrk-1' } },
]

/** A document that is made from another by leaving out, doubling or narrowing what it says. */
function changed(text: string, how: number): string {
  const document = JSON.parse(text) as { Statement: Record<string, unknown>[] }
  const [first, ...others] = document.Statement
  if (first === undefined) return text
  const whom = Object.fromEntries(Object.entries(first).filter(([name]) => name.endsWith('Principal')))
  const narrow = (index: number) => ({ ...first, Condition: CONDITIONS[index] })
  const on = (Resource: string) => [{ ...first, ...('Resource' in first && { Resource }) }, ...others]
  const variants: readonly object[][] = [
    [first, ...others],
    others.length === 0 ? [first] : others,
    ...CONDITIONS.map((_, index) => [narrow(index), ...others]),
    [...others, { ...first, Effect: 'Deny' }, first],
    [{ ...first, ...('Action' in first && { Action: 'kms:Encrypt' }) }, ...others],
    on(KEY),
    on('arn:aws:kms:*:*:key/${aws:username}*'),
    [...others, { ...whom, Effect: first['Effect'], Action: '*', NotResource: 'arn:aws:kms:*:*:key/${aws:username}' }],
    [first, ...others, { ...first, Effect: 'Deny', Condition: { StringNotEquals: { team: 'mrk-1' } } }],
    [...others, first].toReversed(),
  ]
  return JSON.stringify({ ...document, Statement: variants[how % variants.length] })
}

const kinds = fc.constantFrom('identity', 'key')
const pair = kinds.chain((kind) => {
  const document = documentOf(kind === 'key' ? 'resource' : 'own')
  const related = fc.tuple(document, fc.nat({ max: 16 }), fc.nat({ max: 16 }))
  const made = related.map(([text, one, other]) => [changed(text, one), changed(text, other)] as const)
  return fc.record({ kind: fc.constant(kind), texts: fc.oneof(made, fc.tuple(document, document)) })
})

describe('A PASS is never contradicted by the engine:', { timeout: 600_000 }, () => {
  it('no new access', () => {
    const seen = { PASS: 0, FAIL: 0, UNKNOWN: 0 }
    fc.assert(
      fc.property(pair, asked, ({ kind, texts: [text, existing] }, requests) => {
        seen[checkNew(text, existing, kind, requests)] += 1
      }),
      { numRuns: CASES },
    )
    expect(Math.min(seen.PASS, seen.FAIL)).toBeGreaterThan(CASES / 20)
  })

  it('access that is not granted', () => {
    const seen = { PASS: 0, FAIL: 0, UNKNOWN: 0 }
    const actions = fc.constantFrom(['kms:Encrypt'], ['kms:Decrypt'], ['kms:Decrypt', 'iam:GetRole'])
    const document = fc.oneof(
      documentOf('own'),
      fc.tuple(documentOf('own'), fc.nat()).map(([text, how]) => changed(text, how)),
    )
    fc.assert(
      fc.property(document, actions, asked, (text, named, requests) => {
        seen[checkGranted(text, 'identity', { actions: named }, requests)] += 1
      }),
      { numRuns: CASES },
    )
    expect(Math.min(seen.PASS, seen.FAIL)).toBeGreaterThan(CASES / 20)
  })

  it('no public access', () => {
    const seen = { PASS: 0, FAIL: 0, UNKNOWN: 0 }
    const names = {
      'aws:PrincipalOrgID': ['o-ours', 'o-*', '*', '${aws:PrincipalOrgID}'],
      'aws:PrincipalArn': ['arn:aws:iam::111122223333:role/*', 'arn:aws:iam::*:role/app', '*'],
      'kms:CallerAccount': ['111122223333', '1*', '777788889999*'],
      'aws:SourceIp': ['203.0.113.0/24', '0.0.0.0/0', '0.0.0.0/1'],
      'kms:ViaService': ['s3.us-east-1.amazonaws.com'],
    }
    const operators = [
      'StringEquals',
      'StringLike',
      'StringNotEquals',
      'StringEqualsIfExists',
      'StringNotLike',
      'ArnLike',
    ]
    const clause = fc.constantFrom(...Object.entries(names)).chain(([key, values]) =>
      fc.record({
        operator:
          key === 'aws:SourceIp' ? fc.constant('IpAddress') : fc.constantFrom(...operators, 'ForAllValues:StringLike'),
        key: fc.constant(key),
        value: fc.constantFrom(...values),
      }),
    )
    const isMalformed = (operator: string, value: string) => operator === 'ArnLike' && !/^arn|^\*$|\$\{/.test(value)
    const statement = fc
      .record({
        Effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
        Principal: fc.constantFrom('*', '*', { AWS: '111122223333' }),
        Action: fc.constantFrom('kms:*', 'kms:Encrypt'),
        Resource: fc.constant('*'),
        clauses: fc.array(clause, { maxLength: 2 }),
      })
      .map(({ clauses, ...rest }) => {
        const fit = clauses.filter(({ operator, value }) => !isMalformed(operator, value))
        const Condition = Object.fromEntries(fit.map(({ operator, key, value }) => [operator, { [key]: value }]))
        return fit.length === 0 ? rest : { ...rest, Condition }
      })
    const document = fc
      .array(statement, { minLength: 1, maxLength: 3 })
      .map((Statement) => JSON.stringify({ Version: '2012-10-17', Statement }))
    const stranger = 'arn:aws:iam::777788889999:role/app'
    const strangers = fc.array(
      fc
        .record(
          {
            'aws:PrincipalOrgID': fc.constantFrom('o-theirs', 'o-x'),
            'aws:SourceIp': fc.constantFrom('198.51.100.7', '1.2.3.4'),
            'kms:ViaService': fc.constant('s3.us-east-1.amazonaws.com'),
          },
          { requiredKeys: [] },
        )
        .map((given) => ({
          caller: {
            type: 'role' as const,
            account: '777788889999',
            forms: [{ kind: 'role' as const, id: stranger }],
            hasBoundary: false,
          },
          action: 'kms:Encrypt',
          resource: KEY,
          context: { ...given, 'aws:PrincipalArn': stranger, 'kms:CallerAccount': '777788889999' },
        })),
      { minLength: 6, maxLength: 6 },
    )
    fc.assert(
      fc.property(document, strangers, (text, requests) => {
        seen[checkPublic(text, requests)] += 1
      }),
      { numRuns: CASES },
    )
    expect(Math.min(seen.PASS, seen.FAIL)).toBeGreaterThan(CASES / 20)
  })
})

const identity = (...statements: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements })
const allow = { Effect: 'Allow', Action: 'kms:*', Resource: '*' }

describe('What is told apart:', () => {
  it.each([
    ['fewer actions', identity({ ...allow, Action: 'kms:Encrypt' }), identity(allow), 'PASS'],
    ['more actions', identity({ ...allow, Action: ['kms:*', 'iam:GetRole'] }), identity(allow), 'FAIL'],
    ['a narrower resource', identity({ ...allow, Resource: KEY }), identity(allow), 'PASS'],
    ['a condition more', identity({ ...allow, Condition: { StringEquals: { team: 'a' } } }), identity(allow), 'PASS'],
    [
      'fewer values',
      identity({ ...allow, Condition: { StringEquals: { team: 'a' } } }),
      identity({ ...allow, Condition: { StringLike: { team: ['a*', 'b'] } } }),
      'PASS',
    ],
    [
      'more values',
      identity({ ...allow, Condition: { StringEquals: { team: ['a', 'c'] } } }),
      identity({ ...allow, Condition: { StringEquals: { team: ['a', 'b'] } } }),
      'FAIL',
    ],
    [
      'a Deny that is gone',
      identity(allow),
      identity(allow, { ...allow, Effect: 'Deny', Action: 'kms:Decrypt' }),
      'FAIL',
    ],
    ['a Deny more', identity(allow, { ...allow, Effect: 'Deny', Action: 'kms:Decrypt' }), identity(allow), 'PASS'],
    [
      'a Deny that stays',
      identity(allow, { ...allow, Effect: 'Deny', Action: 'kms:D*' }),
      identity(allow, { ...allow, Effect: 'Deny', Action: 'kms:Decrypt' }),
      'PASS',
    ],
    [
      'an Allow instead of a Deny unless',
      identity({ ...allow, Condition: { StringEquals: { 'aws:username': 'ada' } } }),
      identity(allow, { ...allow, Effect: 'Deny', Condition: { StringNotEquals: { 'aws:username': 'ada' } } }),
      'PASS',
    ],
    [
      'a Deny unless instead of an Allow',
      identity(allow, { ...allow, Effect: 'Deny', Condition: { StringNotEquals: { 'aws:username': 'ada' } } }),
      identity({ ...allow, Condition: { StringEquals: { 'aws:username': 'ada' } } }),
      'PASS',
    ],
    [
      'all but what a variable stands for',
      identity({ ...allow, Resource: KEY }),
      identity({ Effect: 'Allow', Action: 'kms:*', NotResource: 'arn:aws:kms:*:*:key/${aws:username}' }),
      'FAIL',
    ],
    [
      'text that looks like a variable',
      identity({ ...allow, Condition: { StringEquals: { team: '${aws:username}' } } }),
      identity({ ...allow, Condition: { StringEquals: { team: '${aws:username}' } } }).replace('2012', '2008'),
      'FAIL',
    ],
  ])('%s', (_, text, existing, expected) => {
    expect(checkNew(text, existing, 'identity', [])).toBe(expected)
  })

  it.each([
    [{ actions: ['kms:Decrypt'] }, 'FAIL'],
    [{ actions: ['kms:ScheduleKeyDeletion'] }, 'PASS'],
    [{ actions: ['iam:*'] }, 'PASS'],
    [{ actions: ['kms:Decrypt'], resources: [KEY] }, 'FAIL'],
    [{ actions: ['kms:Decrypt'], resources: ['arn:aws:kms:us-east-1:111122223333:key/other'] }, 'PASS'],
    [{ resources: ['arn:aws:s3:::bucket'] }, 'PASS'],
  ])('whether %j is granted: %s', (access, expected) => {
    const text = identity({ ...allow, Resource: KEY }, { ...allow, Effect: 'Deny', Action: 'kms:ScheduleKeyDeletion' })
    expect(checkGranted(text, 'identity', access, [])).toBe(expected)
  })

  it('what is too large to compare', () => {
    const many = Array.from({ length: 700 }, (_, index) => `arn:aws:kms:*:*:key/*a*${index}*b`)
    const [one, other] = [many, many.map((text) => `${text}c`)].map((Resource) => identity({ ...allow, Resource }))
    expect(checkNew(one ?? '', other ?? '', 'identity', [])).toBe('FAIL')
    const wild = Array.from({ length: 700 }, (_, index) => `arn:aws:kms:*:*:key/*${index}*`)
    const actions = Array.from({ length: 900 }, (_, index) => `kms:*${index}*`)
    const large = identity({ ...allow, Action: actions, Resource: wild })
    const turned = identity({ ...allow, Action: actions.toReversed(), Resource: wild.toReversed() })
    expect(checkNew(large, turned, 'identity', [])).toBe('UNKNOWN')
  })
})
