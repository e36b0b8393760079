import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileGlob, parseGlob } from '../patterns/glob.ts'
import { createLexicon, NO_VALUES } from '../patterns/lexicon.ts'
import { budgetOf } from './budget.ts'
import { canArnsMeet, canMeet, isArnWithin, isWithin } from './pattern-sets.ts'

const pattern = fc.array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 6 }).map((parts) => parts.join(''))
const TEXTS = ['', ...['a', 'b', 'c'].flatMap((a) => [a, ...['a', 'b', 'c'].flatMap(longer(a))])]

function longer(start: string) {
  return (next: string): string[] => [
    start + next,
    ...['a', 'b', 'c'].map((last) => start + next + last),
    `${start}${next}ab`,
  ]
}

function matching(glob: string): readonly string[] {
  const { matches } = compileGlob(parseGlob(glob), createLexicon())
  return TEXTS.filter((text) => matches(text, 0, text.length, NO_VALUES))
}

describe('Patterns as sets', () => {
  it('one within another matches nothing else', () => {
    const seen = { within: 0, apart: 0 }
    fc.assert(
      fc.property(pattern, pattern, (one, other) => {
        const [ones, others] = [matching(one), matching(other)]
        if (isWithin(one, other, budgetOf(10_000))) {
          seen.within += 1
          expect(others).toEqual(expect.arrayContaining([...ones]))
        }
        if (!canMeet(one, other, budgetOf(10_000))) {
          seen.apart += 1
          expect(ones.filter((text) => others.includes(text))).toEqual([])
        }
      }),
      { numRuns: 5000 },
    )
    expect(Math.min(seen.within, seen.apart)).toBeGreaterThan(500)
  })

  it.each([
    ['kms:Encrypt', 'kms:*', true],
    ['kms:En*', 'kms:E*', true],
    ['kms:*crypt', 'kms:*', true],
    ['kms:*', 'kms:Encrypt', false],
    ['kms:?', 'kms:*', true],
    ['kms:*', 'kms:?*', false],
    ['*', '?*', false],
    ['a**', 'a*', true],
  ])('%s within %s: %s', (inner, outer, expected) => {
    expect(isWithin(inner, outer, budgetOf(10_000))).toBe(expected)
  })

  it.each([
    ['a*', '*b', true],
    ['a*c', '*b', false],
    ['a?c', 'ab*', true],
    ['ab', 'a', false],
    ['*a*', 'b', false],
  ])('%s can meet %s: %s', (one, other, expected) => {
    expect(canMeet(one, other, budgetOf(10_000))).toBe(expected)
    expect(canMeet(other, one, budgetOf(10_000))).toBe(expected)
  })

  it('keeps the wildcards of an ARN within their component', () => {
    const budget = budgetOf(100_000)
    const key = 'arn:aws:kms:us-east-1:111122223333:key/k'
    expect(isArnWithin(key, 'arn:aws:kms:*:*:key/*', budget)).toBe(true)
    expect(isArnWithin('*', 'arn:*:*:*:*:*', budget)).toBe(false)
    expect(isArnWithin('arn:aws:kms:*', 'arn:aws:kms:*:*:key/*', budget)).toBe(false)
    expect(canArnsMeet(key, 'arn:aws:kms:eu-*:*:*', budget)).toBe(false)
    expect(canArnsMeet(key, 'arn:aws:kms:*:1*:key/*', budget)).toBe(true)
  })

  it('is never certain of what it had no room to find out', () => {
    const budget = budgetOf(5)
    expect(isWithin('aaaa', 'a*aa', budget)).toBe(false)
    expect(canMeet('a*b*a', 'a*c*a', budget)).toBe(true)
    expect(budget.isSpent).toBe(true)
  })
})
