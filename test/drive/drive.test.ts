import { expect, it } from 'vitest'
import { drive, tell } from './drive.ts'
import { planOf } from './plan.ts'

it.each([
  ['a server that is driven at random keeps its promises', false],
  ['servers in different places that are driven at random keep their promises', true],
])(
  '%s',
  async (_name, apart) => {
    const done = await drive({ seed: 7, regions: 3, apart, steps: 1000, seconds: 35, log: null })
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
