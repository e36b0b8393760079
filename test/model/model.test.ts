import { describe, expect, it } from 'vitest'
import { explore } from './explore.ts'
import { MUTATIONS } from './mutations.ts'
import { PROTOCOL } from './protocol.ts'
import { SHORT } from './scenarios.ts'

const LIMIT = 1_000_000

describe('the protocol between Regions', () => {
  it.each(SHORT.map((scenario) => [JSON.stringify(scenario), scenario] as const))(
    'keeps every invariant in every state that %s can reach',
    (_name, scenario) => {
      const { states, broken, cut } = explore(scenario, PROTOCOL, LIMIT)
      expect(broken).toBeNull()
      expect(cut).toBe(false)
      expect(states).toBeGreaterThan(10)
    },
    60_000,
  )

  it.each(MUTATIONS.map((mutation) => [mutation.name, mutation] as const))(
    'would be caught if it were wrong: %s',
    (_name, { scenario, protocol }) => {
      expect(explore(scenario, protocol, LIMIT).broken).not.toBeNull()
    },
    60_000,
  )

  it.each(MUTATIONS.map((mutation) => [mutation.name, mutation] as const))(
    'is right where the mutation is wrong: %s',
    (_name, { scenario }) => {
      expect(explore(scenario, PROTOCOL, 20_000).broken).toBeNull()
    },
    60_000,
  )
})
