import { describe, expect, it } from 'vitest'
import { conditionKeys, type ConditionValue } from '../../src/policy/context.ts'
import { evaluate } from '../../src/policy/evaluate.ts'
import type { PrincipalForm } from '../../src/policy/principal.ts'
import { source } from './engine.ts'
import { PUBLISHED } from './published.ts'

const KEY = 'arn:aws:kms:us-west-2:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab'

interface Asked {
  readonly action: string
  readonly resource?: string
  readonly context?: Readonly<Record<string, ConditionValue>>
  readonly account?: string
  readonly forms?: readonly PrincipalForm[]
}

/** Asks a published policy, whose JSON is corrected as its author meant it if need be. */
function ask(name: string, asked: Asked): string {
  const found = PUBLISHED.find((each) => each.name === name)
  if (found === undefined) throw new Error(`no policy "${name}"`)
  const text = found.text
    .replace(/"Resource": \{\s*("[^"]*")\s*\}/, '"Resource": $1')
    .replace(/("Bool"|"StringEquals"): ("[^"]*": *(?:true|"[^"]*"))/, '$1: { $2 }')
  const { action, resource = KEY, context = {}, account = '111122223333', forms = [] } = asked
  const caller = { account, forms, hasBoundary: false }
  return evaluate(source(text, found.kind).policy, { action, resource, keys: conditionKeys(context) }, caller).outcome
}

function replicateTo(region: string): Asked {
  return { action: 'kms:ReplicateKey', context: { 'kms:ReplicaRegion': region } }
}

function scheduleDeletion(type: string): Asked {
  return { action: 'kms:ScheduleKeyDeletion', context: { 'kms:MultiRegionKeyType': type } }
}

describe('the published policies, corrected', () => {
  it('never match where the ARN has a colon too many', () => {
    expect(ask('describe and list related keys, as published', { action: 'kms:DescribeKey' })).toBe('NoMatch')
  })

  it('deny creating multi-Region keys and no others', () => {
    const name = 'deny creating multi-Region keys'
    const create = { action: 'kms:CreateKey', resource: '*' }
    expect(ask(name, { ...create, context: { 'kms:MultiRegion': 'true' } })).toBe('ExplicitDeny')
    expect(ask(name, { ...create, context: { 'kms:MultiRegion': 'false' } })).toBe('NoMatch')
    expect(ask(name, { action: 'kms:ListKeys', resource: '*' })).toBe('NoMatch')
  })

  it('replicate only into the Regions listed', () => {
    const forms: PrincipalForm[] = [{ kind: 'role', id: 'arn:aws:iam::111122223333:role/Administrator' }]
    const replicate = (region: string) => ask('replicate into three Regions', { ...replicateTo(region), forms })
    expect(replicate('eu-west-3')).toBe('Allow')
    expect(replicate('eu-west-1')).toBe('NoMatch')
    expect(ask('replicate into three Regions', { action: 'kms:ReplicateKey', forms })).toBe('NoMatch')
  })

  it('deny replication elsewhere, even to the account', () => {
    const name = 'restrict replication to two Regions'
    expect(ask(name, { ...replicateTo('eu-west-1'), account: '123456789012' })).toBe('Allow')
    expect(ask(name, { ...replicateTo('us-east-1'), account: '123456789012' })).toBe('ExplicitDeny')
    expect(ask(name, { action: 'kms:Encrypt', account: '123456789012' })).toBe('Allow')
  })

  it('schedule the deletion of replicas and not of primaries', () => {
    const name = 'schedule deletion of replicas, as published'
    expect(ask(name, scheduleDeletion('REPLICA'))).toBe('Allow')
    expect(ask(name, scheduleDeletion('PRIMARY'))).toBe('NoMatch')
    expect(ask(name, { action: 'kms:ScheduleKeyDeletion' })).toBe('NoMatch')
  })

  it('deny everything on multi-Region keys, and leave alone what has no key', () => {
    const name = 'deny all on multi-Region keys, as published'
    expect(ask(name, { action: 'kms:Encrypt', context: { 'kms:MultiRegion': 'true' } })).toBe('ExplicitDeny')
    expect(ask(name, { action: 'kms:ListKeys', resource: '*' })).toBe('NoMatch')
  })

  it('give an external account or role what is listed', () => {
    const role: PrincipalForm[] = [{ kind: 'role', id: 'arn:aws:iam::444455556666:role/ExampleRole' }]
    const encrypt = { action: 'kms:ReEncryptFrom', account: '444455556666' }
    expect(ask('an external account', encrypt)).toBe('Allow')
    expect(ask('an external account', { ...encrypt, account: '111122223333' })).toBe('NoMatch')
    expect(ask('an external role', encrypt)).toBe('NoMatch')
    expect(ask('an external role', { ...encrypt, forms: role })).toBe('Allow')
    expect(ask('an external account', { ...encrypt, action: 'kms:Sign' })).toBe('NoMatch')
  })

  it('let services alone create grants', () => {
    const grant = { action: 'kms:CreateGrant', account: '444455556666' }
    expect(ask('grants for services', { ...grant, context: { 'kms:GrantIsForAWSResource': 'true' } })).toBe('Allow')
    expect(ask('grants for services', { ...grant, context: { 'kms:GrantIsForAWSResource': 'false' } })).toBe('NoMatch')
    expect(ask('grants for services', grant)).toBe('NoMatch')
  })
})
