import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conditionKeys } from '../context.ts'
import { ANY, compileGlob, type Glob, parseGlob, STAR, textOf } from './glob.ts'
import { createLexicon, NO_VALUES } from './lexicon.ts'
import { resolve } from './variables.ts'

function matches(glob: Glob, text: string): boolean {
  return compileGlob(glob, createLexicon()).matches(text, 0, text.length, NO_VALUES)
}

/** By the definition: reads a part after the other, and keeps all places where the text can go on. */
function naive(glob: Glob, values: Readonly<Record<string, string>>, text: string): boolean {
  let places = new Set([0])
  for (const part of glob) {
    const after = new Set<number>()
    for (const place of places) {
      if (part === STAR) for (let to = place; to <= text.length; to++) after.add(to)
      else if (part === ANY) after.add(place + 1)
      else {
        const literal = typeof part === 'string' ? part : (values[part.key] ?? '')
        if (text.startsWith(literal, place)) after.add(place + literal.length)
      }
    }
    places = after
  }
  return places.has(text.length)
}

const x = { key: 'x', fallback: undefined }
const y = { key: 'y', fallback: undefined }
const short = fc.string({ unit: fc.constantFrom('a', 'a', 'b', 'c'), maxLength: 9 })
const long = fc.string({ unit: fc.constantFrom(...'aaaaaaabbbc'.split('')), minLength: 30, maxLength: 200 })
const part: fc.Arbitrary<Glob[number]> = fc.constantFrom<Glob[number]>('a', 'b', 'a', STAR, STAR, ANY, x, y)
const run = fc
  .string({ unit: fc.constantFrom(...'aaaaaabb???????c'.split('')), minLength: 5, maxLength: 90 })
  .map(parseGlob)
const glob: fc.Arbitrary<Glob> = fc.oneof(
  fc.array(part, { maxLength: 9 }),
  fc
    .tuple(fc.array(part, { maxLength: 3 }), run, fc.array(part, { maxLength: 4 }))
    .map((parts): Glob => [STAR, ...parts.flat()]),
)

describe('compileGlob', () => {
  it('matches as the definition says, whatever was asked before', () => {
    const globs = fc.array(glob, { minLength: 1, maxLength: 12 })
    const question = fc.record({ text: fc.oneof(short, long), x: short, y: fc.oneof(short, fc.constant('*')) })
    fc.assert(
      fc.property(globs, fc.array(question, { minLength: 1, maxLength: 4 }), fc.boolean(), (globs, questions, many) => {
        const lexicon = createLexicon()
        // What is there three times is shared.
        const again = many ? [...globs, ...globs, ...globs] : globs
        const compiled = again.map((each) => compileGlob(each, lexicon))
        // As if the policy had more patterns.
        if (many) lexicon.searches += 100
        for (const { text, ...values } of questions) {
          const keys = conditionKeys(values)
          const found = compiled.map(({ variables, matches }) => {
            const resolved = resolve(lexicon, variables, keys)
            return matches(`-${text}a`, 1, 1 + text.length, typeof resolved === 'number' ? [] : resolved)
          })
          expect(found).toEqual(again.map((each) => naive(each, values, text)))
        }
      }),
      { numRuns: 3000 },
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
    ['*??*', 'b', false],
    ['*??*', 'bb', true],
    ['a.c', 'abc', false],
    ['[a]', 'a', false],
  ])('%j against %j is %s', (pattern, text, expected) => {
    expect(matches(parseGlob(pattern), text)).toBe(expected)
  })

  it('counts a character beyond the basic plane as two units', () => {
    expect(matches(parseGlob('?'), '😀')).toBe(false)
    expect(matches(parseGlob('??'), '😀')).toBe(true)
    expect(matches(parseGlob('*?\ude00*'), '😀')).toBe(true)
  })

  it('tells wildcards from the characters that write them', () => {
    expect(matches(['*'], 'x')).toBe(false)
    expect(matches(['*', STAR], '*x')).toBe(true)
    expect(matches(['?', ANY], '?x')).toBe(true)
    expect(matches(['a', '*', 'b'], 'a*b')).toBe(true)
    expect(matches([STAR, '?', STAR], 'a')).toBe(false)
  })

  it('matches texts of many thousands of different units', () => {
    const text = Array.from({ length: 20_000 }, (_, unit) => String.fromCharCode(1000 + unit)).join('')
    const [a, b, c] = [text.charAt(5000), text.charAt(5002), text.charAt(19_000)]
    expect(matches([STAR, a, ANY, b, STAR, c, STAR], text)).toBe(true)
    expect(matches([STAR, a, ANY, ANY, b, STAR, c, STAR], text)).toBe(false)
    expect(matches([STAR, c, STAR, a, ANY, b, STAR], text)).toBe(false)
    expect(matches([STAR, a, ANY, b, STAR], 'a'.repeat(1_000_000))).toBe(false)
    expect(matches([STAR, 'a', ANY, 'b', STAR], `${'a'.repeat(1_000_000)}b`)).toBe(true)
  })

  it('has a text where it has no wildcards', () => {
    expect(textOf(['a', '*'])).toBe('a*')
    expect(textOf(parseGlob('a*'))).toBeUndefined()
    expect(textOf([x])).toBeUndefined()
  })
})
