import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { documentOf } from '../../../test/policy/arbitraries.ts'
import { PUBLISHED } from '../../../test/policy/published.ts'
import { parsePolicy } from '../parse/parse.ts'
import { type Finding, type LintedKind, lintPolicy } from './lint.ts'

const KEY = 'arn:aws:kms:us-east-1:111122223333:key/mrk-1'
const isRegion = (name: string) => ['us-east-1', 'eu-west-1', 'ap-southeast-1'].includes(name)

function lint(policy: unknown, kind: LintedKind = 'identity', key?: string): readonly Finding[] {
  const text = typeof policy === 'string' ? policy : JSON.stringify(policy, null, 2)
  return lintPolicy(text, kind, { isRegion, ...(key !== undefined && { key }) })
}

function documentWith(...statements: readonly object[]) {
  return { Version: '2012-10-17', Statement: statements }
}

const use = { Effect: 'Allow', Action: 'kms:Encrypt', Resource: '*' }
const root = { AWS: 'arn:aws:iam::111122223333:root' }
const administer = { Effect: 'Allow', Principal: root, Action: 'kms:*', Resource: '*' }
const trust = { Effect: 'Allow', Principal: root, Action: 'sts:AssumeRole' }

const codes = (findings: readonly Finding[]) => findings.map(({ issueCode }) => issueCode)

/** What is found in a statement of an identity policy. */
function inStatement(more: object, kind: LintedKind = 'identity') {
  const statement = kind === 'identity' ? use : kind === 'trust' ? trust : { ...use, Principal: root }
  return codes(lint(documentWith({ ...statement, ...more }), kind))
}

describe('A policy that is good', () => {
  it.each<[LintedKind, object]>([
    ['identity', use],
    ['identity', { ...use, Resource: KEY, Condition: { StringEquals: { 'kms:EncryptionContext:team': 'a' } } }],
    ['key', administer],
    ['trust', trust],
    ['scp', { Effect: 'Deny', Action: 'kms:ReplicateKey', Resource: '*' }],
  ])('of the kind %s has no findings', (kind, statement) => {
    expect(lint(documentWith(statement), kind)).toEqual([])
  })

  it('as AWS makes for a key in its console has none', () => {
    const uses = {
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::111122223333:role/app' },
      Action: ['kms:CreateGrant', 'kms:ListGrants', 'kms:RevokeGrant'],
      Resource: '*',
      Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    }
    expect(lint(documentWith({ Sid: 'Enable IAM User Permissions', ...administer }, uses), 'key', KEY)).toEqual([])
  })
})

describe('Names that do not exist', () => {
  it.each([
    [{ Action: 'kms:Encript' }, 'INVALID_ACTION', 'The action kms:Encript does not exist. Did you mean kms:Encrypt?'],
    [{ Action: 'kms::Encrypt' }, 'INVALID_ACTION', 'with one colon. Did you mean kms:Encrypt?'],
    [{ Action: 'kms:Incrypt*' }, 'INVALID_ACTION', 'No action of kms is like kms:Incrypt*.'],
    [{ Action: 'kmss:Encrypt' }, 'INVALID_SERVICE_IN_ACTION', 'does not exist. Did you mean kms?'],
    [
      { Condition: { StringEquals: { 'aws:PrincipleTag/team': 'a' } } },
      'INVALID_GLOBAL_CONDITION_KEY',
      'Did you mean aws:PrincipalTag/team?',
    ],
    [
      { Condition: { StringEquals: { 'kms:EncryptionContxt:team': 'a' } } },
      'INVALID_SERVICE_CONDITION_KEY',
      'does not exist in the service kms. Use a valid condition key. Did you mean kms:EncryptionContext:team?',
    ],
    [{ Condition: { StringEquals: { 'kns:ViaService': 'a' } } }, 'INVALID_SERVICE', 'Did you mean'],
    [{ Condition: { StringEquals: { 'aws:Arn': 'a' } } }, 'UNSUPPORTED_GLOBAL_CONDITION_KEY', 'Use aws:PrincipalArn'],
    [{ Condition: { StringEquals: { team: 'a' } } }, 'INVALID_CONDITION_KEY_FORMAT', 'service:keyname'],
    [
      { Condition: { StringEquals: { 'aws:ResourceTag': 'a' } } },
      'MISSING_TAG_KEY_IN_CONDITION',
      'Use the format aws:ResourceTag/tag-key',
    ],
    [
      { Condition: { StringEqual: { 'aws:username': 'a' } } },
      'INVALID_CONDITION_OPERATOR',
      'Did you mean StringEquals?',
    ],
    [{ Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-9' } } }, 'INVALID_REGION', 'eu-west-9'],
    [{ Resource: 'arn:aws:kms:*:*:key/${aws:usrname}' }, 'INVALID_GLOBAL_CONDITION_KEY', 'Did you mean aws:username?'],
    [{ Conditon: {} }, 'INVALID_POLICY_ELEMENT', 'Did you mean Condition?'],
  ])('%j: %s', (more, code, sentence) => {
    const findings = lint(documentWith({ ...use, ...more }))
    expect(findings).toContainEqual(
      expect.objectContaining({
        findingType: 'ERROR',
        issueCode: code,
        findingDetails: expect.stringContaining(sentence),
      }),
    )
  })
})

describe('What does not go together', () => {
  it('is a key that an action never has', () => {
    const [finding, ...more] = lint(
      documentWith({
        ...use,
        Action: ['kms:Encrypt', 'kms:DescribeKey'],
        Condition: { StringEquals: { 'kms:EncryptionContext:team': 'a' } },
      }),
    )
    expect(more).toEqual([])
    expect(finding?.issueCode).toBe('UNSUPPORTED_ACTION_FOR_CONDITION_KEY')
    expect(finding?.findingDetails).toContain('The following actions: kms:DescribeKey are not supported by')
    expect(finding?.locations.map(({ path }) => path.at(-1))).toEqual([
      { index: 1 },
      { value: 'kms:EncryptionContext:team' },
    ])
  })

  it('is an action and a resource that it is never on', () => {
    const alias = 'arn:aws:kms:us-east-1:111122223333:alias/app'
    expect(inStatement({ Resource: alias })).toEqual(['ALIAS_ARN_IN_RESOURCE'])
    expect(inStatement({ Action: 'kms:ListKeys', Resource: KEY })).toEqual(['MISMATCHED_RESOURCE_FOR_ACTION'])
    expect(inStatement({ Action: 'iam:GetRole', Resource: KEY })).toEqual(['MISMATCHED_RESOURCE_FOR_ACTION'])
    expect(inStatement({ Action: 'kms:CreateAlias', Resource: [alias, KEY] })).toEqual([])
    expect(inStatement({ Action: ['kms:Encrypt', 'iam:GetRole'], Resource: KEY })).toEqual([
      'MISMATCHED_RESOURCE_FOR_ACTION',
    ])
  })

  it('is a tag that requests for an action never have', () => {
    const Condition = { StringEquals: { 'aws:RequestTag/team': 'a' } }
    expect(inStatement({ Condition })).toEqual(['ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE'])
    expect(inStatement({ Condition, Effect: 'Deny' })).toEqual(['DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE'])
    expect(inStatement({ Condition, Action: 'kms:CreateKey' })).toEqual([])
  })

  it.each([
    [{ Resource: 'arn:aws:kms::111122223333:key/k' }, 'MISSING_ARN_REGION'],
    [{ Resource: 'arn:aws:kms:us-east-1::key/k' }, 'MISSING_ARN_ACCOUNT'],
    [{ Resource: 'arn:aws:kms:us-east-1:111122223333::key/k' }, 'INVALID_ARN_RESOURCE'],
    [{ Resource: 'arn:aws::kms:us-east-1:111122223333:key/k' }, 'MISSING_ARN_FIELD'],
    [{ Resource: 'arn:aws:kms:us-east-9:111122223333:key/k' }, 'INVALID_ARN_REGION'],
    [{ Resource: 'arn:aws:kms:us-east-1:11112222333:key/k' }, 'INVALID_ARN_ACCOUNT'],
    [{ Resource: 'arn:aws:kms:us-east-1:111122223333:k' }, 'INVALID_ARN_RESOURCE'],
    [{ Resource: 'arn:aws:KMS:us-east-1:111122223333:key/k' }, 'INVALID_ARN_SERVICE_CASE'],
    [{ Resource: 'arn:awz:kms:us-east-1:111122223333:key/k' }, 'INVALID_PARTITION'],
    [{ Resource: 'key/k' }, 'INVALID_ARN_PREFIX'],
    [{ Resource: 'arn:aws:kms' }, 'MISSING_ARN_FIELD'],
    [{ Action: 'iam:GetRole', Resource: 'arn:aws:iam:us-east-1:111122223333:role/r' }, 'ARN_REGION_NOT_ALLOWED'],
  ])('is %j: %s', (more, code) => {
    expect(inStatement(more)).toContain(code)
  })
})

describe('A key policy', () => {
  const inKeyPolicy = (...statements: readonly object[]) => codes(lint(documentWith(...statements), 'key', KEY))

  it('is about its own key', () => {
    const other = (Resource: string) => inKeyPolicy(administer, { ...administer, Action: 'kms:Encrypt', Resource })
    expect(other(KEY)).toEqual([])
    expect(other('arn:aws:kms:*:*:key/mrk-*')).toEqual([])
    expect(other(KEY.replace('us-east-1', 'eu-west-1'))).toEqual(['UNSUPPORTED_RESOURCE_ARN_IN_POLICY'])
    expect(other(KEY.replace('mrk-1', 'mrk-2'))).toEqual(['UNSUPPORTED_RESOURCE_ARN_IN_POLICY'])
    expect(other('arn:aws:kms:us-east-1:111122223333:alias/a')).toEqual(['UNSUPPORTED_RESOURCE_ARN_IN_POLICY'])
    expect(other('arn:aws:s3:::bucket')).toEqual(['UNSUPPORTED_RESOURCE_ARN_IN_POLICY'])
    expect(inKeyPolicy(administer, { ...administer, Action: 'kms:ListKeys' })).toEqual(['UNSUPPORTED_ACTION_IN_POLICY'])
  })

  it.each([
    ['an account alone that is another', { ...administer, Principal: { AWS: '444455556666' } }],
    ['users without the permission', { ...administer, Action: 'kms:Encrypt' }],
    ['another key', { ...administer, Resource: KEY.replace('mrk-1', 'mrk-2') }],
    ['a service alone', { ...administer, Principal: { Service: 'logs.amazonaws.com' } }],
  ])('that lets in %s locks its account out', (_, statement) => {
    expect(inKeyPolicy(statement)).toContain('KEY_POLICY_LOCKOUT')
  })

  it.each([
    ['its account', administer],
    ['a user of its account', { ...administer, Principal: { AWS: 'arn:aws:iam::111122223333:user/ada' } }],
    ['its account by a condition', { ...administer, Condition: { StringEquals: { 'aws:username': 'ada' } } }],
    ['somebody by a unique id', { ...administer, Principal: { AWS: 'AROAEXAMPLEEXAMPLE12' } }],
  ])('that lets in %s does not', (_, statement) => {
    expect(inKeyPolicy(statement)).not.toContain('KEY_POLICY_LOCKOUT')
  })

  it('that denies it to everybody locks its account out', () => {
    const deny = { ...administer, Effect: 'Deny', Principal: '*', Action: 'kms:Put*' }
    expect(inKeyPolicy(administer, deny)).toEqual(['KEY_POLICY_LOCKOUT'])
    expect(inKeyPolicy(administer, { ...deny, Condition: { Bool: { 'aws:SecureTransport': 'false' } } })).toEqual([])
  })

  it('whose key is not known is taken to be of an account that it names', () => {
    expect(codes(lint(documentWith({ ...administer, Resource: KEY }), 'key'))).toEqual([])
    expect(codes(lint(documentWith({ ...administer, Action: 'kms:Encrypt' }), 'key'))).toEqual(['KEY_POLICY_LOCKOUT'])
  })

  it.each([
    [undefined, ['ALLOW_WITH_STAR_IN_PRINCIPAL']],
    [{ Bool: { 'aws:SecureTransport': 'true' } }, ['ALLOW_WITH_STAR_IN_PRINCIPAL']],
    [{ StringLike: { 'aws:PrincipalOrgID': '*' } }, ['ALLOW_WITH_STAR_IN_PRINCIPAL']],
    [{ StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-1' } }, ['ALLOW_WITH_STAR_IN_PRINCIPAL']],
    [{ StringNotEquals: { 'aws:PrincipalOrgID': 'o-1' } }, ['ALLOW_WITH_STAR_IN_PRINCIPAL']],
    [{ StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }, []],
    [{ StringEquals: { 'kms:CallerAccount': '111122223333' } }, []],
    [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/*' } }, []],
    [{ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/app' } }, ['ALLOW_WITH_STAR_IN_PRINCIPAL']],
  ])('with the principal * and the condition %j', (Condition, expected) => {
    const open = { ...administer, Principal: '*', Action: 'kms:Encrypt', ...(Condition !== undefined && { Condition }) }
    expect(inKeyPolicy(administer, open)).toEqual(expected)
  })
})

describe('Other weaknesses', () => {
  it.each<[LintedKind, object, string]>([
    ['identity', { Action: 'iam:PassRole' }, 'PASS_ROLE_WITH_STAR_IN_RESOURCE'],
    ['identity', { Action: 'iam:*' }, 'PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE'],
    ['identity', { Action: 'iam:*' }, 'CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE'],
    ['key', { Principal: { Service: 'logs.amazonaws.com' } }, 'RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL'],
    ['key', { Principal: { AWS: 'arn:aws:iam::111122223333:role/*' } }, 'UNSUPPORTED_WILDCARD_IN_PRINCIPAL'],
    ['key', { Principal: { AWS: 'AIDAEXAMPLEEXAMPLE12' } }, 'INVALID_USER_REFERENCE'],
    ['key', { Principal: { Federated: 'accounts.google.com' } }, 'FEDERATED_PRINCIPAL_NOT_SUPPORTED'],
    ['key', { Principal: { Servise: 'logs.amazonaws.com' } }, 'INVALID_PRINCIPAL_KEY'],
    ['key', { Principal: 'ada' }, 'INVALID_PRINCIPAL_FORMAT'],
    ['key', { Principal: {} }, 'EMPTY_OBJECT_PRINCIPAL'],
    ['identity', { Principal: '*' }, 'UNSUPPORTED_PRINCIPAL'],
    ['trust', { Principal: '*' }, 'ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL'],
    ['trust', { Resource: '*' }, 'ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE'],
    ['trust', { Action: 'kms:Encrypt' }, 'UNSUPPORTED_ACTION_IN_POLICY'],
    ['identity', { Sid: '' }, 'EMPTY_SID_VALUE'],
    ['identity', { Sid: 'not so' }, 'UNSUPPORTED_SID'],
    ['identity', { Effect: 'allow' }, 'INVALID_EFFECT'],
    ['identity', { Action: [] }, 'EMPTY_ARRAY_ACTION'],
    ['identity', { Resource: [] }, 'EMPTY_ARRAY_RESOURCE'],
    ['identity', { NotAction: 'kms:Decrypt' }, 'UNSUPPORTED_ELEMENT_COMBINATION'],
    ['identity', { Action: ['kms:*', 'kms:Encrypt'] }, 'REDUNDANT_ACTION'],
    ['identity', { Resource: [KEY, 'arn:aws:kms:*:*:key/*'] }, 'REDUNDANT_RESOURCE'],
    ['identity', { Action: 'k*:Encrypt' }, 'WILDCARD_IN_SERVICE_NAME'],
    ['identity', { Action: '${aws:username}:x' }, 'VARIABLE_UNSUPPORTED_IN_ELEMENT'],
    ['identity', { Resource: 'arn:aws:kms:*:*:key/${aws:username' }, 'MISSING_BRACE_IN_VARIABLE'],
    ['identity', { Resource: 'arn:aws:kms:*:*:key/${}' }, 'EMPTY_VARIABLE'],
    ['identity', { Resource: 'arn:aws:kms:*:*:key/${aws: username}' }, 'UNSUPPORTED_SPACE_IN_VARIABLE'],
    ['identity', { Resource: 'arn:aws:kms:*:*:key/${aws:username, x}' }, 'MISSING_QUOTE_IN_VARIABLE'],
    ['identity', { Condition: {} }, 'EMPTY_OBJECT_CONDITION'],
    ['identity', { Condition: { StringEquals: { 'aws:username': [] } } }, 'EMPTY_ARRAY_CONDITION'],
    ['identity', { Condition: { StringEquals: { 'aws:username': 'a*' } } }, 'WILDCARD_WITHOUT_LIKE_OPERATOR'],
    ['identity', { Condition: { StringEquals: { 'aws:SecureTransport': 'true' } } }, 'TYPE_MISMATCH'],
    ['identity', { Condition: { Bool: { 'aws:SecureTransport': 'yes' } } }, 'TYPE_MISMATCH_BOOLEAN'],
    [
      'identity',
      { Condition: { Bool: { 'aws:SecureTransport': [true, false] } } },
      'INVALID_CONDITION_MULTIPLE_BOOLEAN',
    ],
    ['identity', { Condition: { DateLessThan: { 'aws:CurrentTime': 'soon' } } }, 'TYPE_MISMATCH_DATE'],
    ['identity', { Condition: { DateLessThan: { 'aws:CurrentTime': '2030' } } }, 'INVALID_DATE_VALUE'],
    ['identity', { Condition: { IpAddress: { 'aws:SourceIp': 'home' } } }, 'TYPE_MISMATCH_IP_RANGE'],
    ['identity', { Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.7/24' } } }, 'IMPROVE_IP_RANGE'],
    ['identity', { Condition: { NumericEquals: { 'aws:MultiFactorAuthAge': 'x' } } }, 'TYPE_MISMATCH_NUMBER'],
    [
      'identity',
      { Condition: { NumericLessThan: { 'aws:MultiFactorAuthAge': [1, 2] } } },
      'REDUNDANT_CONDITION_VALUE_NUM',
    ],
    ['identity', { Condition: { NullIfExists: { 'aws:username': 'true' } } }, 'NULL_WITH_IF_EXISTS'],
    ['identity', { Condition: { 'ForAnyValue:Null': { 'aws:TagKeys': 'true' } } }, 'NULL_WITH_QUALIFIER'],
    ['identity', { Condition: { StringEquals: { 'aws:TagKeys': 'a' } } }, 'MISSING_QUALIFIER'],
    [
      'identity',
      { Condition: { 'ForAllValues:StringEquals': { 'kms:EncryptionContext:a': 'b' } } },
      'FORALLVALUES_WITH_SINGLE_VALUED_KEY',
    ],
    ['identity', { Condition: { StringEquals: { 'aws:UserAgent': 'a' } } }, 'UNTRUSTWORTHY_CONDITION_KEY'],
    [
      'identity',
      { Condition: { StringLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/a*' } } },
      'STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS',
    ],
    ['identity', { Condition: { StringEquals: { 'kms:ViaService': 's3' } } }, 'INVALID_SERVICE_PRINCIPAL_FORMAT'],
    [
      'identity',
      { Condition: { StringEquals: { 'aws:username': 'a', 'AWS:username': 'b' } } },
      'DUPLICATE_KEYS_WITH_DIFFERENT_CASE',
    ],
    ['rcp', { Principal: '*', Effect: 'Deny', Action: 'iam:GetRole' }, 'RCP_SYNTAX_ERROR_ACTION'],
    ['rcp', { Principal: '*' }, 'RCP_SYNTAX_ERROR_ALLOW'],
    ['rcp', { Effect: 'Deny' }, 'RCP_SYNTAX_ERROR_PRINCIPAL'],
    ['scp', { Principal: '*' }, 'SCP_SYNTAX_ERROR_PRINCIPAL'],
  ])('of the kind %s: %j: %s', (kind, more, code) => {
    expect(inStatement(more, kind)).toContain(code)
  })

  it('are those of a document', () => {
    expect(codes(lint({ Statement: use }))).toEqual(['MISSING_VERSION'])
    expect(codes(lint({ ...documentWith(use), Version: '2012' }))).toEqual(['INVALID_VERSION'])
    expect(codes(lint(documentWith()))).toEqual(['MISSING_STATEMENT'])
    expect(codes(lint(documentWith(use, use)))).toEqual(['REDUNDANT_STATEMENT'])
    expect(codes(lint(documentWith({ ...use, Sid: 'a' }, { ...use, Sid: 'a', Effect: 'Deny' })))).toEqual([
      'UNIQUE_SIDS_REQUIRED',
    ])
    const resource = 'arn:aws:kms:*:*:key/${aws:username}'
    expect(codes(lint({ Version: '2008-10-17', Statement: { ...use, Resource: resource } }))).toEqual([
      'VARIABLE_UNSUPPORTED_IN_VERSION',
    ])
    expect(codes(lintPolicy(JSON.stringify(documentWith(use)), 'scp', { isRegion, quota: 20 }))).toEqual([
      'POLICY_SIZE_EXCEEDS_SCP_QUOTA',
    ])
  })

  it('are a statement, or statements, without a document', () => {
    for (const bare of [use, [use]]) {
      const [finding, ...more] = lint(bare)
      expect(finding).toMatchObject({ findingType: 'ERROR', issueCode: 'MISSING_STATEMENT' })
      expect(finding?.findingDetails).toContain('wrap it in Version and Statement')
      expect(more).toEqual([])
    }
    expect(codes(lint({ ...use, Action: 'kms:Encript' }))).toEqual(['MISSING_STATEMENT', 'INVALID_ACTION'])
  })
})

describe('Where a finding is', () => {
  it('is said as AWS says it', () => {
    const text = JSON.stringify(documentWith({ Sid: '', ...use }), null, 4)
    const [finding] = lint(text)
    expect(finding).toEqual({
      findingType: 'SUGGESTION',
      issueCode: 'EMPTY_SID_VALUE',
      findingDetails: 'Add a value to the empty string in the Sid element.',
      learnMoreLink:
        'https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html' +
        '#access-analyzer-reference-policy-checks-suggestion-empty-sid-value',
      locations: [
        {
          path: [{ value: 'Statement' }, { index: 0 }, { value: 'Sid' }],
          span: { start: { line: 5, column: 19, offset: 79 }, end: { line: 5, column: 21, offset: 81 } },
        },
      ],
    })
  })

  it('is a part of a string, or a name', () => {
    const [variable] = lint(documentWith({ ...use, Resource: 'arn:aws:kms:*:*:key/${aws:usrname}' }))
    expect(variable?.locations[0]?.path.at(-1)).toEqual({ substring: { start: 20, length: 14 } })
    const [name] = lint(documentWith({ ...use, Conditon: {} }))
    expect(name?.locations[0]?.path.at(-1)).toEqual({ key: 'Conditon' })
  })

  it('is what stands there', () => {
    const text = JSON.stringify(documentWith({ ...use, Action: ['kms:Decrypt', 'kms:Encript'] }))
    const [finding] = lint(text)
    const { start, end } = finding?.locations[0]?.span ?? { start: { offset: 0 }, end: { offset: 0 } }
    expect(text.slice(start.offset, end.offset)).toBe('"kms:Encript"')
  })

  it('is told of broken JSON, with what was meant', () => {
    expect(lint('{"Version": "2012-10-17",\n "Statement": [{"Effect": "Allow",}]}')).toMatchObject([
      {
        issueCode: 'JSON_SYNTAX_ERROR',
        findingDetails: expect.stringMatching(/index 60 line 2 column 34\. .*trailing comma/),
      },
    ])
  })
})

describe('Policies of AWS', () => {
  it.each(PUBLISHED)(
    '$name: an ERROR where the parser refuses it, or names what is wrong',
    ({ kind, text, brokenAt }) => {
      const errors = lint(text, kind).filter(({ findingType }) => findingType === 'ERROR')
      if (brokenAt !== undefined) expect(errors.map(({ issueCode }) => issueCode)).toContain('JSON_SYNTAX_ERROR')
    },
  )
})

describe('A policy that the parser refuses', () => {
  const kinds = ['identity', 'key', 'trust', 'scp', 'rcp', 'session'] as const
  const spoiled = fc
    .tuple(documentOf('resource'), fc.nat(), fc.constantFrom('', '"', '{}', '[]', '1', 'x', '*', 'null', '${'))
    .map(([text, at, put]) => text.slice(0, at % text.length) + put + text.slice((at % text.length) + put.length))

  it('has an ERROR, whatever is wrong with it', () => {
    fc.assert(
      fc.property(fc.oneof(spoiled, documentOf('own'), documentOf('rcp')), fc.constantFrom(...kinds), (text, kind) => {
        const isRefused = !parsePolicy(text, kind).ok
        const hasError = lint(text, kind).some(({ findingType }) => findingType === 'ERROR')
        if (isRefused) expect(hasError).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })
})
