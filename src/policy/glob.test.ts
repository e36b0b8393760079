import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ANY, compileGlob, parseGlob, STAR, textOf } from './glob.ts'

function matches(pattern: string, text: string): boolean {
  return compileGlob(parseGlob(pattern))(text)
}

/** By the definition: a star is nothing, or one unit and a star again. */
function naive(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  const [first, rest] = [pattern.charAt(0), pattern.slice(1)]
  if (first === '*') return naive(rest, text) || (text !== '' && naive(pattern, text.slice(1)))
  return text !== '' && (first === '?' || first === text.charAt(0)) && naive(rest, text.slice(1))
}

describe('compileGlob', () => {
  it('matches as the definition says', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 9 })
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 9 })
    fc.assert(
      fc.property(pattern, text, (pattern, text) => {
        expect(matches(pattern, text)).toBe(naive(pattern, text))
      }),
      { numRuns: 5000 },
    )
  })

  it.each([
    ['kms:*', 'kms:', true],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['?', '', false],
    ['a*a', 'a', false],
    ['a*b*c', 'a\nb:/c', true],
    ['*ab*ab*', 'abab', true],
    ['*ab*ab*', 'aba', false],
    ['*?b*', 'ab', true],
    ['*?b*', 'b', false],
    ['a.c', 'abc', false],
    ['[a]', 'a', false],
  ])('%j against %j is %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected)
  })

  it('counts a character beyond the basic plane as two units', () => {
    expect(matches('?', '😀')).toBe(false)
    expect(matches('??', '😀')).toBe(true)
  })

  it('tells wildcards from the characters that write them', () => {
    expect(compileGlob(['*'])('x')).toBe(false)
    expect(compileGlob(['*', STAR])('*x')).toBe(true)
    expect(compileGlob(['?', ANY])('?x')).toBe(true)
    expect(compileGlob(['a', '*', 'b'])('a*b')).toBe(true)
  })

  it('has a text where it has no wildcards', () => {
    expect(textOf(['a', '*'])).toBe('a*')
    expect(textOf(parseGlob('a*'))).toBeUndefined()
  })
})
