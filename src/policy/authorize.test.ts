import { describe, expect, it } from 'vitest'
import { describe as words, source } from '../../test/policy/engine.ts'
import { authorize, type MatchingGrant, type PolicyCaller, type PolicySource, type Question } from './authorize.ts'
import { conditionKeys } from './context.ts'
import type { PolicyKind } from './parse/parse.ts'

const A = '111122223333'
const B = '444455556666'
const USER = `arn:aws:iam::${A}:user/alice`
const ROLE = `arn:aws:iam::${A}:role/app`
const SESSION = `arn:aws:sts::${A}:assumed-role/app/session`
const FEDERATED = `arn:aws:sts::${A}:federated-user/bob`
const SERVICE = 'logs.amazonaws.com'

const form = (kind: PolicyCaller['forms'][number]['kind'], id: string) => ({ kind, id })
const CALLERS = {
  root: { type: 'root', account: A, forms: [], hasBoundary: false },
  user: { type: 'user', account: A, forms: [form('user', USER)], hasBoundary: false },
  role: { type: 'role', account: A, forms: [form('session', SESSION), form('role', ROLE)], hasBoundary: false },
  federated: {
    type: 'federated',
    account: A,
    forms: [form('federated', FEDERATED), form('user', USER)],
    hasBoundary: false,
  },
  service: { type: 'service', forms: [form('service', SERVICE)], hasBoundary: false },
} as const satisfies Record<string, PolicyCaller>

function policy(kind: PolicyKind, effect: string, principal?: unknown): PolicySource {
  const named = principal === undefined ? {} : { Principal: principal }
  const statement = { Effect: effect, Action: 'kms:Encrypt', Resource: '*', ...named }
  return source(JSON.stringify({ Version: '2012-10-17', Statement: statement }), kind)
}

const allows = policy('identity', 'Allow')
const denies = policy('identity', 'Deny')
/** A policy that is about something else: an implicit deny. */
const silent = source('{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}', 'identity')

function keyPolicy(principal: unknown): PolicySource {
  return policy('key', 'Allow', principal)
}

function ask(caller: PolicyCaller, layers: Question['layers'], more: Partial<Question> = {}): string {
  const resource = `arn:aws:kms:eu-west-1:${more.resourceAccount ?? A}:key/mrk-1`
  const request = { action: 'kms:Encrypt', resource, keys: conditionKeys({}) }
  const withBoundary = { ...caller, hasBoundary: layers.boundary !== undefined }
  const question = { request, caller: withBoundary, layers, resourceAccount: A, crossAccount: true, ...more }
  return words(authorize(question))
}

/**
 * What an implicit deny of the identity, boundary and session layers does, alone, for each way in which the
 * resource's side names the caller. `-`: the caller has no such layer.
 */
const TRUTH_TABLE = `
  caller     named as     identity  boundary  session
  user       user         allow     allow     -
  federated  user         allow     boundary  session
  role       role         allow     boundary  session
  role       session      allow     allow     allow
  federated  session      allow     allow     allow
  user       everyone     allow     allow     -
  role       everyone     allow     allow     allow
  user       account      identity  boundary  -
  role       account      identity  boundary  session
  federated  account      identity  boundary  session
  root       account      allow     allow     allow
  root       everyone     allow     allow     allow
  role       grant:role   allow     boundary  session
  role       grant:session  allow   allow     allow
  user       grant:user   allow     allow     -
  role       grant:account  identity  boundary  session
  role       nobody       resource  resource  resource
  root       nobody       resource  resource  resource
`

const NAMES: Readonly<Record<string, unknown>> = {
  everyone: '*',
  account: { AWS: A },
  role: { AWS: ROLE },
  nobody: { AWS: `arn:aws:iam::${A}:user/somebody-else` },
}

function named(caller: string, as: string): unknown {
  if (as === 'user') return { AWS: USER }
  if (as === 'session') return { AWS: caller === 'role' ? SESSION : FEDERATED }
  return NAMES[as]
}

describe('within an account', () => {
  const rows = TRUTH_TABLE.trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))

  it.each(rows)('%s, named as %s: without identity %s, boundary %s, session %s', (caller, as, ...expected) => {
    const [grantee] = as.startsWith('grant:') ? [as.slice(6) as MatchingGrant['grantee']] : []
    const who = CALLERS[caller as keyof typeof CALLERS]
    const resource = grantee === undefined ? keyPolicy(named(caller, as)) : keyPolicy(NAMES['nobody'])
    const grants: MatchingGrant[] = grantee === undefined ? [] : [{ grantee, issuingAccount: A }]
    const full = { identity: [allows], boundary: allows, session: [allows], resource }
    const lacking = [
      { ...full, identity: [silent] },
      { ...full, boundary: silent },
      { ...full, session: [silent] },
    ]
    for (const [index, layers] of lacking.entries()) {
      const want = expected[index] ?? ''
      if (want === '-') continue
      expect(ask(who, layers, { grants })).toBe(want === 'allow' ? 'allow' : `implicit-deny ${want}`)
    }
    expect(ask(who, full, { grants })).toBe(as === 'nobody' ? 'implicit-deny resource' : 'allow')
  })

  it('allows nothing through the policies of the account unless the key policy leaves it to them', () => {
    expect(ask(CALLERS.user, { identity: [allows], resource: keyPolicy({ AWS: ROLE }) })).toBe('implicit-deny resource')
  })

  it('gives a federated session without session policies only what names the session', () => {
    expect(ask(CALLERS.federated, { identity: [allows], resource: keyPolicy({ AWS: A }) })).toBe(
      'implicit-deny session',
    )
    expect(ask(CALLERS.federated, { identity: [allows], resource: keyPolicy({ AWS: USER }) })).toBe(
      'implicit-deny session',
    )
    expect(ask(CALLERS.federated, { identity: [], resource: keyPolicy({ AWS: FEDERATED }) })).toBe('allow')
  })

  it('denies where a boundary is set but was not given', () => {
    const question: Question = {
      request: { action: 'kms:Encrypt', resource: '*', keys: conditionKeys({}) },
      caller: { ...CALLERS.user, hasBoundary: true },
      layers: { identity: [allows] },
      crossAccount: false,
    }
    expect(words(authorize(question))).toBe('implicit-deny boundary')
  })
})

describe('without a policy of the resource', () => {
  it('the policies of the caller decide', () => {
    expect(ask(CALLERS.user, { identity: [allows] })).toBe('allow')
    expect(ask(CALLERS.user, { identity: [silent] })).toBe('implicit-deny identity')
    expect(ask(CALLERS.user, { identity: [allows], boundary: silent })).toBe('implicit-deny boundary')
    expect(ask(CALLERS.role, { identity: [allows], session: [silent, allows] })).toBe('allow')
    expect(ask(CALLERS.role, { identity: [allows], session: [] })).toBe('implicit-deny session')
    expect(ask(CALLERS.user, {})).toBe('implicit-deny identity')
    expect(ask(CALLERS.root, {})).toBe('allow')
    expect(ask(CALLERS.service, {})).toBe('implicit-deny resource')
  })
})

describe('between accounts', () => {
  const foreign = { resourceAccount: B }

  it.each([
    ['everyone', '*'],
    ['the account', { AWS: A }],
    ['the role', { AWS: ROLE }],
    ['the session', { AWS: SESSION }],
  ])('both sides must allow, even if the key policy names %s', (_, principal) => {
    const resource = keyPolicy(principal)
    expect(ask(CALLERS.role, { identity: [allows], resource }, foreign)).toBe('allow')
    expect(ask(CALLERS.role, { identity: [silent], resource }, foreign)).toBe('implicit-deny identity')
    expect(ask(CALLERS.role, { identity: [allows], boundary: silent, resource }, foreign)).toBe(
      'implicit-deny boundary',
    )
    expect(ask(CALLERS.role, { identity: [allows], session: [silent], resource }, foreign)).toBe(
      'implicit-deny session',
    )
  })

  it('reports the side of the resource first', () => {
    const resource = keyPolicy({ AWS: B })
    expect(ask(CALLERS.role, { identity: [silent], resource }, foreign)).toBe('implicit-deny resource')
  })

  it('lets a grant of the own account stand for that account', () => {
    const resource = keyPolicy({ AWS: B })
    const granted = (grantee: MatchingGrant['grantee'], issuingAccount: string, layers: Question['layers']) =>
      ask(CALLERS.role, { ...layers, resource }, { ...foreign, grants: [{ grantee, issuingAccount }] })
    expect(granted('role', A, { identity: [silent] })).toBe('allow')
    expect(granted('role', A, { boundary: silent })).toBe('implicit-deny boundary')
    expect(granted('session', A, { session: [silent] })).toBe('allow')
    expect(granted('account', A, { identity: [silent] })).toBe('implicit-deny identity')
    expect(granted('role', B, { identity: [silent] })).toBe('implicit-deny identity')
    expect(granted('role', B, { identity: [allows] })).toBe('allow')
  })

  it('never uses what cannot cross accounts, and says so even where a policy denies', () => {
    const question: Question = {
      request: { action: 'kms:Encrypt', resource: '*', keys: conditionKeys({}) },
      caller: CALLERS.role,
      layers: { identity: [denies], resource: keyPolicy('*') },
      resourceAccount: B,
      crossAccount: false,
    }
    expect(authorize(question)).toEqual({
      allowed: false,
      reason: { kind: 'implicit-deny', layer: 'resource', notCrossAccount: true },
    })
  })
})

describe('an AWS service', () => {
  it('needs to be named, or everyone, and has no policies of its own', () => {
    const ignored = { identity: [denies], boundary: denies, session: [denies], scp: [[denies]] }
    expect(ask(CALLERS.service, { ...ignored, resource: keyPolicy({ Service: SERVICE }) })).toBe('allow')
    expect(ask(CALLERS.service, { ...ignored, resource: keyPolicy('*') })).toBe('allow')
    expect(ask(CALLERS.service, { resource: keyPolicy({ Service: 's3.amazonaws.com' }) })).toBe(
      'implicit-deny resource',
    )
    expect(ask(CALLERS.service, { resource: keyPolicy({ AWS: A }) })).toBe('implicit-deny resource')
    const grants: MatchingGrant[] = [{ grantee: 'service', issuingAccount: A }]
    expect(ask(CALLERS.service, { resource: keyPolicy({ AWS: A }) }, { grants })).toBe('allow')
  })

  it('is bound by the policies of the resource and its account', () => {
    const rcp = [[policy('rcp', 'Deny', '*')]]
    expect(ask(CALLERS.service, { rcp, resource: keyPolicy('*') })).toBe('explicit-deny rcp')
    expect(ask(CALLERS.service, { resource: policy('key', 'Deny', '*') })).toBe('explicit-deny resource')
  })
})

describe('the organization', () => {
  const resource = keyPolicy('*')

  it('must allow at every level, by any policy of the level', () => {
    expect(ask(CALLERS.user, { scp: [[silent, allows], [allows]], resource })).toBe('allow')
    expect(ask(CALLERS.user, { scp: [[allows], [silent]], resource })).toBe('implicit-deny scp')
    expect(ask(CALLERS.user, { scp: [[allows], []], resource })).toBe('implicit-deny scp')
    expect(ask(CALLERS.root, { scp: [[silent]], resource })).toBe('implicit-deny scp')
  })

  it('denies nothing implicitly by policies about resources', () => {
    expect(ask(CALLERS.user, { rcp: [[]], resource })).toBe('allow')
  })
})

describe('an explicit deny', () => {
  const rcp = policy('rcp', 'Deny', '*')
  const vpce = policy('vpce', 'Deny', '*')
  const resource = policy('key', 'Deny', '*')
  const all = { identity: [denies], boundary: denies, session: [denies], scp: [[denies]], rcp: [[rcp]], vpce, resource }

  it('is reported for the first layer that has one', () => {
    const { identity: _i, ...noIdentity } = all
    const { boundary: _b, ...noBoundary } = noIdentity
    const { session: _s, ...noSession } = noBoundary
    const { scp: _o, ...noScp } = noSession
    const { rcp: _r, ...noRcp } = noScp
    const { vpce: _v, ...noVpce } = noRcp
    const order = [all, noIdentity, noBoundary, noSession, noScp, noRcp, noVpce].map((each) => ask(CALLERS.role, each))
    expect(order).toEqual(
      ['identity', 'boundary', 'session', 'scp', 'rcp', 'vpce', 'resource'].map((layer) => `explicit-deny ${layer}`),
    )
  })

  it('names the managed policy', () => {
    const arn = 'arn:aws:iam::111122223333:policy/no'
    const question: Question = {
      request: { action: 'kms:Encrypt', resource: '*', keys: conditionKeys({}) },
      caller: CALLERS.root,
      layers: { identity: [allows, { ...denies, arn }] },
      crossAccount: false,
    }
    expect(authorize(question)).toEqual({
      allowed: false,
      reason: { kind: 'explicit-deny', layer: 'identity', policyArn: arn },
    })
  })
})

describe('a VPC endpoint', () => {
  it('must allow, if the request came through one', () => {
    const resource = keyPolicy('*')
    expect(ask(CALLERS.role, { vpce: policy('vpce', 'Allow', '*'), resource })).toBe('allow')
    expect(ask(CALLERS.role, { vpce: policy('vpce', 'Allow', { AWS: USER }), resource })).toBe('implicit-deny vpce')
  })
})
