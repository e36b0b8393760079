import { describe, expect, it } from 'vitest'
import { source } from '../../../test/policy/engine.ts'
import type { PolicyCaller, Question } from '../authorize.ts'
import { conditionKeys, type ConditionValue } from '../context.ts'
import { explain } from './explain.ts'
import { CALLER_LAYERS } from '../layers.ts'
import { formatExplanation, quote } from './explanation.ts'
import type { PolicyKind } from '../parse/parse.ts'

const A = '111122223333'
const KEY = `arn:aws:kms:eu-west-1:${A}:key/mrk-1`
const ROLE = `arn:aws:iam::${A}:role/app`
const role: PolicyCaller = { type: 'role', account: A, forms: [{ kind: 'role', id: ROLE }], hasBoundary: false }

function policy(kind: PolicyKind, ...statements: readonly unknown[]) {
  return source(JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, 1), kind)
}

function text(question: Partial<Question>, context: Readonly<Record<string, ConditionValue>> = {}): string {
  const request = { action: 'kms:Encrypt', resource: KEY, keys: conditionKeys(context) }
  return formatExplanation(
    explain({ request, caller: role, layers: {}, resourceAccount: A, crossAccount: true, ...question }).tree,
  )
}

const allow = { Effect: 'Allow', Action: 'kms:Encrypt', Resource: '*' }

describe('an explanation', () => {
  it('does not tell whether there are layers that are not the reader’s', () => {
    const asked = { request: { action: 'kms:Encrypt', resource: KEY, keys: conditionKeys({}) }, caller: role }
    const hidden = { layers: CALLER_LAYERS, hasKey: () => false }
    const of = (layers: Question['layers']) =>
      formatExplanation(explain({ ...asked, layers, resourceAccount: A, crossAccount: true }, hidden).tree)
    const all = {
      session: [policy('session', allow)],
      boundary: policy('boundary', allow),
      scp: [[policy('scp', allow)]],
    }
    expect(of({ identity: [], ...all })).toBe(of({ identity: [] }))
  })

  it('shows every layer, policy and statement about the action, and what follows', () => {
    const identity = [{ ...policy('identity', { ...allow, Sid: 'use', Action: 'kms:*' }), name: 'inline policy "app"' }]
    const resource = policy(
      'key',
      { ...allow, Principal: { AWS: A }, Action: 'kms:*' },
      { ...allow, Principal: { AWS: A }, Action: 'kms:Decrypt' },
      { ...allow, Principal: '*', Effect: 'Deny', Condition: { StringNotEquals: { 'aws:PrincipalAccount': A } } },
    )
    const layers = { identity, scp: [[policy('scp', allow)], [policy('scp', allow)]], resource }
    expect(text({ layers }, { 'aws:PrincipalAccount': A })).toBe(`+ kms:Encrypt on ${KEY}: allowed
  + Identity-based policies
    + inline policy "app"
      + Allow statement 0 "use" (line 4)
          Resource: "${KEY}" is covered by Resource "*"
    Permissions boundary: none
    Session policies: none
  + Service control policies
    + Level 1
      + Policy 1
        + Allow statement 0 (line 4)
            Resource: "${KEY}" is covered by Resource "*"
    + Level 2
      + Policy 1
        + Allow statement 0 (line 4)
            Resource: "${KEY}" is covered by Resource "*"
    Resource control policies: none
    VPC endpoint policy: none
  + Resource-based policy
    + Policy 1
      + Allow statement 0 (line 4)
          Principal: "${A}" names its account
          Resource: "${KEY}" is covered by Resource "*"
      - Deny statement 2 (line 20): does not match because of Condition StringNotEquals aws:PrincipalAccount
          Principal: "*" names everyone
          Resource: "${KEY}" is covered by Resource "*"
        - Condition StringNotEquals aws:PrincipalAccount: aws:PrincipalAccount is "${A}"; the policy has "${A}"
        1 more: statements that are not about kms:Encrypt
    Grants: none matches
    The resource-based policy allows by naming its account.
    The resource-based policy leaves this to the policies of the account, which must allow too.`)
  })

  it.each([
    [
      'StringEquals',
      undefined,
      'x is absent in the request',
      'only a negated operator, ForAllValues or IfExists holds',
    ],
    ['StringNotEquals', undefined, 'x is absent in the request', 'a negated operator holds for an absent key'],
    ['StringEqualsIfExists', undefined, 'x is absent in the request', 'IfExists holds for an absent key'],
    ['ForAllValues:StringEquals', undefined, 'x is absent in the request', 'ForAllValues holds for an absent key'],
    ['StringEquals', ['a', 'b'], 'x is "a", "b"', 'an operator without ForAllValues or ForAnyValue never holds'],
    ['Null', undefined, 'x is absent in the request', ''],
  ] as const)('gives the rule by which %s was decided for %j', (operator, value, found, rule) => {
    const identity = [policy('identity', { ...allow, Condition: { [operator]: { x: 'a' } } })]
    const shown = text({ layers: { identity } }, value === undefined ? {} : { x: value })
    const line = shown.split('\n').find((each) => each.includes('Condition')) ?? ''
    expect(shown).toContain(`Condition ${operator} x`)
    expect(shown).toContain(`${found}; the policy has "a"`)
    expect(line).not.toBe('')
    expect(shown).toContain(rule)
  })

  it.each([
    [
      { layers: { identity: [{ ...policy('identity', { ...allow, Effect: 'Deny' }), arn: 'arn:p' }] } },
      'denied: explicitly in an identity-based policy (arn:p)',
    ],
    [
      { layers: { scp: [[policy('scp', { ...allow, Effect: 'Deny' })]] } },
      'denied: explicitly in a service control policy',
    ],
    [{ layers: {} }, 'denied: no identity-based policy allows it'],
    [{ layers: { resource: policy('key', { ...allow, Principal: '*' }) } }, 'allowed'],
    [
      { resourceAccount: '444455556666', crossAccount: false },
      'denied: this permission cannot be used from another account',
    ],
    [
      { resourceAccount: '444455556666', layers: { resource: policy('key', { ...allow, Principal: '*' }) } },
      'both the resource and the policies of the caller must allow',
    ],
    [{ layers: { resource: policy('key', { ...allow, Principal: { AWS: ROLE } }) } }, 'The role is named'],
    [
      { layers: { resource: policy('key', { ...allow, Principal: { AWS: ROLE } }) } },
      'does not leave this to the policies of the account',
    ],
    [
      { layers: { resource: policy('key', { ...allow, Principal: { AWS: `${ROLE}2` } }) } },
      'does not match because of Principal',
    ],
    [
      {
        layers: {
          resource: policy('key', { ...allow, Effect: 'Deny', Principal: undefined, NotPrincipal: { AWS: A } }),
        },
      },
      'a Deny spares only callers of whom it lists',
    ],
    [
      {
        caller: { ...role, hasBoundary: true },
        layers: {
          resource: policy('key', { ...allow, Effect: 'Deny', Principal: undefined, NotPrincipal: { AWS: A } }),
        },
      },
      'a caller with a permissions boundary is never exempt',
    ],
    [{ caller: { ...role, type: 'service' }, layers: {} }, 'Identity-based policies: do not apply to an AWS service'],
    [
      { grants: [{ grantee: 'role', issuingAccount: A, id: 'g1' }] },
      `g1: to the caller as role, issued in account ${A}`,
    ],
    [{ grants: [{ grantee: 'role', issuingAccount: A }] }, '+ Grant: to the caller'],
    [
      { layers: { boundary: policy('boundary', { ...allow, NotResource: '*', Resource: undefined }) } },
      'NotResource: ',
    ],
  ] as readonly (readonly [Partial<Question>, string])[])('of %# says: %s', (question, expected) => {
    expect(text(question)).toContain(expected)
  })

  it('shows of a policy with thousands of statements those that decide, and a few more', () => {
    const others = Array.from({ length: 2000 }, () => ({ ...allow, Resource: 'arn:aws:kms:*:*:other' }))
    const identity = [policy('identity', ...others, { ...allow, Effect: 'Deny', Sid: 'Decides' })]
    const shown = text({ layers: { identity } })
    expect(shown).toContain('! Deny statement 2000 "Decides"')
    expect(shown).toContain('1961 more: statements that are about kms:Encrypt')
    expect(shown.length).toBeLessThan(20_000)
  })

  it('says why an ARN does not cover a permission without a resource', () => {
    const identity = [policy('identity', { ...allow, Resource: 'arn:aws:kms:*:*:*' })]
    const request = { action: 'kms:Encrypt', resource: '*', keys: conditionKeys({}) }
    expect(text({ request, layers: { identity } })).toContain(
      'this permission has no resource, so Resource must be "*"',
    )
  })
})

describe('quote', () => {
  it('shows a few values, and not more of each than a reader takes in', () => {
    expect(quote([])).toBe('')
    expect(quote(['a"', 'b'])).toBe(String.raw`"a\"", "b"`)
    expect(quote(Array.from({ length: 10 }, (_, i) => String(i)))).toMatch(/"7" and 2 more$/)
    expect(quote(['x'.repeat(1000)])).toBe(`"${'x'.repeat(160)}..."`)
  })
})
