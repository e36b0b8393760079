import { describe, expect, it } from 'vitest'
import { createClock } from './clock.ts'

describe('The clock', () => {
  it('is as far ahead as it was moved', () => {
    const clock = createClock(1000)
    clock.advance(500)
    expect(clock.offset()).toBe(1500)
    expect(Math.abs(clock.now() - Date.now() - 1500)).toBeLessThan(100)
  })
})
