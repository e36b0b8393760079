import { describe, expect, it } from 'vitest'
import type { Grant } from '../../domain/grant.ts'
import { createGrantIndex } from '../keys/grant-index.ts'
import { granteeForms, matchingGrants, retiringGrants } from './matching-grants.ts'

const OWNER = '111122223333'
const GUEST = '444455556666'
const rootOf = (account: string) => `arn:aws:iam::${account}:root`
const ROLE = 'AROAIGFZNDZVPYQXSGZUS'
const session = {
  account: GUEST,
  forms: [
    { kind: 'role', id: ROLE },
    { kind: 'session', id: `${ROLE}:s` },
  ],
} as const

function grantOf(change: Partial<Grant> = {}): Grant {
  return {
    id: 'a'.repeat(64),
    account: OWNER,
    keyId: 'key',
    grantee: { arn: rootOf(GUEST), kind: 'account', id: rootOf(GUEST) },
    retiring: null,
    operations: ['Encrypt'],
    constraints: null,
    name: null,
    createdAt: 1,
    issuingAccount: OWNER,
    ...change,
  }
}

function keyWith(...grants: readonly Grant[]) {
  const asked: (readonly string[])[] = []
  const grantsOf = createGrantIndex(async (grantees) => {
    asked.push(grantees)
    return grants.filter(({ grantee }) => grantees.includes(grantee.id))
  })
  return { grantsOf, asked }
}

const encrypting = { operation: 'Encrypt', encryptionContext: {}, delegation: null }

describe('A caller can be named by a grant', () => {
  it('as its session, its role and its account', () => {
    expect(granteeForms(session)).toEqual([
      { kind: 'role', id: ROLE },
      { kind: 'session', id: `${ROLE}:s` },
      { kind: 'account', id: rootOf(GUEST) },
    ])
  })

  it('as a federated session by its ARN', () => {
    const arn = `arn:aws:sts::${GUEST}:federated-user/bob`
    const federated = { account: GUEST, forms: [{ kind: 'federated', id: arn }] } as const
    expect(granteeForms(federated)[0]).toEqual({ kind: 'session', id: arn })
  })
})

describe('The grants that match', () => {
  it('are those to any form of the caller that permit the operation', async () => {
    const key = keyWith(
      grantOf(),
      grantOf({ id: 'b', grantee: { arn: 'r', kind: 'role', id: ROLE } }),
      grantOf({ id: 'c', grantee: { arn: 'x', kind: 'role', id: 'AROAXXXXXXXXXXXXXXXXX' } }),
      grantOf({ id: 'd', operations: ['Decrypt'] }),
    )
    expect(await matchingGrants(key, granteeForms(session), encrypting)).toEqual([
      { id: 'b', issuingAccount: OWNER, grantee: 'role' },
      { id: 'a'.repeat(64), issuingAccount: OWNER, grantee: 'account' },
    ])
  })

  it('are told once for each way of naming the caller and each issuing account', async () => {
    const key = keyWith(
      grantOf({ operations: ['Decrypt'], id: 'z' }),
      grantOf(),
      grantOf({ id: 'b' }),
      grantOf({ id: 'c', issuingAccount: GUEST }),
    )
    const found = await matchingGrants(key, granteeForms(session), encrypting)
    expect(found.map(({ id }) => id)).toEqual(['a'.repeat(64), 'c'])
  })

  it('are read once for each caller', async () => {
    const key = keyWith(grantOf())
    const forms = granteeForms(session)
    const first = await matchingGrants(key, forms, encrypting)
    expect(await matchingGrants(key, forms, encrypting)).toEqual(first)
    expect(key.grantsOf([rootOf(GUEST)])).toEqual([grantOf()])
    expect(key.grantsOf([ROLE])).toEqual([])
    expect(key.asked).toHaveLength(1)
  })
})

describe('Who retires a grant', () => {
  it('is whom it names', () => {
    const retiring = { arn: 'r', kind: 'role', id: ROLE } as const
    expect(retiringGrants(grantOf({ retiring }), session)).toEqual([
      { id: 'a'.repeat(64), issuingAccount: OWNER, grantee: 'role' },
    ])
    expect(retiringGrants(grantOf({ operations: ['RetireGrant'] }), session)).toHaveLength(1)
    expect(retiringGrants(grantOf(), session)).toEqual([])
  })

  it('is the account that issued it', () => {
    expect(retiringGrants(grantOf({ issuingAccount: GUEST }), session)).toEqual([
      { id: 'a'.repeat(64), issuingAccount: GUEST, grantee: 'account' },
    ])
  })
})
