import { describe, expect, it } from 'vitest'
import { createPace } from './turns.ts'

describe('A pace', () => {
  it('gives others a turn whenever enough was done, and not before', async () => {
    let turns = 0
    const spend = createPace(100, () => {
      turns += 1
      return Promise.resolve()
    })
    const seen: number[] = []
    for (const units of [60, 39, 1, 99, 1, 1000, 50]) {
      await spend(units)
      seen.push(turns)
    }
    expect(seen).toEqual([0, 0, 1, 1, 2, 3, 3])
  })

  it('lets what waits for the event loop go on', async () => {
    let ran = false
    setImmediate(() => {
      ran = true
    })
    const spend = createPace(2)
    await spend(1)
    expect(ran).toBe(false)
    await spend(1)
    expect(ran).toBe(true)
  })
})
