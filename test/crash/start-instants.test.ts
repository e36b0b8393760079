import { describe, expect, it } from 'vitest'
import { killFirstStart, killUpgrade } from './start-instants.ts'

// `npm run crash` looks at every instant.
describe('A start that is killed at any instant', () => {
  it('is followed by one that serves, on an empty directory', async () => {
    expect(await killFirstStart(3)).toBeGreaterThan(7)
  }, 120_000)

  it('is followed by one that serves and has lost nothing, on the data of the last release', async () => {
    expect(await killUpgrade(4)).toBeGreaterThan(3)
  }, 120_000)
})
