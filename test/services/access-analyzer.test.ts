import { execFile, execFileSync } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { principalsOf } from '../clients/principals.ts'
import { send, signRequest } from '../signed-request.ts'
import { HOME, startTestServer, type TestServer } from '../server.ts'

function hasAws(): boolean {
  try {
    execFileSync('aws', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    console.warn('SKIPPED: the AWS command line is not on this machine.')
    return false
  }
}

let server: TestServer

beforeAll(async () => {
  server = await startTestServer({ regions: HOME })
})
afterAll(() => server[Symbol.asyncDispose]())

const identity = (...statements: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements })
const use = { Effect: 'Allow', Action: 'kms:Encrypt', Resource: '*' }

/** As in the AWS CLI's reference of validate-policy, whose places are those of a longer audience than it shows. */
const TRUST = `{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "",
            "Effect": "Allow",
            "Principal": {
                "Federated": "cognito-identity.amazonaws.com"
            },
            "Action": [
                "sts:AssumeRole",
                "sts:TagSession"
            ],
            "Condition": {
                "StringEquals": {
                    "cognito-identity.amazonaws.com:aud": "us-west-2_EXAMPLE01"
                }
            }
        }
    ]
}
`

describe.skipIf(!hasAws())('aws accessanalyzer', () => {
  async function aws(operation: string, ...words: readonly string[]) {
    const env = {
      ...process.env,
      AWS_SHARED_CREDENTIALS_FILE: `${server.path}/aws/credentials`,
      AWS_CONFIG_FILE: `${server.path}/aws/config`,
      AWS_PROFILE: 'keyspan',
    }
    const all = ['accessanalyzer', operation, ...words, '--endpoint-url', server.url, '--output', 'json']
    const { stdout } = await promisify(execFile)('aws', all, { env, encoding: 'utf8' })
    return JSON.parse(stdout) as { findings: { issueCode: string; locations: object[] }[] }
  }

  it('validate-policy answers what AWS documents, place by place', async () => {
    const trust = ['--policy-document', TRUST, '--policy-type', 'RESOURCE_POLICY']
    const { findings } = await aws('validate-policy', ...trust)
    const spans = findings.flatMap(({ issueCode, locations }) =>
      locations.map((location) => [issueCode, ...placesIn(location)]),
    )
    expect(spans).toEqual([
      ['EMPTY_SID_VALUE', 5, 19, 79, 5, 21, 81],
      ['MISMATCHED_ACTION_FOR_PRINCIPAL', 11, 16, 258, 11, 32, 274],
      ['MISMATCHED_ACTION_FOR_PRINCIPAL', 8, 29, 170, 8, 61, 202],
      ['UNSUPPORTED_ACTION_FOR_CONDITION_KEY', 12, 16, 292, 12, 32, 308],
      ['UNSUPPORTED_ACTION_FOR_CONDITION_KEY', 16, 58, 443, 16, 79, 464],
    ])
    const paged = await aws('validate-policy', ...trust, '--page-size', '1')
    expect(paged.findings).toEqual(findings)
  }, 60_000)

  it('check-access-not-granted, check-no-new-access and check-no-public-access answer as AWS documents', async () => {
    const s3 = { Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: 'arn:aws:s3:::bucket/*' }
    const type = ['--policy-type', 'IDENTITY_POLICY']
    const answers = await Promise.all([
      aws(
        'check-access-not-granted',
        '--policy-document',
        identity(s3),
        '--access',
        'actions=s3:DeleteBucket',
        ...type,
      ),
      aws(
        'check-no-new-access',
        '--existing-policy-document',
        identity(s3),
        '--new-policy-document',
        identity({ ...s3, Action: [...s3.Action, 's3:GetObjectAcl'] }),
        ...type,
      ),
      aws(
        'check-no-public-access',
        '--policy-document',
        identity({ ...use, Principal: { AWS: '111122223333' } }),
        '--resource-type',
        'AWS::KMS::Key',
      ),
    ])
    expect(answers).toEqual([
      {
        result: 'PASS',
        message: 'The policy document does not grant access to perform one or more of the listed actions.',
      },
      {
        result: 'FAIL',
        message: 'The modified permissions grant new access compared to your existing policy.',
        reasons: [{ description: 'New access in the statement with index: 0.', statementIndex: 0 }],
      },
      { result: 'PASS', message: 'The resource policy does not grant public access for the given resource type.' },
    ])
  }, 60_000)

  it('is told what is not served', async () => {
    await expect(aws('get-analyzer', '--analyzer-name', 'mine')).rejects.toThrow('GetAnalyzer is not supported')
  }, 60_000)
})

function placesIn(location: object): readonly number[] {
  const { span } = location as { span: Record<'start' | 'end', { line: number; column: number; offset: number }> }
  return [span.start, span.end].flatMap(({ line, column, offset }) => [line, column, offset])
}

describe('Access Analyzer', () => {
  type Credentials = { readonly accessKeyId: string; readonly secretAccessKey: string }

  async function ask(path: string, body: object, credentials?: Credentials, query: Record<string, string> = {}) {
    const request = await signRequest({
      url: server.url,
      credentials: credentials ?? (await server.credentials()),
      service: 'access-analyzer',
      path: `/policy/${path}`,
      query,
      body: JSON.stringify(body),
    })
    const { status, text, headers } = await send(server.url, request)
    return { status, error: headers.get('x-amzn-errortype'), body: JSON.parse(text) as Record<string, unknown> }
  }

  const valid = { policyDocument: identity(use), policyType: 'IDENTITY_POLICY' }

  it('needs the permission of each operation', async () => {
    const owner = await principalsOf(server, HOME)
    const user = await owner.user(
      identity({ Effect: 'Allow', Action: 'access-analyzer:ValidatePolicy', Resource: '*' }),
    )
    expect(await ask('validation', valid, user.credentials)).toMatchObject({ status: 200, body: { findings: [] } })
    const two = {
      newPolicyDocument: identity(use),
      existingPolicyDocument: identity(use),
      policyType: 'IDENTITY_POLICY',
    }
    expect(await ask('check-no-new-access', two, user.credentials)).toMatchObject({
      status: 403,
      error: 'AccessDeniedException',
      body: { message: expect.stringContaining('access-analyzer:CheckNoNewAccess') },
    })
  })

  it('gives findings by pages', async () => {
    const document = { ...valid, policyDocument: identity({ ...use, Action: ['kms:A', 'kms:B', 'kms:C'] }) }
    const first = await ask('validation', document, undefined, { maxResults: '2' })
    expect(first.body['findings']).toHaveLength(2)
    const nextToken = String(first.body['nextToken'])
    const second = await ask('validation', document, undefined, { maxResults: '2', nextToken })
    expect(second.body['findings']).toHaveLength(1)
    expect(second.body).not.toHaveProperty('nextToken')
    expect(await ask('validation', document, undefined, { nextToken: 'mine' })).toMatchObject({
      status: 400,
      error: 'ValidationException',
      body: { message: expect.stringContaining('nextToken'), reason: 'fieldValidationFailed' },
    })
  })

  it('knows the policies of keys and roles by their type', async () => {
    const policyDocument = identity({ ...use, Principal: { AWS: '111122223333' } })
    const key = { policyDocument, policyType: 'RESOURCE_POLICY', validatePolicyResourceType: 'AWS::KMS::Key' }
    expect((await ask('validation', key)).body['findings']).toMatchObject([{ issueCode: 'KEY_POLICY_LOCKOUT' }])
    const any = { policyDocument, policyType: 'RESOURCE_POLICY' }
    expect((await ask('validation', any)).body['findings']).toEqual([])
  })

  it.each<[string, object, string, string]>([
    ['validation', { ...valid, locale: 'DE' }, 'ValidationException', 'Findings are told in English'],
    ['validation', { ...valid, policyType: 'KEY_POLICY' }, 'ValidationException', 'policyType'],
    ['validation', { ...valid, policyDocument: ' '.repeat(40_000) }, 'ValidationException', '32768'],
    [
      'validation',
      { ...valid, validatePolicyResourceType: 'AWS::KMS::Key' },
      'ValidationException',
      'goes with the policyType RESOURCE_POLICY',
    ],
    [
      'validation',
      { ...valid, policyType: 'RESOURCE_POLICY', validatePolicyResourceType: 'AWS::S3::Bucket' },
      'ValidationException',
      'AWS::S3::Bucket are not done here',
    ],
    [
      'check-access-not-granted',
      { ...valid, access: [{ actions: ['kms:Encript'] }] },
      'InvalidParameterException',
      'Did you mean kms:Encrypt?',
    ],
    ['check-access-not-granted', { ...valid, access: [{}] }, 'InvalidParameterException', 'neither actions nor'],
    ['check-access-not-granted', { ...valid, access: [] }, 'InvalidParameterException', 'neither actions nor'],
    [
      'check-access-not-granted',
      { policyDocument: '{', policyType: 'IDENTITY_POLICY', access: [{ actions: ['kms:Encrypt'] }] },
      'InvalidParameterException',
      'policyDocument is no policy of this type',
    ],
    [
      'check-no-public-access',
      { policyDocument: identity(use), resourceType: 'AWS::S3::Bucket' },
      'InvalidParameterException',
      'AWS::S3::Bucket is not served here',
    ],
  ])('at %s refuses %j', async (path, body, error, message) => {
    expect(await ask(path, body)).toMatchObject({
      status: 400,
      error,
      body: { message: expect.stringContaining(message) },
    })
  })

  it('says that it cannot tell, rather than that a policy is fine', async () => {
    const Resource = Array.from({ length: 700 }, (_, index) => `arn:aws:kms:*:*:key/*${index}*`)
    const Action = Array.from({ length: 300 }, (_, index) => `kms:*${index}*`)
    const [one, other] = [
      identity({ ...use, Action, Resource }),
      identity({ ...use, Action: Action.toReversed(), Resource: Resource.toReversed() }),
    ]
    const asked = { newPolicyDocument: one, existingPolicyDocument: other, policyType: 'IDENTITY_POLICY' }
    expect(await ask('check-no-new-access', asked)).toMatchObject({
      status: 422,
      error: 'UnprocessableEntityException',
      body: { message: expect.stringContaining('too large to tell') },
    })
  })

  it('does not record the policies that it checks', async () => {
    const secret = { ...valid, policyDocument: identity({ ...use, Sid: 'VerySecretName' }) }
    await ask('validation', secret)
    const { stdout } = await promisify(execFile)('grep', ['-rl', 'VerySecretName', server.path]).catch(() => ({
      stdout: '',
    }))
    expect(stdout).toBe('')
  })
})
