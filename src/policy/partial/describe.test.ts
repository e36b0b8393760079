import { describe, expect, it } from 'vitest'
import { compilePolicy } from '../compile.ts'
import { describeCondition, phrase, restData } from './describe.ts'
import { parsePolicy } from '../parse/parse.ts'
import { allOf, anyOf, not, open, type Rest } from './rest.ts'

/** A condition that is open. */
function condition(operator: string, key: string, values: string | readonly string[]): Rest {
  const Statement = { Effect: 'Allow', Action: '*', Resource: '*', Condition: { [operator]: { [key]: values } } }
  const read = parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement }), 'identity')
  if (!read.ok) throw new Error(read.errors[0].message)
  const [compiled] = compilePolicy(read.policy).statements[0]?.conditions ?? []
  if (compiled === undefined) throw new Error('There is one condition.')
  return open({ ...describeCondition(compiled, 'Allow'), holds: compiled.holds })
}

describe('phrase', () => {
  it.each([
    ['StringEquals', 'a', ['x', 'y'], 'a is x or y', 'a is not x or y'],
    ['StringNotEquals', 'a', 'x', 'a is not x', 'a is x'],
    ['StringLike', 'a', 'x*', 'a is like x*', 'a is not like x*'],
    ['StringEqualsIfExists', 'a', 'x', 'a is x or is absent', 'a is present and is not x'],
    ['StringNotEqualsIfExists', 'a', 'x', 'a is not x', 'a is x'],
    ['ForAllValues:StringEquals', 'a', 'x', 'every value of a is x', 'some value of a is not x'],
    ['ForAnyValue:StringEquals', 'a', 'x', 'some value of a is x', 'every value of a is not x'],
    ['Null', 'a', 'true', 'a is absent', 'a is present'],
    ['Null', 'a', 'false', 'a is present', 'a is absent'],
    ['Bool', 'a', 'true', 'a is true', 'a is not true'],
    ['NumericLessThan', 'a', '7', 'a is below 7', 'a is not below 7'],
    ['DateGreaterThan', 'a', '2026-01-01', 'a is after 2026-01-01', 'a is not after 2026-01-01'],
    ['IpAddress', 'a', '10.0.0.0/8', 'a is within 10.0.0.0/8', 'a is outside 10.0.0.0/8'],
    ['ArnEquals', 'a', 'arn:aws:s3:::b', 'a is like arn:aws:s3:::b', 'a is not like arn:aws:s3:::b'],
  ])('says %s on %s of %j', (operator, key, values, plain, contrary) => {
    expect(phrase(condition(operator, key, values))).toBe(plain)
    expect(phrase(not(condition(operator, key, values)))).toBe(contrary)
  })

  it('joins, and says what is the same once', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((key) => condition('StringEquals', key, 'x'))
    if (a === undefined || b === undefined || c === undefined) throw new Error('There are three.')
    expect(phrase(allOf([a, anyOf([b, c])]))).toBe('a is x, and (b is x, or c is x)')
    expect(phrase(not(anyOf([a, b])))).toBe('a is not x, and b is not x')
    expect(phrase(allOf([a, not(condition('StringNotEquals', 'a', 'x'))]))).toBe('a is x')
    expect(restData(anyOf([a, not(b)]))).toEqual({
      any: [
        { operator: 'StringEquals', key: 'a', values: ['x'] },
        { not: { operator: 'StringEquals', key: 'b', values: ['x'] } },
      ],
    })
  })
})

describe('rests', () => {
  const [a, b] = [condition('StringEquals', 'a', 'x'), condition('StringEquals', 'b', 'x')]

  it('are simplified', () => {
    expect(allOf([])).toBe(true)
    expect(anyOf([])).toBe(false)
    expect(allOf([a, true, a])).toBe(a)
    expect(allOf([a, false])).toBe(false)
    expect(allOf([a, not(a)])).toBe(false)
    expect(anyOf([a, not(a)])).toBe(true)
    expect(anyOf([a, allOf([a, b])])).toBe(a)
    expect(not(not(a))).toBe(a)
  })
})
