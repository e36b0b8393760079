import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  GRANT_OPERATIONS,
  grantableOperations,
  isGrantId,
  isGrantOperation,
  isSameGrant,
  isWithin,
  mayRetire,
  permits,
  refuseGrant,
  satisfies,
  type Delegation,
  type Grant,
  type GrantConstraints,
  type GrantOperation,
  type GrantPrincipal,
} from './grant.ts'

const SYMMETRIC = { spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT' } as const
const principal = (id: string): GrantPrincipal => ({ arn: `arn:${id}`, kind: 'user', id })

function grantOf(change: Partial<Grant> = {}): Grant {
  return {
    id: 'a'.repeat(64),
    account: '111122223333',
    keyId: 'key',
    grantee: principal('grantee'),
    retiring: null,
    operations: ['Encrypt', 'DescribeKey'],
    constraints: null,
    name: null,
    createdAt: 1,
    issuingAccount: '111122223333',
    ...change,
  }
}

const equals = (pairs: Record<string, string>): GrantConstraints => ({ type: 'EncryptionContextEquals', pairs })
const subset = (pairs: Record<string, string>): GrantConstraints => ({ type: 'EncryptionContextSubset', pairs })
const asking = (operation: string, encryptionContext = {}, delegation: Delegation | null = null) => ({
  operation,
  encryptionContext,
  delegation,
})

// Few names and values, so that contexts meet often.
const pairs = fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.constantFrom('1', '2'), {
  noNullPrototype: true,
})
const constraints = fc.option(
  fc.record<GrantConstraints>({
    type: fc.constantFrom('EncryptionContextEquals', 'EncryptionContextSubset'),
    pairs,
  }),
)
const operations = fc.subarray<GrantOperation>(['Encrypt', 'DescribeKey', 'CreateGrant'])
const delegations = fc.record<Delegation>({ operations, constraints })

describe('The operations of a grant', () => {
  it.each([
    [
      'SYMMETRIC_DEFAULT',
      'ENCRYPT_DECRYPT',
      [
        'Decrypt',
        'Encrypt',
        'GenerateDataKey',
        'GenerateDataKeyWithoutPlaintext',
        'ReEncryptFrom',
        'ReEncryptTo',
        'GenerateDataKeyPair',
        'GenerateDataKeyPairWithoutPlaintext',
      ],
    ],
    ['RSA_2048', 'ENCRYPT_DECRYPT', ['Decrypt', 'Encrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GetPublicKey']],
    ['ECC_NIST_P256', 'SIGN_VERIFY', ['Sign', 'Verify', 'GetPublicKey']],
    ['ECC_NIST_P256', 'KEY_AGREEMENT', ['GetPublicKey', 'DeriveSharedSecret']],
    ['HMAC_256', 'GENERATE_VERIFY_MAC', ['GenerateMac', 'VerifyMac']],
    ['ML_KEM_768', 'ENCAPSULATE_DECAPSULATE', ['Encapsulate', 'Decapsulate', 'GetPublicKey']],
  ] as const)('are for %s and %s those that AWS lists, and the three of every key', (spec, usage, own) => {
    const every = ['CreateGrant', 'RetireGrant', 'DescribeKey']
    expect(grantableOperations({ spec, usage }).toSorted()).toEqual([...own, ...every].toSorted())
  })

  it('are named as the API names them', () => {
    expect(isGrantOperation('ReEncryptFrom')).toBe(true)
    expect(isGrantOperation('ReEncrypt')).toBe(false)
    expect(isGrantOperation('PutKeyPolicy')).toBe(false)
  })
})

describe('What a grant cannot be', () => {
  const given = (operations: Delegation['operations'], constraints: GrantConstraints | null = null) => ({
    operations,
    constraints,
  })

  it('is empty, or of operations that its key does not have', () => {
    expect(refuseGrant(given(['Encrypt']), SYMMETRIC)).toBeNull()
    expect(refuseGrant(given([]), SYMMETRIC)).toBe('no-operations')
    expect(refuseGrant(given(['Encrypt', 'Sign']), SYMMETRIC)).toBe('operation-not-of-key')
    expect(refuseGrant(given(['GetPublicKey']), SYMMETRIC)).toBe('operation-not-of-key')
  })

  it('is constrained by an encryption context that the key has no use for, or that is too large', () => {
    const rsa = { spec: 'RSA_2048', usage: 'ENCRYPT_DECRYPT' } as const
    expect(refuseGrant(given(['Encrypt'], subset({ a: '1' })), rsa)).toBe('constraints-not-of-key')
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']))
    expect(refuseGrant(given(['Encrypt'], equals(many(8))), SYMMETRIC)).toBeNull()
    expect(refuseGrant(given(['Encrypt'], equals(many(9))), SYMMETRIC)).toBe('too-many-pairs')
    expect(refuseGrant(given(['Encrypt'], subset({ a: 'x'.repeat(384) })), SYMMETRIC)).toBeNull()
    expect(refuseGrant(given(['Encrypt'], subset({ a: 'x'.repeat(385) })), SYMMETRIC)).toBe('value-too-long')
  })
})

describe('A grant', () => {
  it('permits what it names and nothing else', () => {
    expect(permits(grantOf(), asking('Encrypt'))).toBe(true)
    expect(permits(grantOf(), asking('Decrypt'))).toBe(false)
    expect(permits(grantOf(), asking('PutKeyPolicy'))).toBe(false)
  })

  it('asks for its encryption context where one belongs to the operation, and only there', () => {
    const grant = grantOf({ operations: ['Decrypt', 'DescribeKey', 'RetireGrant'], constraints: equals({ a: '1' }) })
    expect(permits(grant, asking('Decrypt', { a: '1' }))).toBe(true)
    expect(permits(grant, asking('Decrypt', { a: '2' }))).toBe(false)
    expect(permits(grant, asking('Decrypt'))).toBe(false)
    expect(permits(grant, asking('DescribeKey'))).toBe(true)
    expect(permits(grant, asking('RetireGrant'))).toBe(true)
  })

  it('compares names and values to the letter', () => {
    expect(satisfies({ Team: 'a' }, subset({ team: 'a' }))).toBe(false)
    expect(satisfies({ team: 'A' }, subset({ team: 'a' }))).toBe(false)
  })

  it('wants the whole context where it says Equals, and a part where it says Subset', () => {
    fc.assert(
      fc.property(pairs, pairs, (context, wanted) => {
        const isPart = Object.entries(wanted).every(([name, value]) =>
          Object.entries(context).some(([other, text]) => other === name && text === value),
        )
        expect(satisfies(context, subset(wanted))).toBe(isPart)
        const isAll = isPart && Object.keys(context).length === Object.keys(wanted).length
        expect(satisfies(context, equals(wanted))).toBe(isAll)
      }),
    )
  })

  it('permits CreateGrant only for what keeps within it', () => {
    const parent = grantOf({ operations: ['CreateGrant', 'Encrypt'], constraints: subset({ a: '1' }) })
    const give = (operations: Delegation['operations'], constraints: GrantConstraints | null) =>
      permits(parent, asking('CreateGrant', {}, { operations, constraints }))
    expect(give(['Encrypt'], subset({ a: '1' }))).toBe(true)
    expect(give(['Encrypt', 'CreateGrant'], subset({ a: '1', b: '2' }))).toBe(true)
    expect(give(['Encrypt'], equals({ a: '1' }))).toBe(true)
    expect(give(['Decrypt'], subset({ a: '1' }))).toBe(false)
    expect(give(['Encrypt'], null)).toBe(false)
    expect(give(['Encrypt'], subset({}))).toBe(false)
    expect(give(['Encrypt'], subset({ a: '2' }))).toBe(false)
    // What is given away is always known; without it nothing is permitted.
    expect(permits(parent, asking('CreateGrant', { a: '1' }))).toBe(false)
    const unable = grantOf({ operations: ['Encrypt'] })
    expect(permits(unable, asking('CreateGrant', {}, { operations: ['Encrypt'], constraints: null }))).toBe(false)
  })

  it('never goes from Equals to less', () => {
    const parent = { operations: ['Encrypt'], constraints: equals({ a: '1' }) } as const
    expect(isWithin({ operations: ['Encrypt'], constraints: subset({ a: '1' }) }, parent)).toBe(false)
    expect(isWithin({ operations: ['Encrypt'], constraints: equals({ a: '1', b: '2' }) }, parent)).toBe(false)
    expect(isWithin(parent, parent)).toBe(true)
  })

  it('that is made by means of another lets nothing pass that the other does not', () => {
    fc.assert(
      fc.property(delegations, delegations, pairs, (child, parent, context) => {
        fc.pre(isWithin(child, parent))
        for (const operation of GRANT_OPERATIONS.filter((each) => each !== 'CreateGrant')) {
          const question = asking(operation, context)
          if (permits(grantOf(child), question)) expect(permits(grantOf(parent), question)).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('cannot be widened by going through several hands', () => {
    let chains = 0
    fc.assert(
      fc.property(delegations, delegations, delegations, (a, b, c) => {
        if (!isWithin(a, b) || !isWithin(b, c)) return
        chains += 1
        expect(isWithin(a, c)).toBe(true)
      }),
      { numRuns: 5000 },
    )
    expect(chains).toBeGreaterThan(5)
  })

  it('is retired by its retiring principal, and by its grantee where it says so', () => {
    const grant = grantOf({ retiring: principal('retirer') })
    expect(mayRetire(grant, 'retirer')).toBe(true)
    expect(mayRetire(grant, 'grantee')).toBe(false)
    expect(mayRetire(grantOf({ operations: ['RetireGrant'] }), 'grantee')).toBe(true)
    expect(mayRetire(grantOf(), 'undefined')).toBe(false)
  })
})

describe('Two grants are the same', () => {
  const named = grantOf({ name: 'n', retiring: principal('r'), constraints: subset({ a: '1' }) })

  it('in whatever order their operations are', () => {
    expect(isSameGrant(named, { ...named, operations: ['DescribeKey', 'Encrypt'] })).toBe(true)
    expect(isSameGrant(grantOf(), grantOf())).toBe(true)
  })

  it('by whichever of its names a principal is given', () => {
    expect(isSameGrant(named, { ...named, grantee: { ...named.grantee, arn: 'arn:x' } })).toBe(true)
  })

  it.each<[string, Partial<Grant>]>([
    ['account', { account: '444455556666' }],
    ['key', { keyId: 'other' }],
    ['name', { name: 'm' }],
    ['issuing account', { issuingAccount: '444455556666' }],
    ['grantee', { grantee: principal('x') }],
    ['retiring principal', { retiring: null }],
    ['kind of constraint', { constraints: equals({ a: '1' }) }],
    ['pairs', { constraints: subset({ a: '1', b: '2' }) }],
    ['constraints', { constraints: null }],
    ['operations', { operations: ['Encrypt'] }],
  ])('but not with another %s', (_what, change) => {
    expect(isSameGrant(named, { ...named, ...change })).toBe(false)
    expect(isSameGrant({ ...named, ...change }, named)).toBe(false)
  })
})

describe('The id of a grant', () => {
  it('is 64 lowercase hex digits', () => {
    expect(isGrantId('0123456789abcdef'.repeat(4))).toBe(true)
    for (const text of ['', 'A'.repeat(64), 'a'.repeat(63), 'a'.repeat(65), `${'a'.repeat(64)}\n`]) {
      expect(isGrantId(text)).toBe(false)
    }
  })
})
