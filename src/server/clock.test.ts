import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createClock, parseDuration } from './clock.ts'

describe('The clock', () => {
  it('is as far ahead as it was moved', () => {
    const clock = createClock(1000)
    clock.advance(500)
    expect(clock.offset()).toBe(1500)
    expect(Math.abs(clock.now() - Date.now() - 1500)).toBeLessThan(100)
  })
})

describe('A duration', () => {
  it.each([
    ['90s', 90_000],
    ['5m', 300_000],
    ['12h', 43_200_000],
    ['30d', 2_592_000_000],
  ])('%s is %i ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
  })

  it('is a whole number and a unit, more than nothing and at most a hundred years', () => {
    for (const text of ['', '0d', '-1d', '1.5d', '1w', 'd', '1 d', '36526d', '1d1d']) {
      expect(parseDuration(text), text).toBeNull()
    }
    fc.assert(fc.property(fc.string(), (text) => parseDuration(text) === null || /^\d+[smhd]$/.test(text)))
  })
})
