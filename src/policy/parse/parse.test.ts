import { describe, expect, it } from 'vitest'
import { PUBLISHED } from '../../../test/policy/published.ts'
import { type ParseOptions, parsePolicy, type PolicyError, type PolicyKind } from './parse.ts'

const VERSION = '2012-10-17'

/** The errors of a document, which may be given as a value. */
function errors(kind: PolicyKind, document: unknown, options?: ParseOptions): readonly PolicyError[] {
  const text = typeof document === 'string' ? document : JSON.stringify(document)
  const result = parsePolicy(text, kind, options)
  return result.ok ? [] : result.errors
}

function messages(kind: PolicyKind, ...statements: readonly unknown[]): string[] {
  return errors(kind, { Version: VERSION, Statement: statements }).map(({ message }) => message)
}

function conditionErrors(kind: PolicyKind, condition: unknown, options?: ParseOptions): readonly PolicyError[] {
  return errors(kind, { Statement: { ...allow, Condition: condition } }, options)
}

const SYNTAX = 'Syntax errors in policy.'
const INVALID_PRINCIPAL = 'Policy contains a statement with one or more invalid principals.'
const allow = { Effect: 'Allow', Action: 'kms:Encrypt', Resource: '*' }
const keyAllow = { ...allow, Principal: '*' }
const deny = { ...keyAllow, Effect: 'Deny' }

describe('the published policies', () => {
  it.each(PUBLISHED.filter(({ brokenAt }) => brokenAt === undefined))('"$name" is accepted', ({ kind, text }) => {
    expect(errors(kind, text)).toEqual([])
  })

  it.each(PUBLISHED.filter(({ brokenAt }) => brokenAt !== undefined))(
    '"$name" is refused at $brokenAt, and the hint names what was meant',
    ({ kind, text, brokenAt }) => {
      const [error, ...more] = errors(kind, text)
      expect(more).toEqual([])
      expect(error).toMatchObject({ code: 'syntax', message: SYNTAX, path: brokenAt })
      const object = 'Resource must be a string or an array of strings, not an object: leave out the braces.'
      const operator =
        'An operator must map to an object of key: value(s), such as "Bool": {"aws:PrincipalType": "User"}.'
      expect(error?.hint).toBe(brokenAt?.endsWith('Resource') === true ? object : operator)
    },
  )

  it.each(PUBLISHED.filter(({ brokenAt }) => brokenAt !== undefined))(
    '"$name" is accepted once its two mistakes are corrected',
    ({ kind, text }) => {
      const corrected = text
        .replace(/"Resource": \{\s*("[^"]*")\s*\}/, '"Resource": $1')
        .replace(/("Bool"|"StringEquals"): ("[^"]*": *(?:true|"[^"]*"))/, '$1: { $2 }')
      expect(errors(kind, corrected)).toEqual([])
    },
  )

  it('are told apart by the place of the mistake', () => {
    const broken = PUBLISHED.find(({ name }) => name === 'deny creating multi-Region keys, as published')
    expect(errors('identity', broken?.text ?? '')[0]).toMatchObject({ line: 8, column: 36 })
  })
})

describe('a document', () => {
  it('keeps every element with its place', () => {
    const text = `{
  "Version": "2012-10-17", "Id": "one",
  "Statement": [{"Sid": "A b", "Effect": "Deny", "NotPrincipal": {"AWS": ["111122223333"], "Service": "a.amazonaws.com"},
    "NotAction": "kms:*", "NotResource": ["*"],
    "Condition": {"Bool": {"x:Y": [true, "false"]}, "NumericEquals": {"z": 1.50}}}]
}`
    const result = parsePolicy(text, 'key')
    expect(result.ok && result.policy).toEqual({
      kind: 'key',
      version: VERSION,
      id: 'one',
      statements: [
        {
          index: 0,
          sid: 'A b',
          effect: 'Deny',
          line: 3,
          column: 17,
          principal: {
            negated: true,
            line: 3,
            column: 50,
            entries: [
              { type: 'AWS', value: '111122223333', line: 3, column: 75 },
              { type: 'Service', value: 'a.amazonaws.com', line: 3, column: 103 },
            ],
          },
          action: { negated: true, line: 4, column: 5, patterns: [{ value: 'kms:*', line: 4, column: 18 }] },
          resource: { negated: true, line: 4, column: 27, patterns: [{ value: '*', line: 4, column: 43 }] },
          conditions: [
            { operator: 'Bool', key: 'x:Y', values: ['true', 'false'], line: 5, column: 28 },
            { operator: 'NumericEquals', key: 'z', values: ['1.50'], line: 5, column: 71 },
          ],
        },
      ],
    })
  })

  it('has the older version where it names none', () => {
    const result = parsePolicy(JSON.stringify({ Statement: allow }), 'identity')
    expect(result.ok && result.policy.version).toBe('2008-10-17')
  })

  it.each([
    ['[]', '', 'A policy must be an object.'],
    ['{"Statement":', 'Statement', 'Expected a value.'],
    ['{"Statement":[],}', '', 'Comma before a "}": JSON has no trailing comma.'],
    ['{"Version":"2012-10-17"}', '', 'Statement is missing.'],
    ['{"Statement":[]}', 'Statement', 'It is empty.'],
    ['{"Statement":[1]}', 'Statement[0]', 'A statement must be an object.'],
    ['{"Version":1,"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}', 'Version', 'Version must be a string.'],
    ['{"Id":1,"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}', 'Id', 'Id must be a string.'],
    [
      '{"Statements":[],"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}',
      'Statements',
      '"Statements" is no element of a policy; did you mean "Statement"?',
    ],
    ['{"a":{"b c":[{"d" 1}]}}', 'a["b c"][0]', 'Expected a ":" after a name.'],
  ])('%s is refused at "%s": %s', (text, path, hint) => {
    expect(errors('identity', text)).toEqual([expect.objectContaining({ code: 'syntax', message: SYNTAX, path, hint })])
  })

  it('is refused with a version that does not exist', () => {
    expect(errors('key', { Version: '2012-10-18', Statement: keyAllow })).toEqual([
      expect.objectContaining({
        code: 'version',
        message: 'Syntax errors in policy.',
        path: 'Version',
      }),
    ])
  })

  it('is refused with a list of not more than twenty errors', () => {
    expect(messages('identity', ...Array.from({ length: 50 }, () => ({ ...allow, Effect: 'allow' })))).toHaveLength(20)
  })
})

describe('a statement', () => {
  it.each([
    ['identity', { ...allow, effect: 'Allow' }, SYNTAX],
    ['identity', { Action: '*', Resource: '*' }, SYNTAX],
    ['identity', { ...allow, Effect: 'ALLOW' }, SYNTAX],
    ['identity', { ...allow, Sid: 1 }, SYNTAX],
    ['identity', { Effect: 'Allow', Resource: '*' }, 'Policy statement must contain actions.'],
    ['identity', { ...allow, Action: [] }, 'Policy statement must contain actions.'],
    ['identity', { Effect: 'Allow', Action: '*' }, 'Policy statement must contain resources.'],
    ['identity', { ...allow, Resource: [] }, 'Policy statement must contain resources.'],
    ['identity', { ...allow, NotAction: 'kms:*' }, SYNTAX],
    ['identity', { ...allow, NotResource: '*' }, SYNTAX],
    ['identity', { ...allow, Action: { a: 1 } }, SYNTAX],
    ['identity', { ...allow, Action: [['a:b']] }, SYNTAX],
    ['identity', { ...allow, Resource: ['*', null] }, SYNTAX],
    ['identity', { ...allow, Principal: '*' }, 'Policy document should not specify a principal.'],
    ['identity', { ...allow, NotPrincipal: '*' }, 'Policy document should not specify a principal.'],
    [
      'identity',
      { ...allow, Action: 'Encrypt' },
      'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
    ],
    ['identity', { ...allow, Action: 'kms:a:b' }, 'Actions/Condition can contain only one colon.'],
    ['identity', { ...allow, Action: 'k_s:a' }, 'Vendor k_s is not valid'],
    ['identity', { ...allow, Action: 'kms:' }, SYNTAX],
    ['identity', { ...allow, Resource: 'key/x' }, 'Resource key/x must be in ARN format or "*".'],
    ['identity', { ...allow, Resource: 'arn:aws:kms:*' }, 'The policy failed legacy parsing'],
    [
      'identity',
      { ...allow, Resource: 'arn:amazon:kms:::x' },
      'Partition "amazon" is not valid for resource "arn:amazon:kms:::x".',
    ],
    [
      'identity',
      { ...allow, Resource: 'arn:aws:k*:::x' },
      'Resource vendor must be fully qualified and cannot contain regexes.',
    ],
    [
      'identity',
      { ...allow, Resource: 'arn:aws::::x' },
      'Resource vendor must be fully qualified and cannot contain regexes.',
    ],
    ['key', allow, 'Policy contains a statement with no principal.'],
    ['key', { ...allow, Principal: {} }, 'Policy contains a statement with no principal.'],
    ['key', { ...allow, Principal: { AWS: [] } }, 'Policy contains a statement with no principal.'],
    ['key', { ...deny, NotPrincipal: '*' }, SYNTAX],
    ['key', { ...allow, NotPrincipal: '*' }, SYNTAX],
    ['key', { ...keyAllow, Action: undefined, NotAction: [] }, 'Policy statement must contain actions.'],
    ['key', { ...allow, Principal: 7 }, SYNTAX],
    ['key', { ...allow, Principal: { aws: '*' } }, SYNTAX],
    ['key', { ...allow, Principal: { Person: '*' } }, SYNTAX],
    ['trust', { ...keyAllow, Action: 'sts:AssumeRole' }, 'Has prohibited field Resource.'],
    [
      'trust',
      { Effect: 'Allow', Principal: '*', Action: 'kms:Encrypt' },
      'AssumeRole policy may only specify STS AssumeRole actions.',
    ],
    [
      'trust',
      { Effect: 'Allow', Principal: { AWS: 'x' }, Action: 'sts:AssumeRole' },
      'Invalid principal in policy: "AWS":"x"',
    ],
    ['trust', { Effect: 'Deny', NotPrincipal: '*', Action: 'sts:AssumeRole' }, SYNTAX],
  ] as const)('of a policy of kind %s, %j, is refused: %s', (kind, statement, message) => {
    expect(messages(kind, statement)).toEqual([message])
  })

  it.each([
    ['key', keyAllow],
    ['key', { Effect: 'Allow', Principal: '*' }],
    ['key', { ...keyAllow, Action: [], Resource: [] }],
    ['key', { ...keyAllow, Sid: 'With spaces' }],
    ['key', { ...deny, Principal: undefined, NotPrincipal: { AWS: '111122223333' } }],
    ['vpce', keyAllow],
    ['scp', { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }],
    ['boundary', { ...allow, Action: '*' }],
    ['session', { ...allow, Action: 'K?s:*' }],
    ['identity', { ...allow, Resource: ['arn:aws-us-gov:kms:*:*:key/*', 'arn:*:kms:::x'] }],
    ['rcp', { ...deny, Action: 'kms:*' }],
    ['rcp', { ...deny, Action: 'kms:*', Principal: { AWS: '*' } }],
    ['trust', { Effect: 'Allow', Principal: { Federated: 'cognito-identity.amazonaws.com' }, Action: 'sts:*' }],
  ] as const)('of a policy of kind %s, %j, is accepted', (kind, statement) => {
    expect(messages(kind, statement)).toEqual([])
  })

  it.each([
    ['scp', { ...allow, Principal: '*' }],
    ['rcp', keyAllow],
    ['rcp', { ...deny, Action: '*' }],
    ['rcp', { ...deny, Action: undefined, NotAction: 'kms:*' }],
    ['rcp', { ...deny, Principal: '111122223333' }],
    ['rcp', { ...deny, Principal: { AWS: '111122223333' } }],
    ['rcp', { ...deny, Principal: undefined, NotPrincipal: '*' }],
  ] as const)('of a policy of kind %s, %j, is refused with the sentence of Organizations', (kind, statement) => {
    const found = messages(kind, statement)
    const sentence = 'The provided policy document does not meet the requirements of the specified policy type.'
    expect([...new Set(found)]).toEqual([sentence])
  })

  it('may only take NotPrincipal to allow where that was asked for', () => {
    const document = { Statement: { ...allow, NotPrincipal: '*' } }
    expect(errors('key', document)).toHaveLength(1)
    expect(errors('key', document, { allowNotPrincipal: true })).toEqual([])
  })

  it('has an alphanumeric and unique Sid in the policies of IAM', () => {
    const unique = 'Statement IDs (SID) in a single policy must be unique.'
    expect(messages('identity', { ...allow, Sid: 'a' }, { ...allow, Sid: 'a' })).toEqual([unique])
    expect(messages('identity', { ...allow, Sid: '' }, { ...allow, Sid: '' })).toEqual([])
    expect(messages('identity', { ...allow, Sid: 'a b' })).toEqual([
      'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
    ])
    expect(messages('key', { ...keyAllow, Sid: 'a' }, { ...keyAllow, Sid: 'a' })).toEqual([])
  })
})

describe('a principal', () => {
  it.each([
    '*',
    '111122223333',
    'arn:aws:iam::111122223333:root',
    'arn:aws-cn:iam::111122223333:user/path/to/alice',
    'arn:aws:iam::111122223333:role/app',
    'arn:aws:sts::111122223333:assumed-role/app/session',
    'arn:aws:sts::111122223333:federated-user/bob',
    'AIDACKCEVSQ6C2EXAMPLE',
    'AROACKCEVSQ6C2EXAMPLE:session',
  ])('of the form %s is accepted', (value) => {
    expect(messages('key', { ...allow, Principal: { AWS: value } })).toEqual([])
  })

  it.each([
    '',
    '1111',
    '111122223333:root',
    'alice',
    'arn:aws:iam::111122223333:role/*',
    'arn:aws:iam::111122223333:group/admins',
    'arn:aws:iam::111122223333:role/',
    'arn:aws:iam::*:root',
    'arn:aws:sts::111122223333:assumed-role/path/app/session',
    'ASIACKCEVSQ6C2EXAMPLE',
  ])('of the form "%s" is refused', (value) => {
    expect(messages('key', { ...allow, Principal: { AWS: ['*', value] } })).toEqual([INVALID_PRINCIPAL])
  })

  it.each([
    { Service: 'not a service' },
    { Federated: 'cognito-identity.amazonaws.com' },
    { CanonicalUser: '79a59df900b949e55d96a1e698fbaced' },
    '111122223333',
  ])('of the form %j is refused', (principal) => {
    expect(messages('key', { ...allow, Principal: principal })).toEqual([INVALID_PRINCIPAL])
  })
})

describe('a condition', () => {
  it.each([
    [[], 'Statement.Condition', 'Condition must be an object of operators.'],
    [
      { Bool: 'x:y' },
      'Statement.Condition.Bool',
      'An operator must map to an object of key: value(s), such as "Bool": {"aws:PrincipalType": "User"}.',
    ],
    [
      { StringEqual: { 'x:y': 'a' } },
      'Statement.Condition.StringEqual',
      '"StringEqual" is no condition operator; did you mean "StringEquals"?',
    ],
    [
      { 'ForAnyValue:stringlikeIfExists': { 'x:y': 'a' } },
      'Statement.Condition["ForAnyValue:stringlikeIfExists"]',
      '"ForAnyValue:stringlikeIfExists" is no condition operator; did you mean "ForAnyValue:StringLikeIfExists"?',
    ],
    [
      { NullIfExists: { 'x:y': 'true' } },
      'Statement.Condition.NullIfExists',
      '"NullIfExists" is no condition operator.',
    ],
    [{ Resembles: { 'x:y': 'a' } }, 'Statement.Condition.Resembles', '"Resembles" is no condition operator.'],
    [
      { ['S'.repeat(100)]: { 'x:y': 'a' } },
      `Statement.Condition.${'S'.repeat(100)}`,
      `"${'S'.repeat(100)}" is no condition operator.`,
    ],
    [{ Bool: { '': 'a' } }, 'Statement.Condition.Bool[""]', 'The name of a condition key is empty.'],
    [
      { Bool: { 'x:y': null } },
      'Statement.Condition.Bool["x:y"]',
      'A condition value must be a string, a number or a boolean, or an array of these.',
    ],
    [
      { Bool: { 'x:y': 'a', 'X:Y': 'b' } },
      'Statement.Condition.Bool["X:Y"]',
      '"X:Y" is given twice: the names of keys have no case.',
    ],
  ])('%j is refused at %s: %s', (condition, path, hint) => {
    expect(conditionErrors('identity', condition)).toEqual([
      expect.objectContaining({ code: 'syntax', message: SYNTAX, path, hint }),
    ])
  })

  it('of an unknown operator that maps to no object is refused twice', () => {
    expect(conditionErrors('identity', { Boole: true })).toHaveLength(2)
  })

  it.each([
    ['NumericEquals', 'seven', '1.5'],
    ['DateLessThan', 'soon', '2026-01-31T00:00:00Z'],
    ['IpAddress', '10.0.0.0/33', '10.0.0.0/32'],
    ['NotIpAddress', '10.0.0', '2001:db8::/32'],
    ['BinaryEquals', '*', 'AQI='],
    ['ArnLike', 'role/app', 'arn:aws:iam::${aws:PrincipalAccount}:role/app'],
    ['ArnNotEquals', 'role/app', '*'],
  ])('%s takes no %s, save in a session policy', (operator, bad, good) => {
    expect(conditionErrors('identity', { [operator]: { 'x:y': [good, bad] } })).toMatchObject([{ code: 'literal' }])
    expect(conditionErrors('session', { [operator]: { 'x:y': [good, bad] } })).toEqual([])
    expect(conditionErrors('identity', { [operator]: { 'x:y': good } })).toEqual([])
  })

  it('is refused under ForAllValues on a key that has one value', () => {
    const options = { singleValuedKeys: [{ prefix: 'aws:RequestTag/', message: 'OverlyPermissiveCondition' }] }
    const refused = conditionErrors('identity', { 'ForAllValues:StringLike': { 'AWS:requesttag/a': 'b' } }, options)
    expect(refused).toMatchObject([{ code: 'overly-permissive', message: 'OverlyPermissiveCondition' }])
    expect(conditionErrors('identity', { 'ForAllValues:StringLike': { 'aws:TagKeys': 'b' } }, options)).toEqual([])
    expect(conditionErrors('identity', { 'ForAnyValue:StringLike': { 'aws:RequestTag/a': 'b' } }, options)).toEqual([])
  })
})
