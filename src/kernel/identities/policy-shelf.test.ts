import { describe, expect, it } from 'vitest'
import { createPolicyShelf } from './policy-shelf.ts'

describe('The policies of an identity', () => {
  it('are made ready piece by piece, and once', async () => {
    let turns = 0
    const shelf = createPolicyShelf(() => {
      turns += 1
      return Promise.resolve()
    })
    const policies = Array.from({ length: 40 }, (_, index) => {
      const Resource = `arn:aws:kms:*:*:key/${'k'.repeat(900)}${index}`
      return {
        name: `policy-${index}`,
        text: JSON.stringify({ Statement: { Effect: 'Allow', Action: '*', Resource } }),
      }
    })
    const made = await shelf.sources('identity', policies)
    expect(made.map(({ name }) => name)).toEqual(policies.map(({ name }) => name))
    const characters = policies.reduce((sum, { text }) => sum + text.length, 0)
    expect(turns).toBe(Math.floor(characters / 10_000))
    const again = await shelf.sources('identity', policies)
    expect(turns).toBe(Math.floor(characters / 10_000))
    expect(again[0]?.policy).toBe(made[0]?.policy)
  })
})
