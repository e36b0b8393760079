import { expect, it } from 'vitest'
import { killStacks } from './stack-instants.ts'

it('A stack whose server is killed at any instant is made, changed, undone and deleted once, and wholly', async () => {
  expect(await killStacks(20)).toBeGreaterThan(8)
}, 240_000)
