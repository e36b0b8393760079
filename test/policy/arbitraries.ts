import * as fc from 'fast-check'

/** Random policies and requests over a small vocabulary, so that they often meet. */

export const ACCOUNT = '111122223333'
export const OTHER = '444455556666'
const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/mrk-1`
const USER = `arn:aws:iam::${ACCOUNT}:user/alice`
const ROLE = `arn:aws:iam::${ACCOUNT}:role/app`
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/app/s1`
const FEDERATED = `arn:aws:sts::${ACCOUNT}:federated-user/bob`

const action = fc.constantFrom('kms:Encrypt', 'kms:*', 'kms:En?rypt', 'KMS:encrypt', '*', 'kms:Decrypt', 'iam:*')
const resource = fc.constantFrom(
  '*',
  '*',
  KEY,
  `arn:aws:kms:*:${ACCOUNT}:key/*`,
  'arn:aws:kms:eu-*:*:*',
  'arn:aws:kms:eu-west-1::key/mrk-1',
  'arn:aws:kms:*:*:key/${aws:username}*',
  "arn:aws:kms:*:*:key/${team, 'mrk-1'}",
  'arn:aws:kms:*:*:*/mrk-${many}',
  'arn:aws:kms:us-east-1:*:alias/x',
)
const principal = fc.constantFrom('*', ACCOUNT, `arn:aws:iam::${OTHER}:root`, USER, ROLE, SESSION, FEDERATED)

const strings = ['mrk-1', 'MRK-1', 'mrk-*', 'm?k-1', '${aws:username}', '${none}', 'a${*}c', 'a*c', '', "${none, 'x'}"]
const numbers = ['1', '1.0', '2', '1e1', '-3']
const dates = [
  '2026-01-01T00:00:00Z',
  '1767225600',
  '2026-01-01T00:00:00.001Z',
  '2025-06-01',
  '2026-01-01T01:00:00+01:00',
]
const addresses = [
  '10.0.0.0/8',
  '10.1.2.3',
  '10.1.2.3/16',
  '2001:db8::/32',
  '2001:db8::1/32',
  '2001:db8::1',
  '0.0.0.0/0',
]
const arns = [USER, ROLE, 'arn:aws:iam::*:user/*', 'arn:aws:*:*:*:*', 'arn:aws:iam::${acct}:user/a*', '*']

const stringKeys = ['aws:username', 'team', 'many', 'acct', 'flag', 'none']

function operators(...names: string[]) {
  const every = names.flatMap((name) => [name, `${name}IfExists`])
  return fc.constantFrom(...every, ...every.flatMap((name) => [`ForAllValues:${name}`, `ForAnyValue:${name}`]))
}

function ordered(type: string) {
  const names = ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals']
  return operators(...names.map((name) => type + name))
}

function clause(
  operator: fc.Arbitrary<string>,
  keys: readonly string[],
  values: readonly (string | number | boolean)[],
) {
  const value = fc.constantFrom(...values)
  return fc.record({
    operator,
    key: fc.constantFrom(...keys),
    values: fc.oneof(value, fc.array(value, { maxLength: 3 })),
  })
}

const conditionClause = fc.oneof(
  {
    weight: 4,
    arbitrary: clause(
      operators(
        'StringEquals',
        'StringNotEquals',
        'StringLike',
        'StringNotLike',
        'StringEqualsIgnoreCase',
        'StringNotEqualsIgnoreCase',
      ),
      [...stringKeys, 'AWS:UserName'],
      strings,
    ),
  },
  { weight: 2, arbitrary: clause(operators('Bool'), ['flag', 'none', 'team'], [true, false, 'True', 'x']) },
  { weight: 2, arbitrary: clause(fc.constant('Null'), stringKeys, [true, 'false', 'true']) },
  { weight: 2, arbitrary: clause(ordered('Numeric'), ['days', 'team', 'none', 'many'], [...numbers, 1]) },
  { weight: 2, arbitrary: clause(ordered('Date'), ['now', 'team', 'none'], dates) },
  { weight: 2, arbitrary: clause(operators('IpAddress', 'NotIpAddress'), ['ip', 'team', 'none'], addresses) },
  {
    weight: 2,
    arbitrary: clause(
      operators('ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike'),
      ['aws:PrincipalArn', 'team', 'none'],
      arns,
    ),
  },
  { weight: 1, arbitrary: clause(operators('BinaryEquals'), ['bytes', 'none'], ['AQI=', 'AQID']) },
)

const condition = fc.array(conditionClause, { maxLength: 2 }).map((clauses) => {
  const block: Record<string, Record<string, unknown>> = {}
  for (const { operator, key, values } of clauses) {
    const keys = (block[operator] ??= {})
    if (!Object.keys(keys).some((each) => each.toLowerCase() === key.toLowerCase())) keys[key] = values
  }
  return block
})

function element<T>(name: string, value: fc.Arbitrary<T>) {
  const values = fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 }))
  return fc.oneof(
    { weight: 5, arbitrary: values.map((each) => ({ [name]: each })) },
    { weight: 1, arbitrary: values.map((each) => ({ [`Not${name}`]: each })) },
  )
}

const principalMap = fc.record(
  {
    AWS: fc.oneof(principal, fc.array(principal, { minLength: 1, maxLength: 5 })),
    Service: fc.constant('logs.amazonaws.com'),
  },
  { requiredKeys: ['AWS'] },
)

const effect = fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny')

function statement(kind: 'own' | 'resource' | 'rcp') {
  return fc
    .tuple(
      effect,
      element('Action', action),
      element('Resource', resource),
      condition,
      element('Principal', principalMap),
    )
    .map(([effect, actions, resources, condition, principals]) => {
      const conditions = Object.keys(condition).length === 0 ? {} : { Condition: condition }
      if (kind === 'rcp') return { Effect: 'Deny', Principal: '*', Action: 'kms:Decrypt', ...resources, ...conditions }
      const shared = { Effect: effect, ...actions, ...resources, ...conditions }
      if (kind === 'own') return shared
      const named = Object.values(principals)[0]
      const one = Array.isArray(named) ? named[0] : named
      return { ...shared, [Object.keys(principals)[0] ?? 'Principal']: one }
    })
}

/** A document of a kind, as text. */
export function documentOf(kind: 'own' | 'resource' | 'rcp'): fc.Arbitrary<string> {
  return fc
    .record({
      Version: fc.constantFrom('2012-10-17', '2012-10-17', '2012-10-17', '2008-10-17'),
      Statement: fc.array(statement(kind), { minLength: 1, maxLength: 3 }),
    })
    .map((document) => JSON.stringify(document))
}

/** The condition keys of a request. */
export const context = fc.record(
  {
    'aws:username': fc.constantFrom('mrk-1', 'mrk-*', 'alice'),
    team: fc.constantFrom('mrk-1', 'MRK-1', 'mrk-2', 'a*c', 'abc', ''),
    // The same key again, which may have another value.
    TEAM: fc.constantFrom('mrk-1', 'MRK-1', 'abc'),
    many: fc.array(fc.constantFrom('mrk-1', 'a*c', '1', 'mrk-9'), { maxLength: 3 }),
    acct: fc.constantFrom(ACCOUNT, 'x:y'),
    flag: fc.constantFrom('true', 'false', 'TRUE', 'no'),
    days: fc.constantFrom('1', '2.0', '10', 'x'),
    now: fc.constantFrom(...dates),
    ip: fc.constantFrom('10.1.2.3', '11.0.0.1', '::ffff:10.9.9.9', '2001:db8::7', '2001:db9::', 'nonsense'),
    'aws:PrincipalArn': fc.constantFrom(USER, ROLE, 'nonsense'),
    bytes: fc.constantFrom('AQI=', 'AQID'),
  },
  { requiredKeys: [] },
)

const callers = [
  { type: 'root', account: ACCOUNT, forms: [] },
  { type: 'user', account: ACCOUNT, forms: [{ kind: 'user', id: USER }] },
  {
    type: 'role',
    account: ACCOUNT,
    forms: [
      { kind: 'session', id: SESSION },
      { kind: 'role', id: ROLE },
    ],
  },
  {
    type: 'federated',
    account: ACCOUNT,
    forms: [
      { kind: 'federated', id: FEDERATED },
      { kind: 'user', id: USER },
    ],
  },
  { type: 'service', forms: [{ kind: 'service', id: 'logs.amazonaws.com' }] },
] as const

/** A caller of every type. */
export const caller = fc.constantFrom(...callers)

const broad = JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } })

/** A document that may as well allow everything, lest nothing is ever allowed by all layers. */
const limiting = fc.oneof({ weight: 2, arbitrary: fc.constant(broad) }, { weight: 1, arbitrary: documentOf('own') })

const grant = fc.record({
  grantee: fc.constantFrom('session', 'user', 'role', 'account'),
  issuingAccount: fc.constantFrom(ACCOUNT, OTHER),
} as const)

/** A whole question, its documents as text. */
export const question = fc
  .record(
    {
      action: fc.constantFrom('kms:Encrypt', 'kms:Decrypt'),
      resource: fc.constantFrom(KEY, KEY, 'arn:aws:kms:us-east-1:111122223333:key/a:b', '*'),
      context,
      caller,
      identity: fc.array(documentOf('own'), { maxLength: 2 }),
      boundary: limiting,
      session: fc.array(limiting, { minLength: 1, maxLength: 2 }),
      scp: fc.array(fc.array(limiting, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 }),
      rcp: fc.array(fc.array(documentOf('rcp'), { maxLength: 1 }), { maxLength: 2 }),
      vpce: fc.constant(broad.replace('"Effect"', '"Principal":"*","Effect"')),
      resourcePolicy: documentOf('resource'),
      grants: fc.oneof(
        { weight: 3, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.array(grant, { maxLength: 2 }) },
      ),
      resourceAccount: fc.constantFrom(ACCOUNT, ACCOUNT, OTHER),
      crossAccount: fc.constantFrom(true, true, true, false),
    },
    { requiredKeys: ['action', 'resource', 'context', 'caller', 'identity', 'grants', 'crossAccount'] },
  )
  .map(({ caller, ...rest }) => ({ ...rest, caller: { ...caller, hasBoundary: rest.boundary !== undefined } }))

/** Condition keys that a question may leave open, and constraints for its grants. */
export const openings = fc.record({
  keys: fc.uniqueArray(
    fc.constantFrom(
      'aws:username',
      'team',
      'many',
      'acct',
      'flag',
      'days',
      'now',
      'ip',
      'aws:PrincipalArn',
      'bytes',
      'none',
    ),
    { maxLength: 6 },
  ),
  constrained: fc.array(fc.constantFrom(null, 'mrk-1', 'abc'), { minLength: 2, maxLength: 2 }),
})
