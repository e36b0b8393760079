import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileUnitSearch } from './find-units.ts'
import { ANY_UNIT } from './lexicon.ts'

const A = 'a'.charCodeAt(0)
const B = 'b'.charCodeAt(0)

/** Tries every place. */
function naive(units: readonly number[], text: string, from: number, last: number): number {
  for (let at = from; at <= last; at++) {
    if (units.every((unit, i) => unit === ANY_UNIT || unit === text.charCodeAt(at + i))) return at
  }
  return -1
}

describe('compileUnitSearch', () => {
  it('finds the first place, also of more units than a word has bits', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'a', 'a', 'b'), minLength: 0, maxLength: 200 })
    const units = fc.array(fc.constantFrom(A, ANY_UNIT, ANY_UNIT, ANY_UNIT, B), { minLength: 1, maxLength: 100 })
    fc.assert(
      fc.property(units, text, fc.nat(5), (units, text, from) => {
        const last = text.length - units.length
        expect(compileUnitSearch(units)(text, from, last)).toBe(naive(units, text, from, last))
      }),
      { numRuns: 3000 },
    )
  })

  it.each([31, 32, 33, 64, 65])('finds %i units at the end of a text', (length) => {
    const units = [...Array.from({ length: length - 1 }, () => A), B]
    expect(compileUnitSearch(units)(`${'a'.repeat(500)}b`, 0, 501 - length)).toBe(501 - length)
    expect(compileUnitSearch(units)('a'.repeat(501), 0, 501 - length)).toBe(-1)
  })
})
