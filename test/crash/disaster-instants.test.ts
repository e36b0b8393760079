import { describe, expect, it } from 'vitest'
import { DISASTERS, killInDisaster } from './disaster-instants.ts'

// `npm run crash` looks at every instant.
describe('What is said after a disaster, killed at any instant, is said again and comes to its end:', () => {
  it.each(Object.entries(DISASTERS))('%s', { timeout: 240_000 }, async (_name, disaster) => {
    expect(await killInDisaster(disaster, 60)).toBeGreaterThan(0)
  })
})
