import { describe, expect, it } from 'vitest'
import { source } from '../../test/policy/engine.ts'
import type { CompiledPolicy } from './compile.ts'
import { conditionKeys } from './context.ts'
import { evaluate } from './evaluate.ts'
import type { PolicyKind } from './parse/parse.ts'
import { type PrincipalFacts, Via } from './principal.ts'

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/mrk-1'
const caller: PrincipalFacts = { account: '111122223333', forms: [{ kind: 'user', id: 'AIDA1' }], hasBoundary: false }

function compiled(kind: PolicyKind, ...statements: readonly unknown[]): CompiledPolicy {
  return source(JSON.stringify({ Version: '2012-10-17', Statement: statements }), kind).policy
}

function ask(policy: CompiledPolicy, action = 'kms:Encrypt', resource = KEY) {
  return evaluate(policy, { action, resource, keys: conditionKeys({ 'aws:username': 'mrk-1' }) }, caller)
}

const allow = { Effect: 'Allow', Action: 'kms:Encrypt', Resource: '*' }

describe('a compiled policy', () => {
  it('allows what a statement allows, and says nothing of the rest', () => {
    const policy = compiled('identity', allow)
    expect(ask(policy)).toEqual({ outcome: 'Allow', via: Via.Star })
    expect(ask(policy, 'kms:Decrypt')).toEqual({ outcome: 'NoMatch', via: 0 })
  })

  it('denies if any statement denies, in whatever order', () => {
    expect(ask(compiled('identity', allow, { ...allow, Effect: 'Deny' })).outcome).toBe('ExplicitDeny')
    expect(ask(compiled('identity', { ...allow, Effect: 'Deny' }, allow)).outcome).toBe('ExplicitDeny')
  })

  it('tells all the ways in which a key policy allows', () => {
    const policy = compiled(
      'key',
      { ...allow, Principal: '*' },
      { ...allow, Principal: { AWS: 'AIDA1AAAA' } },
      { ...allow, Principal: { AWS: '111122223333' } },
    )
    expect(ask(policy)).toEqual({ outcome: 'Allow', via: Via.Star | Via.Account })
  })

  it.each([
    ['kms:encrypt', true],
    ['KMS:ENCRYPT', true],
    ['kms:*', true],
    ['k?s:En*', true],
    ['*:Encrypt', true],
    ['*', true],
    ['kms:Encrypt2', false],
    ['s3:*', false],
  ])('matches actions without case: %s is %s', (pattern, expected) => {
    expect(ask(compiled('identity', { ...allow, Action: pattern })).outcome === 'Allow').toBe(expected)
    const others = { Effect: 'Allow', NotAction: ['x:y', pattern], Resource: '*' }
    expect(ask(compiled('identity', others)).outcome === 'Allow').toBe(!expected)
  })

  it.each([
    [KEY, true],
    ['arn:aws:kms:*:*:key/${aws:username}', true],
    ['arn:aws:kms:*:*:alias/*', false],
  ])('covers a resource, or all others: %s is %s', (pattern, expected) => {
    expect(ask(compiled('identity', { ...allow, Resource: pattern })).outcome === 'Allow').toBe(expected)
    const others = { Effect: 'Allow', Action: '*', NotResource: pattern }
    expect(ask(compiled('identity', others)).outcome === 'Allow').toBe(!expected)
  })

  it('covers every resource by one pattern of several', () => {
    const Resource = ['arn:aws:kms:*:*:key/${absent}', '*']
    expect(ask(compiled('identity', { ...allow, Resource })).outcome).toBe('Allow')
    expect(ask(compiled('identity', { Effect: 'Allow', Action: '*', NotResource: Resource })).outcome).toBe('NoMatch')
    expect(ask(compiled('identity', { Effect: 'Deny', Action: '*', NotResource: Resource })).outcome).toBe('NoMatch')
  })

  it('lets a NotResource that cannot be resolved deny, but not allow', () => {
    const statement = { Action: '*', NotResource: 'arn:aws:kms:*:*:key/${absent}' }
    expect(ask(compiled('identity', { Effect: 'Allow', ...statement })).outcome).toBe('NoMatch')
    expect(ask(compiled('identity', { Effect: 'Deny', ...statement })).outcome).toBe('ExplicitDeny')
  })

  it('has no variables in a document of the older version', () => {
    const text = JSON.stringify({ Statement: { ...allow, Resource: 'arn:aws:kms:*:*:key/${aws:username}' } })
    expect(ask(source(text, 'identity').policy).outcome).toBe('NoMatch')
  })

  it('takes a statement of a key policy without an action or a resource as inert, even to deny', () => {
    const inert = [
      { Effect: 'Deny', Principal: '*', Resource: '*' },
      { Effect: 'Deny', Principal: '*', Action: '*' },
      { Effect: 'Deny', Principal: '*', Action: [], Resource: '*' },
    ]
    expect(ask(compiled('key', ...inert, { ...allow, Principal: '*' })).outcome).toBe('Allow')
  })

  it('asks a trust policy about no resource', () => {
    const policy = compiled('trust', { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: '111122223333' } })
    expect(ask(policy, 'sts:AssumeRole', '*')).toEqual({ outcome: 'Allow', via: Via.Account })
  })

  it('remembers a bounded number of actions, and answers alike before and after it forgets', () => {
    const policy = compiled('identity', allow)
    const first = policy.candidates('kms:Encrypt')
    expect(policy.candidates('kms:Encrypt')).toBe(first)
    for (let i = 0; i < 1000; i++) policy.candidates(`kms:Action${i}`)
    expect(policy.candidates('kms:Encrypt')).not.toBe(first)
    expect(policy.candidates('kms:Encrypt')).toEqual(first)
  })

  it('never takes what it remembers of one action for another, whatever other policies are asked meanwhile', () => {
    const policy = compiled('identity', allow)
    const other = compiled('identity', allow)
    const names = Array.from({ length: 700 }, (_, i) => `kms:Name${i}`)
    for (const name of names) {
      other.candidates(name)
      expect(ask(policy).outcome).toBe('Allow')
      expect(ask(policy, name).outcome).toBe('NoMatch')
      expect(ask(other).outcome).toBe('Allow')
    }
  })
})

describe('conditionKeys', () => {
  it('knows keys without case, and leaves out absent ones', () => {
    expect(conditionKeys({ 'AWS:UserName': 'a', b: undefined, c: ['d'] })).toEqual(
      new Map<string, unknown>([
        ['aws:username', 'a'],
        ['c', ['d']],
      ]),
    )
  })

  it('knows any number of names, of any length', () => {
    for (let i = 0; i < 3000; i++) {
      const name = `Name${i}${'X'.repeat(i % 100)}`
      expect(conditionKeys({ [name]: 'a', 'AWS:UserName': 'b' })).toEqual(
        new Map([
          [name.toLowerCase(), 'a'],
          ['aws:username', 'b'],
        ]),
      )
    }
  })
})
