import { describe, expect, it } from 'vitest'
import type { PrincipalElement, PrincipalType } from './parse/document.ts'
import { accountOf, compilePrincipal, type PrincipalFacts, Via } from './principal.ts'

const A = '111122223333'
const ROOT = `arn:aws:iam::${A}:root`

const user: PrincipalFacts = { account: A, forms: [{ kind: 'user', id: 'AIDA1' }], hasBoundary: false }
const role: PrincipalFacts = {
  account: A,
  forms: [
    { kind: 'session', id: 'AROA1:s' },
    { kind: 'role', id: 'AROA1' },
  ],
  hasBoundary: false,
}
const root: PrincipalFacts = { account: A, forms: [], hasBoundary: false }
const service: PrincipalFacts = { forms: [{ kind: 'service', id: 'logs.amazonaws.com' }], hasBoundary: false }
const federated: PrincipalFacts = {
  account: A,
  forms: [{ kind: 'federated', id: 'F' }, ...user.forms],
  hasBoundary: false,
}
const provided: PrincipalFacts = { forms: [{ kind: 'provider', id: 'idp.example.com' }], hasBoundary: false }

function element(negated: boolean, ...entries: readonly [PrincipalType, string][]): PrincipalElement {
  const at = { line: 1, column: 1 }
  return { negated, entries: entries.map(([type, value]) => ({ type, value, ...at })), ...at }
}

function via(caller: PrincipalFacts, ...entries: readonly [PrincipalType, string][]): number {
  return compilePrincipal(element(false, ...entries), 'Allow', (name) => name)(caller)
}

function denied(caller: PrincipalFacts, ...names: readonly string[]): boolean {
  const entries = names.map((name): [PrincipalType, string] => [name.includes('.') ? 'Service' : 'AWS', name])
  return compilePrincipal(element(true, ...entries), 'Deny', (name) => name)(caller) !== 0
}

describe('Principal', () => {
  it.each([
    ['everyone', via(role, ['AWS', '*']), Via.Star],
    ['a service by everyone', via(service, ['AWS', '*']), Via.Star],
    ['an account by digits', via(role, ['AWS', A]), Via.Account],
    ['an account by its root', via(role, ['AWS', ROOT]), Via.Account],
    ['everyone and an account', via(role, ['AWS', A], ['AWS', '*']), Via.Account | Via.Star],
    ['everyone and another account', via(role, ['AWS', '444455556666'], ['AWS', '*']), Via.Star],
    ['the root user', via(root, ['AWS', ROOT]), Via.Account],
    ['another account', via(role, ['AWS', '444455556666']), 0],
    ['a user', via(user, ['AWS', 'AIDA1']), Via.User],
    ['another user', via(user, ['AWS', 'AIDA2']), 0],
    ['a role', via(role, ['AWS', 'AROA1']), Via.Role],
    ['a session', via(role, ['AWS', 'AROA1:s']), Via.Session],
    ['another session', via(role, ['AWS', 'AROA1:t']), 0],
    ['a federated session', via(federated, ['AWS', 'F']), Via.Session],
    ['the user of a federated session', via(federated, ['AWS', 'AIDA1']), Via.User],
    ['several forms at once', via(role, ['AWS', 'AROA1'], ['AWS', A], ['AWS', '*']), Via.Role | Via.Account | Via.Star],
    ['a service', via(service, ['Service', 'logs.amazonaws.com']), Via.Service],
    ['a service under AWS', via(service, ['AWS', 'logs.amazonaws.com']), 0],
    ['a user under Service', via(user, ['Service', 'AIDA1']), 0],
    ['everyone under Service', via(user, ['Service', '*']), 0],
    ['a provider', via(provided, ['Federated', 'idp.example.com']), Via.Provider],
    ['a canonical user', via(user, ['CanonicalUser', 'AIDA1']), 0],
  ])('matches %s', (_, actual, expected) => {
    expect(actual).toBe(expected)
  })

  it('is matched by the unique id that its ARN had when it was compiled', () => {
    const arn = `arn:aws:iam::${A}:user/alice`
    const match = compilePrincipal(element(false, ['AWS', arn]), 'Allow', (name) => (name === arn ? 'AIDA1' : name))
    expect(match(user)).toBe(Via.User)
    expect(match({ ...user, forms: [{ kind: 'user', id: 'AIDA2' }] })).toBe(0)
  })
})

describe('NotPrincipal with Deny', () => {
  it('spares only callers of whom every identity is listed', () => {
    expect(denied(user, ROOT, 'AIDA1')).toBe(false)
    expect(denied(user, 'AIDA1')).toBe(true)
    expect(denied(user, ROOT)).toBe(true)
    expect(denied(role, A, 'AROA1', 'AROA1:s')).toBe(false)
    expect(denied(role, A, 'AROA1')).toBe(true)
    expect(denied(root, ROOT)).toBe(false)
    expect(denied(service, 'logs.amazonaws.com')).toBe(false)
    expect(denied(service, 's3.amazonaws.com')).toBe(true)
    expect(denied(user, '*')).toBe(false)
  })

  it('denies every caller with a permissions boundary', () => {
    expect(denied({ ...user, hasBoundary: true }, ROOT, 'AIDA1')).toBe(true)
    expect(denied({ ...user, hasBoundary: true }, '*')).toBe(true)
  })
})

describe('NotPrincipal with Allow', () => {
  it('matches everyone of whom no identity is listed', () => {
    const match = compilePrincipal(element(true, ['AWS', 'AIDA1'], ['AWS', '444455556666']), 'Allow', (name) => name)
    expect(match(role)).toBe(Via.Star)
    expect(match(user)).toBe(0)
    expect(match({ ...role, account: '444455556666' })).toBe(0)
  })
})

describe('accountOf', () => {
  it.each([
    [A, A],
    [ROOT, A],
    [`arn:aws-us-gov:iam::${A}:root`, undefined],
    [`${A}:root`, undefined],
    [`arn:aws:iam::${A}`, undefined],
    [`arn:aws:iam::${A}:user/root`, undefined],
    ['1111222233334', undefined],
  ])('of %s is %s', (principal, account) => {
    expect(accountOf(principal)).toBe(account)
  })
})
