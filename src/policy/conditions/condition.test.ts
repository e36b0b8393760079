import { describe, expect, it } from 'vitest'
import { conditionKeys, type ConditionValue } from '../context.ts'
import type { Effect } from '../parse/document.ts'
import { createLexicon } from '../patterns/lexicon.ts'
import { compileCondition } from './condition.ts'

function holds(
  operator: string,
  given: ConditionValue | undefined,
  values: readonly string[],
  effect: Effect = 'Allow',
): boolean {
  const clause = { operator, key: 'Test:Key', values, line: 1, column: 1 }
  return compileCondition(clause, effect, true, createLexicon()).holds(
    conditionKeys({ 'tEST:kEY': given, 'aws:username': 'alice' }),
  )
}

const POSITIVE: readonly [string, string][] = [
  ['StringEquals', 'a'],
  ['StringEqualsIgnoreCase', 'a'],
  ['StringLike', '*'],
  ['NumericEquals', '1'],
  ['NumericLessThan', '1'],
  ['NumericGreaterThanEquals', '1'],
  ['DateEquals', '1'],
  ['DateLessThanEquals', '1'],
  ['Bool', 'false'],
  ['BinaryEquals', 'AQI='],
  ['IpAddress', '0.0.0.0/0'],
  ['ArnEquals', '*'],
  ['ArnLike', '*'],
]
const NEGATED: readonly [string, string][] = [
  ['StringNotEquals', 'a'],
  ['StringNotEqualsIgnoreCase', 'a'],
  ['StringNotLike', '*'],
  ['NumericNotEquals', '1'],
  ['DateNotEquals', '1'],
  ['NotIpAddress', '0.0.0.0/0'],
  ['ArnNotEquals', '*'],
  ['ArnNotLike', '*'],
]

describe('a key with several values under names that differ in case', () => {
  const judge = (
    operator: string,
    values: readonly string[],
    effect: Effect,
    given: Record<string, ConditionValue>,
  ) => {
    const clause = { operator, key: 'Test:Key', values, line: 1, column: 1 }
    return compileCondition(clause, effect, true, createLexicon()).holds(conditionKeys(given))
  }
  const rows = [...POSITIVE, ...NEGATED].flatMap(([name, value]) =>
    ['', 'ForAllValues:', 'ForAnyValue:'].map((quantifier) => [`${quantifier}${name}`, value] as const),
  )

  it.each(rows)('%s %s never holds in an Allow, and always in a Deny', (operator, value) => {
    for (const given of [
      { 'test:key': 'a', 'Test:Key': 'b' },
      { 'test:key': '1', 'TEST:KEY': 'arn:aws:iam::111122223333:role/a' },
      { 'test:key': ['a'], 'TEST:KEY': ['a', 'b'] },
    ]) {
      expect(judge(operator, [value], 'Allow', given)).toBe(false)
      expect(judge(operator, [value], 'Deny', given)).toBe(true)
    }
  })

  it('is there, and is no such key where all its values are one', () => {
    const doubled = { 'test:key': 'a', 'Test:Key': 'b' }
    expect(judge('Null', ['true'], 'Deny', doubled)).toBe(false)
    expect(judge('Null', ['false'], 'Allow', doubled)).toBe(true)
    expect(judge('StringEquals', ['a'], 'Allow', { 'test:key': 'a', 'Test:Key': 'a' })).toBe(true)
  })

  it.each(['StringEquals', 'StringNotEquals', 'StringLike', 'ArnLike', 'ArnNotLike'])(
    'as a variable, too: %s',
    (operator) => {
      const variable = operator.startsWith('Arn') ? 'arn:aws:iam::1:role/${other}' : '${other}'
      const given = { 'Test:Key': 'arn:aws:iam::1:role/x', other: 'a', OTHER: 'b' }
      expect(judge(operator, [variable], 'Allow', given)).toBe(false)
      expect(judge(operator, [variable], 'Deny', given)).toBe(true)
    },
  )
})

describe('an absent key', () => {
  const rows = [
    ...POSITIVE.flatMap(([name, value]): [string, string, boolean][] => [
      [name, value, false],
      [`${name}IfExists`, value, true],
      [`ForAllValues:${name}`, value, true],
      [`ForAnyValue:${name}`, value, false],
      [`ForAnyValue:${name}IfExists`, value, true],
    ]),
    ...NEGATED.flatMap(([name, value]): [string, string, boolean][] => [
      [name, value, true],
      [`${name}IfExists`, value, true],
      [`ForAllValues:${name}`, value, true],
      [`ForAnyValue:${name}`, value, false],
      [`ForAnyValue:${name}IfExists`, value, true],
    ]),
    ['Null', 'true', true] as const,
    ['Null', 'false', false] as const,
  ]
  it.each(rows)('under %s %s is %s', (operator, value, expected) => {
    expect(holds(operator, undefined, [value])).toBe(expected)
    expect(holds(operator, [], [value])).toBe(expected)
  })
})

describe('a key with many values', () => {
  it.each([...POSITIVE, ...NEGATED])('never holds under %s without a quantifier', (operator, value) => {
    expect(holds(operator, [value], [value])).toBe(false)
    expect(holds(`${operator}IfExists`, [value], [value])).toBe(false)
  })

  it.each([
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'b', 'c'], true],
    ['ForAllValues:StringEquals', ['a', 'd'], ['a', 'b', 'c'], false],
    ['ForAnyValue:StringEquals', ['a', 'd'], ['a', 'b', 'c'], true],
    ['ForAnyValue:StringEquals', ['d'], ['a', 'b', 'c'], false],
    ['ForAllValues:StringNotEquals', ['d', 'e'], ['a'], true],
    ['ForAllValues:StringNotEquals', ['d', 'a'], ['a'], false],
    ['ForAnyValue:StringNotEquals', ['d', 'a'], ['a'], true],
    ['ForAnyValue:StringNotEquals', ['a'], ['a'], false],
    ['ForAllValues:StringLike', 'abc', ['a*'], true],
    ['ForAnyValue:StringLike', 'abc', ['b*'], false],
    ['Null', ['a'], ['false'], true],
  ] as const)('%s of %j against %j is %s', (operator, given, values, expected) => {
    expect(holds(operator, given, values)).toBe(expected)
  })
})

describe('one value', () => {
  it.each([
    ['StringEquals', 'a', ['b', 'a'], true],
    ['StringEquals', 'A', ['a'], false],
    ['StringEquals', 'ab', ['a*'], false],
    ['StringEquals', 'alice', ['${aws:username}'], true],
    ['StringEquals', 'x', [], false],
    ['StringNotEquals', 'x', [], true],
    ['StringNotEquals', 'a', ['b', 'a'], false],
    ['StringNotEquals', 'c', ['b', 'a'], true],
    ['StringEqualsIgnoreCase', 'ÀB', ['àb'], true],
    ['StringEqualsIgnoreCase', 'ALICE', ['${AWS:username}'], true],
    ['StringEqualsIgnoreCase', 'straße', ['STRASSE'], false],
    ['StringNotEqualsIgnoreCase', 'A', ['a'], false],
    ['StringLike', 'alias/a:b\nc', ['alias/*c'], true],
    ['StringLike', 'alice-1', ['${aws:username}-?'], true],
    ['StringLike', 'a', ['a', 'b*'], true],
    ['StringNotLike', 'alias/x', ['alias/*'], false],
    ['NumericEquals', '1546257599.0', ['1546257599'], true],
    ['NumericEquals', '0x10', ['16'], false],
    ['NumericNotEquals', '7', ['7.0'], false],
    ['NumericNotEquals', 'seven', ['7'], true],
    ['NumericNotEquals', '1e999', ['7'], true],
    ['NumericLessThan', '6', ['7'], true],
    ['NumericLessThan', '7', ['7'], false],
    ['NumericLessThanEquals', '7', ['7'], true],
    ['NumericGreaterThan', '8', ['7'], true],
    ['NumericGreaterThanEquals', '7', ['7', '9'], true],
    ['NumericLessThan', 'seven', ['7'], false],
    ['DateEquals', '2026-01-01T00:00:00Z', ['1767225600'], true],
    ['DateEquals', '2026-01-01T01:00:00+01:00', ['2026-01-01'], true],
    ['DateEquals', '2025-12-31T23:30:00-00:30', ['2026-01-01'], true],
    ['DateEquals', '2026-01-01T00:00:00.0019Z', ['2026-01-01T00:00:00.001Z'], true],
    ['DateLessThan', '2026-01-01T00:00:00.000Z', ['2026-01-01T00:00:00.001Z'], true],
    ['DateNotEquals', '2026-02-30', ['2026-03-02'], true],
    ['DateNotEquals', '2026-13-01', ['1'], true],
    ['DateEquals', '2026-01-01T25:00:00Z', ['2026-01-02T01:00:00Z'], false],
    ['DateEquals', '2026-01-01T00:00:00+99:00', ['2026-01-01'], false],
    ['DateGreaterThan', 'soon', ['1'], false],
    ['Bool', 'TRUE', ['true'], true],
    ['Bool', 'yes', ['true'], false],
    ['Bool', 'yes', ['false'], true],
    ['Bool', 'true', ['false', 'true'], true],
    ['BinaryEquals', 'AQI=', ['AQI='], true],
    ['BinaryEquals', 'AQJ=', ['AQI='], true],
    ['BinaryEquals', 'AQI', ['AQI='], false],
    ['BinaryEquals', 'AQID', ['AQI='], false],
    ['Null', '', ['false'], true],
    ['Null', '', ['true'], false],
    ['Null', 'x', ['true', 'false'], true],
    ['IpAddress', '10.1.2.3', ['10.9.9.9/8'], true],
    ['IpAddress', '10.1.2.3', ['10.1.2.3'], true],
    ['IpAddress', '10.1.2.4', ['10.1.2.3'], false],
    ['IpAddress', '203.0.113.7', ['0.0.0.0/0'], true],
    ['IpAddress', '2001:db8::1', ['2001:db8::/32'], true],
    ['IpAddress', '2001:db9::1', ['2001:db8::/32'], false],
    ['IpAddress', '2001:db8:0:0:0:0:0:1', ['2001:db8::1'], true],
    ['IpAddress', '2001:db8::1', ['2001:db8::1/32'], false],
    ['NotIpAddress', '2001:db8::1', ['2001:db8::1/32'], true],
    ['IpAddress', '::ffff:10.1.2.3', ['10.0.0.0/8'], true],
    ['IpAddress', '::ffff:0a01:0203', ['10.0.0.0/8'], true],
    ['IpAddress', '10.1.2.3', ['::/0'], false],
    ['IpAddress', 'fe80::1%eth0', ['::/0'], false],
    ['NotIpAddress', '10.1.2.3', ['192.0.2.0/24'], true],
    ['NotIpAddress', 'nonsense', ['192.0.2.0/24'], false],
    ['ArnLike', 'arn:aws:iam::1:role/a/b', ['arn:aws:iam::*:role/*'], true],
    ['ArnEquals', 'arn:aws:iam::1:role/a', ['arn:aws:iam::*:role/?'], true],
    ['ArnLike', 'arn:aws:iam::1:user/alice', ['arn:aws:iam::1:user/${aws:username}'], true],
    ['ArnLike', 'nonsense', ['*'], false],
    ['ArnNotLike', 'nonsense', ['arn:aws:iam::*:role/*'], false],
    ['ArnNotEquals', 'arn:aws:iam::1:user/a', ['arn:aws:iam::*:role/*'], true],
  ])('%s of %j against %j is %s', (operator, given, values, expected) => {
    expect(holds(operator, given, values)).toBe(expected)
  })
})

describe("a policy's value that cannot be used", () => {
  it.each([
    ['StringNotEquals', '${absent}'],
    ['StringNotEqualsIgnoreCase', '${absent}'],
    ['StringNotLike', '${absent}*'],
    ['ArnNotLike', 'arn:aws:iam::${absent}:*'],
    ['ArnNotLike', 'nonsense'],
    ['NumericNotEquals', 'nonsense'],
    ['DateNotEquals', 'nonsense'],
    ['NotIpAddress', '10.0.0.0/33'],
    ['NotIpAddress', '10.0.0.0/8/8'],
  ])('makes negated %s %s hold only to deny', (operator, value) => {
    const given = operator.includes('Arn') ? 'arn:aws:iam::1:x' : operator.includes('Ip') ? '10.0.0.1' : '1'
    expect(holds(operator, given, [value], 'Deny')).toBe(true)
    expect(holds(operator, given, [value], 'Allow')).toBe(false)
  })

  it.each([
    ['StringEquals', '${absent}'],
    ['BinaryEquals', '***'],
    ['NumericEquals', 'nonsense'],
  ])('never makes %s %s hold', (operator, value) => {
    expect(holds(operator, '1', [value], 'Deny')).toBe(false)
    expect(holds(operator, '1', [value], 'Allow')).toBe(false)
  })

  it('does not keep the other values from matching', () => {
    expect(holds('StringEquals', 'a', ['${absent}', 'a'])).toBe(true)
    expect(holds('StringNotEquals', 'a', ['${absent}', 'a'], 'Deny')).toBe(false)
  })
})

describe('compileCondition', () => {
  it('refuses an operator that does not exist', () => {
    expect(() => holds('StringEqual', 'a', ['a'])).toThrow('Unknown condition operator StringEqual')
    expect(() => holds('NullIfExists', 'a', ['a'])).toThrow('Unknown condition operator')
  })
})
