import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { durationText, parseDuration } from './duration.ts'

describe('A duration', () => {
  it.each([
    ['90s', 90_000],
    ['5m', 300_000],
    ['12h', 43_200_000],
    ['30d', 2_592_000_000],
  ])('%s is %i ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
    expect(durationText(milliseconds)).toBe(text)
  })

  it('is a whole number and a unit, more than nothing and at most a hundred years', () => {
    for (const text of ['', '0d', '-1d', '1.5d', '1w', 'd', '1 d', '36526d', '1d1d']) {
      expect(parseDuration(text), text).toBeNull()
    }
    fc.assert(fc.property(fc.string(), (text) => parseDuration(text) === null || /^\d+[smhd]$/.test(text)))
  })

  it('is said in its largest unit, without its part of a second', () => {
    expect([3_600_000, 60_000, 61_000, 1500, 999, 0].map(durationText)).toEqual(['1h', '1m', '61s', '1s', '0s', '0s'])
  })
})
