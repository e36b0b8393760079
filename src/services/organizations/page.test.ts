import fc from 'fast-check'
import { expect, it } from 'vitest'
import { pageOf } from './page.ts'

it('Pages, one after the other, are the whole listing in order', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z0-9-]{1,6}$/)), fc.integer({ min: 1, max: 20 }), (ids, size) => {
      const seen: string[] = []
      let token: string | undefined
      do {
        const page = pageOf('List', ids, { MaxResults: size, NextToken: token }, (id) => id)
        expect(page.items.length).toBeLessThanOrEqual(size)
        seen.push(...page.items)
        token = page.NextToken
      } while (token !== undefined)
      expect(seen).toEqual(ids.toSorted())
    }),
  )
})

it('A token of another operation is refused', () => {
  const { NextToken } = pageOf('ListRoots', ['a', 'b'], { MaxResults: 1 }, (id) => id)
  expect(() => pageOf('ListAccounts', ['a', 'b'], { NextToken }, (id) => id)).toThrow('nextToken')
})
