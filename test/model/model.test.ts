import { describe, expect, it } from 'vitest'
import { exploreLiveness, exploreSafety } from './explore.ts'
import { MUTATIONS } from './mutations.ts'
import { PROTOCOL } from './protocol.ts'
import { SHORT, SHORT_STREAMS } from './scenarios.ts'

const LIMIT = 1_000_000
const SHALLOW = MUTATIONS.filter(({ isDeep }) => isDeep === undefined)
/** In which mutations are wrong, each once. */
const WRONG_IN = new Map(SHALLOW.map(({ scenario }) => [JSON.stringify(scenario), scenario] as const))

describe('the protocol between Regions', () => {
  it.each(SHORT.map((scenario) => [JSON.stringify(scenario), scenario] as const))(
    'does no harm in any state that %s can reach, however messages travel',
    (_name, scenario) => {
      const { states, broken, cut } = exploreSafety(scenario, PROTOCOL, LIMIT)
      expect(broken).toBeNull()
      expect(cut).toBe(false)
      expect(states).toBeGreaterThan(10)
    },
    60_000,
  )

  it.each([...SHORT, ...SHORT_STREAMS].map((scenario) => [JSON.stringify(scenario), scenario] as const))(
    'settles from every state that %s can reach over streams',
    (_name, scenario) => {
      const { states, broken, cut } = exploreLiveness(scenario, PROTOCOL, LIMIT)
      expect(broken).toBeNull()
      expect(cut).toBe(false)
      expect(states).toBeGreaterThan(10)
    },
    60_000,
  )

  it.each(SHALLOW.map((mutation) => [mutation.name, mutation] as const))(
    'would be caught if it were wrong: %s',
    (_name, { scenario, protocol }) => {
      const broken = [exploreLiveness, exploreSafety].some((explore) => explore(scenario, protocol, LIMIT).broken)
      expect(broken).toBe(true)
    },
    60_000,
  )

  it.each([...WRONG_IN])(
    'is right where mutations are wrong: %s',
    (_name, scenario) => {
      expect(exploreSafety(scenario, PROTOCOL, 20_000).broken).toBeNull()
      expect(exploreLiveness(scenario, PROTOCOL, 20_000).broken).toBeNull()
    },
    60_000,
  )
})
