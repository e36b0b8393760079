import { describe, expect, it } from 'vitest'
import { POSTGRES_BIN } from '../postgres/postgres.ts'
import { drive, tell } from './drive.ts'
import { planOf } from './plan.ts'

/**
 * A seed whose first steps have everything: kills, cut lines, access keys that are taken away, Regions that are put back,
 * lost, and come back.
 */
const SEED = 45114
const STEPS = 75

describe.each([
  ['All Regions in one process', 'one'],
  ['Regions in a process each', 'apart'],
  ['Regions with two nodes each, all but one', 'nodes'],
] as const)('%s, driven at random,', (_name, housing) => {
  it.skipIf(housing === 'nodes' && POSTGRES_BIN === null)(
    'keep their promises',
    async () => {
      const done = await drive({ seed: SEED, regions: 3, housing, steps: STEPS, seconds: Infinity, log: null })
      expect(done.broken, tell(done)).toBeNull()
      expect(done.figures).toMatchObject({ kills: 3, restores: 1, pauses: 1, settled: 1 })
      expect(done.figures.losses).toBeGreaterThan(0)
    },
    600_000,
  )
})

it('the same seed stands for the same steps', () => {
  const begin = (seed: number) => planOf(seed, 4).take(500).toArray()
  expect(begin(1)).toEqual(begin(1))
  expect(begin(2)).not.toEqual(begin(1))
})
