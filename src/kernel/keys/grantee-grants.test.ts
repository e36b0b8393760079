import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { permits, type Grant, type GrantQuestion } from '../../domain/grant.ts'
import { granteeGrants } from './grantee-grants.ts'

const OPERATIONS = ['Encrypt', 'Decrypt', 'DescribeKey', 'CreateGrant'] as const
const pairs = fc.dictionary(fc.constantFrom('a', 'b', '1:a', ''), fc.constantFrom('x', 'y', 'ax', ''), { maxKeys: 3 })
const constraints = fc.option(
  fc.record({ type: fc.constantFrom('EncryptionContextEquals', 'EncryptionContextSubset'), pairs } as const),
)
const operations = fc.uniqueArray(fc.constantFrom(...OPERATIONS), { minLength: 1 })

const grant: fc.Arbitrary<Grant> = fc
  .record({ operations, constraints, issuingAccount: fc.constantFrom('1', '2') })
  .map((some) => ({
    id: 'id',
    account: '1',
    keyId: 'key',
    grantee: { arn: 'r', kind: 'role', id: 'r' },
    retiring: null,
    name: null,
    createdAt: 0,
    ...some,
  }))

const question: fc.Arbitrary<GrantQuestion> = fc.oneof(
  fc.record({
    operation: fc.constantFrom('Encrypt', 'DescribeKey', 'Sign'),
    encryptionContext: pairs,
    delegation: fc.constant(null),
  }),
  fc.record({
    operation: fc.constant('CreateGrant'),
    encryptionContext: fc.constant({}),
    delegation: fc.record({ operations, constraints }),
  }),
)

/** The accounts whose grants permit something. */
const issuers = (grants: readonly Grant[], asked: GrantQuestion) =>
  new Set(grants.filter((each) => permits(each, asked)).map(({ issuingAccount }) => issuingAccount))

describe('The candidates among the grants of one grantee', () => {
  it('permit what all of them permit', () => {
    fc.assert(
      fc.property(fc.array(grant, { maxLength: 12 }), question, (grants, asked) => {
        const candidates = granteeGrants(grants).candidates(asked)
        expect(issuers(candidates, asked)).toEqual(issuers(grants, asked))
        expect(grants).toEqual(expect.arrayContaining([...candidates]))
      }),
      { numRuns: 2000 },
    )
  })

  it('are few where each is for one encryption context', () => {
    const [some] = fc.sample(grant, 1)
    const grants = Array.from({ length: 1000 }, (_, index): Grant => {
      const own = { type: 'EncryptionContextSubset', pairs: { volume: `vol-${index}` } } as const
      return { ...some, operations: ['Encrypt'], constraints: own } as Grant
    })
    const asked = { operation: 'Encrypt', encryptionContext: { volume: 'vol-7', other: 'x' }, delegation: null }
    expect(granteeGrants(grants).candidates(asked)).toEqual([grants[7]])
  })
})
