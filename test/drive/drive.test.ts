import { expect, it } from 'vitest'
import { drive, tell } from './drive.ts'
import { planOf } from './plan.ts'

it.each([
  ['a server that is driven at random keeps its promises', 'one'],
  ['servers in different places that are driven at random keep their promises', 'apart'],
] as const)(
  '%s',
  async (_name, housing) => {
    const done = await drive({ seed: 7, regions: 3, housing, steps: 400, seconds: 15, log: null })
    expect(done.broken, tell(done)).toBeNull()
    expect(done.figures.settled).toBeGreaterThan(0)
    expect(done.figures.kills).toBeGreaterThan(0)
  },
  180_000,
)

it('the same seed stands for the same steps', () => {
  const begin = (seed: number) => planOf(seed, 4).take(500).toArray()
  expect(begin(1)).toEqual(begin(1))
  expect(begin(2)).not.toEqual(begin(1))
})
