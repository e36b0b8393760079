import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRecent } from './recent.ts'

const LEAST = 4
const key = fc.integer({ min: 0, max: 12 })
const step = fc.oneof(
  fc.record({ do: fc.constant('get' as const), key }),
  fc.record({ do: fc.constant('set' as const), key }),
  fc.record({ do: fc.constant('delete' as const), key }),
)

describe('What was used last', () => {
  it('is there, and never anything else than what was set', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const recent = createRecent<number, string>(LEAST)
        /** Every value that was set and not deleted, the one that was used last at the end. */
        const all = new Map<number, string>()
        steps.forEach((each, index) => {
          if (each.do === 'delete') {
            recent.delete(each.key)
            all.delete(each.key)
            return
          }
          const used = [...all.keys()].slice(-LEAST)
          const value = each.do === 'set' ? `${index}` : recent.get(each.key)
          if (each.do === 'set') recent.set(each.key, `${index}`)
          else if (used.includes(each.key)) expect(value).toBe(all.get(each.key))
          else expect([undefined, all.get(each.key)]).toContain(value)
          if (value === undefined) return
          all.delete(each.key)
          all.set(each.key, value)
        })
      }),
    )
  })

  it('weighs no more than twice what must be kept, and the heaviest', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 60 }), (weights) => {
        const recent = createRecent<number, number>(40, (value) => value)
        const heaviest = Math.max(...weights)
        for (const [place, value] of weights.entries()) {
          recent.set(place, value)
          recent.set(place, value)
          if (place % 3 === 0) recent.delete(place - 1)
        }
        expect(recent.get(weights.length - 1)).toBe(weights.at(-1))
        let kept = 0
        for (const place of weights.keys()) kept += recent.get(place) ?? 0
        expect(kept).toBeLessThanOrEqual(2 * (40 + heaviest))
      }),
    )
  })

  it('weighs no more than that where it grows once it is used, and what was used last is kept', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 100 }), (used) => {
        const recent = createRecent<number, { weight: number }>(40, ({ weight }) => weight)
        const known = new Map<number, { weight: number }>()
        for (const place of used) {
          const value = recent.get(place) ?? { weight: 3 }
          if (recent.get(place) === undefined) recent.set(place, value)
          known.set(place, value)
          value.weight += 2
          recent.grow(place, value, 2)
          // One that is not kept weighs nothing.
          recent.grow(place, { weight: 1000 }, 1000)
          recent.grow(99, { weight: 1000 }, 1000)
          expect(recent.get(place)).toBe(value)
        }
        const heaviest = Math.max(...[...known.values()].map(({ weight }) => weight))
        const kept = [...known].filter(([place, value]) => recent.get(place) === value)
        expect(kept.reduce((sum, [, { weight }]) => sum + weight, 0)).toBeLessThanOrEqual(2 * (40 + heaviest))
      }),
    )
  })

  it('is no more than twice as much as must be kept', () => {
    const recent = createRecent<number, number>(LEAST)
    for (let index = 0; index < 100; index += 1) recent.set(index, index)
    const kept = Array.from({ length: 100 }, (_, index) => recent.get(index)).filter((value) => value !== undefined)
    expect(kept.length).toBeLessThanOrEqual(2 * LEAST)
    recent.clear()
    expect(recent.get(99)).toBeUndefined()
  })
})
