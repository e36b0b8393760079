import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diffLines, type DiffLine } from './line-diff.ts'

const shown = (lines: readonly DiffLine[]) =>
  lines.map(({ in: side, text }) => `${{ both: ' ', first: '-', second: '+' }[side]}${text}`).join('')

describe('diffLines', () => {
  it.each([
    ['', '', ''],
    ['abc', 'abc', ' a b c'],
    ['abc', 'axc', ' a-b+x c'],
    ['abcd', 'bd', '-a b-c d'],
    ['', 'ab', '+a+b'],
    ['ab', '', '-a-b'],
  ])('of %j and %j is %j', (first, second, expected) => {
    expect(shown(diffLines(first.split(''), second.split('')))).toBe(expected)
  })

  it('has both texts in it, in their order', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 })
    fc.assert(
      fc.property(text, text, (first, second) => {
        const lines = diffLines(first, second)
        expect(lines.filter((each) => each.in !== 'second').map((each) => each.text)).toEqual(first)
        expect(lines.filter((each) => each.in !== 'first').map((each) => each.text)).toEqual(second)
      }),
    )
  })

  it('shows long texts that differ one after the other', () => {
    const [first, second] = [Array.from({ length: 3000 }, () => 'a'), Array.from({ length: 3000 }, () => 'b')]
    expect(diffLines(first, second).map((each) => each.in)).toEqual([
      ...first.map(() => 'first'),
      ...second.map(() => 'second'),
    ])
  })
})
