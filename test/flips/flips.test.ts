import { expect, it } from 'vitest'
import { AWAY, HOME, startTestServer } from '../server.ts'
import { fill } from './data.ts'
import { flipBits } from './flip.ts'
import { kindsOf } from './kinds.ts'
import { createRandom } from '../random.ts'

it(
  'A flipped bit in what is authentic makes nothing be read that was never written',
  { timeout: 120_000 },
  async () => {
    await using server = await startTestServer({ regions: `${HOME},${AWAY}` })
    const contents = await fill(server)
    for (const kind of kindsOf(contents).filter(({ isAuthentic }) => isAuthentic)) {
      const outcomes = await flipBits(server.path, kind, 150, createRandom(7))
      expect(outcomes.unnoticed, kind.name).toBe(0)
      expect(outcomes.refused + outcomes.found, kind.name).toBeGreaterThan(0)
    }
  },
)
