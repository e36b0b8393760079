import fc from 'fast-check'
import { createHmac, createSecretKey, hash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { signRequest, type RequestPlan } from '../../test/signed-request.ts'
import { createSignatureVerifier, parseSignature, signHeaders } from './sigv4.ts'
import type { WireRequest } from './wire.ts'

const NOW = Date.UTC(2026, 10, 25, 12, 0, 0)
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }

const secretOf = (secretAccessKey: string) => createSecretKey(Buffer.from(`AWS4${secretAccessKey}`))
const secret = secretOf(credentials.secretAccessKey)

const base: WireRequest = {
  method: 'POST',
  path: '/',
  query: '',
  headers: {},
  body: Buffer.of(),
  sourceIp: '192.0.2.1',
  secure: false,
}

async function signed(plan: Partial<RequestPlan> = {}): Promise<WireRequest> {
  const url = 'http://localhost:8080'
  const { body, ...rest } = await signRequest({ url, credentials, at: new Date(NOW), ...plan })
  return { ...base, ...rest, body: Buffer.from(body) }
}

/** Signs a canonical request that is given as text, as AWS's description says; also what no client of AWS's makes. */
function signText(canonical: string, signedHeaders: string, scopeDate = '20261125'): string {
  const scope = `${scopeDate}/us-east-1/kms/aws4_request`
  const mac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  const key = scope.split('/').reduce(mac, Buffer.from(`AWS4${credentials.secretAccessKey}`))
  const toSign = `AWS4-HMAC-SHA256\n20261125T120000Z\n${scope}\n${hash('sha256', canonical)}`
  const signature = mac(key, toSign).toString('hex')
  const credential = `${credentials.accessKeyId}/${scope}`
  return `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`
}

/** A GET without a body that is signed with a canonical query of the test's own choice. */
function signedGet(query: string, canonicalQuery: string, scopeDate?: string): WireRequest {
  const lines = ['GET', '/', canonicalQuery, 'host:localhost', 'x-amz-date:20261125T120000Z', '', 'host;x-amz-date']
  const authorization = signText([...lines, hash('sha256', '')].join('\n'), 'host;x-amz-date', scopeDate)
  const headers = { host: 'localhost', 'x-amz-date': '20261125T120000Z', authorization }
  return { ...base, method: 'GET', query, headers }
}

/** The code and the message of a refusal; null where the signature is good. */
function judge(request: WireRequest, now = NOW, key = secret) {
  const parsed = parseSignature(request)
  return 'code' in parsed ? parsed : createSignatureVerifier(() => now).verify(request, parsed, key)
}

const withHeaders = (request: WireRequest, headers: Readonly<Record<string, string>>): WireRequest => ({
  ...request,
  headers: { ...request.headers, ...headers },
})

const authorizationOf = ({ headers }: WireRequest) => headers['authorization'] ?? ''

describe('The signature of AWS’s documentation', () => {
  const request: WireRequest = {
    ...base,
    method: 'GET',
    query: 'Action=ListUsers&Version=2010-05-08',
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      host: 'iam.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, ' +
        'SignedHeaders=content-type;host;x-amz-date, ' +
        'Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    },
  }
  const then = Date.UTC(2015, 7, 30, 12, 36, 0)

  it('is good, in whatever order the query stands', () => {
    expect(judge(request, then)).toBeNull()
    expect(judge({ ...request, query: 'Version=2010-05-08&Action=ListUsers' }, then)).toBeNull()
  })

  it('is taken apart into its pieces', () => {
    expect(parseSignature(request)).toMatchObject({
      accessKeyId: 'AKIDEXAMPLE',
      date: '20150830',
      region: 'us-east-1',
      service: 'iam',
      signedHeaders: ['content-type', 'host', 'x-amz-date'],
      amzDate: '20150830T123600Z',
      sessionToken: null,
    })
  })

  it('is of no use with another secret, even when the verifier knows the right one’s key already', () => {
    const verifier = createSignatureVerifier(() => then)
    const parsed = parseSignature(request)
    if ('code' in parsed) throw new Error(parsed.message)
    expect(verifier.verify(request, parsed, secret)).toBeNull()
    expect(verifier.verify(request, parsed, secretOf('wrong'))).toMatchObject({ code: 'InvalidSignatureException' })
    expect(verifier.verify(request, parsed, secret)).toBeNull()
  })
})

const text = fc.string({ maxLength: 12, unit: 'grapheme' })
const headerText = fc.string({
  maxLength: 12,
  unit: fc.constantFrom('a', 'Z', '0', ' ', '\t', ',', ';', '=', '"', '/'),
})
const plan = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT'),
  path: fc
    .array(fc.oneof(fc.constantFrom('', '.', '..', 'a'), text.map(encodeURIComponent)), { maxLength: 4 })
    .map((steps) => `/${steps.join('/')}`),
  // AWS's signer, which keeps the query in an object, loses this one name.
  query: fc.dictionary(
    text.filter((name) => name !== '__proto__'),
    text,
    { maxKeys: 3 },
  ),
  headers: fc.dictionary(fc.constantFrom('x-amz-a', 'x-amz-b', 'x-other', 'content-type'), headerText),
  body: fc.uint8Array({ maxLength: 40 }),
  region: fc.constantFrom('us-east-1', 'eu-central-1'),
  service: fc.constantFrom('kms', 'sts'),
  credentials: fc.record({ accessKeyId: fc.constant('AKID'), secretAccessKey: fc.string({ minLength: 1 }) }),
})

describe('A signature by AWS’s own signer', () => {
  it('is good for any request, and for no other method, path, query, header, body or date', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async (plan) => {
        const request = await signed(plan)
        const key = secretOf(plan.credentials.secretAccessKey)
        expect(judge(request, NOW, key)).toBeNull()
        const others: readonly WireRequest[] = [
          { ...request, method: 'DELETE' },
          { ...request, path: `${request.path}/other` },
          { ...request, query: `${request.query}&more=1` },
          { ...request, body: Buffer.concat([request.body, Buffer.of(0)]) },
          withHeaders(request, { host: 'elsewhere' }),
          withHeaders(request, { 'x-amz-date': '20261125T120001Z' }),
          withHeaders(request, { 'x-amz-security-token': 'added' }),
          ...Object.keys(plan.headers).map((name) => withHeaders(request, { [name]: `${request.headers[name]}!` })),
        ]
        for (const other of others) expect(judge(other, NOW, key)).toMatchObject({ code: 'InvalidSignatureException' })
        expect(judge(request, NOW, secretOf('another'))).toMatchObject({ code: 'InvalidSignatureException' })
      }),
      { numRuns: 150 },
    )
  })

  it('is of no use when any one byte of it has changed', async () => {
    const request = await signed()
    const authorization = authorizationOf(request)
    for (const [index, old] of authorization.split('').entries()) {
      const spoiled = `${authorization.slice(0, index)}${old === 'x' ? 'y' : 'x'}${authorization.slice(index + 1)}`
      // The caller's own id is looked up by its caller; another's secret would make another signature.
      if (parsedId(spoiled) !== credentials.accessKeyId) continue
      expect(judge(withHeaders(request, { authorization: spoiled })), spoiled).not.toBeNull()
    }
  })

  it('covers the session token', async () => {
    const request = await signed({ credentials: { ...credentials, sessionToken: 'token' } })
    expect(judge(request)).toBeNull()
    expect(parseSignature(request)).toMatchObject({ sessionToken: 'token' })
    expect(judge(withHeaders(request, { 'x-amz-security-token': 'other' }))).not.toBeNull()
  })
})

function parsedId(authorization: string): string | null {
  const parsed = parseSignature(withHeaders(base, { authorization, 'x-amz-date': '20261125T120000Z' }))
  return 'code' in parsed ? credentials.accessKeyId : parsed.accessKeyId
}

describe('A query', () => {
  it('has one meaning under one signature: a plus is a space', () => {
    expect(judge(signedGet('a=b+c', 'a=b%20c'))).toBeNull()
    expect(judge(signedGet('a=b%2Bc', 'a=b%2Bc'))).toBeNull()
    expect(judge(signedGet('a=b+c', 'a=b%2Bc'))).not.toBeNull()
  })

  it.each(['a=%zz', 'a=%', '%ff=1', 'a=%C3'])('that is not well encoded, such as %s, is signed by nobody', (query) => {
    expect(judge(signedGet(query, query))).toMatchObject({ code: 'InvalidSignatureException' })
    const doubled = query.replaceAll('%', '%25')
    expect(judge(signedGet(query, doubled.includes('=') ? doubled : `${doubled}=`))).not.toBeNull()
  })
})

const malformed: readonly (readonly [string, string, string])[] = [
  [
    'without any parameter',
    'AWS4-HMAC-SHA256 A=b',
    "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. " +
      "Authorization header requires 'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256 A=b",
  ],
  [
    'with a part that is no pair',
    'AWS4-HMAC-SHA256 Credential',
    "'Credential' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 Credential'.",
  ],
  [
    'with too short a scope',
    'AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0',
    "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b'",
  ],
]

describe('A header Authorization', () => {
  it.each(malformed)('%s is refused with what is wrong', (_, authorization, message) => {
    const request = withHeaders(base, { authorization, 'x-amz-date': '20261125T120000Z' })
    expect(judge(request)).toEqual({ code: 'IncompleteSignatureException', message })
  })

  it('that says anything twice is refused: two readers could take it in two ways', async () => {
    const request = await signed()
    for (const more of [', Signature=00', ', Credential=a/20261125/b/kms/aws4_request', ',Signature=00']) {
      const authorization = authorizationOf(request) + more
      expect(judge(withHeaders(request, { authorization }))).toMatchObject({ code: 'IncompleteSignatureException' })
    }
    const doubled = `${authorizationOf(request)},${authorizationOf(request)}`
    expect(judge(withHeaders(request, { authorization: doubled }))).not.toBeNull()
  })

  it('with another end of its scope is refused', async () => {
    const request = await signed()
    const authorization = authorizationOf(request).replace('aws4_request', 'aws5_request')
    expect(judge(withHeaders(request, { authorization }))).toMatchObject({
      code: 'InvalidSignatureException',
      message: expect.stringContaining("valid terminator: 'aws4_request'"),
    })
  })

  it('of the asymmetric algorithm, or in the query, says which form is taken', async () => {
    const authorization = authorizationOf(await signed()).replace('HMAC-SHA256', 'ECDSA-P256-SHA256')
    expect(judge(withHeaders(base, { authorization }))?.message).toContain('Sign with AWS4-HMAC-SHA256')
    expect(judge({ ...base, query: 'X-Amz-Signature=00' })?.message).toContain('Authorization header')
    expect(judge(base)).toEqual({
      code: 'MissingAuthenticationTokenException',
      message: 'Missing Authentication Token',
    })
  })

  it('is taken apart or refused, and never throws, whatever stands in the request', () => {
    const piece = fc.constantFrom('AWS4-HMAC-SHA256 ', 'Credential=', 'a/20261125/us-east-1/kms/aws4_request', ',', ' ')
    const more = fc.constantFrom('SignedHeaders=', 'host;x-amz-date', ';constructor', 'Signature=', '0'.repeat(64), '=')
    const authorization = fc.array(fc.oneof(piece, more, fc.string()), { maxLength: 12 }).map((parts) => parts.join(''))
    const hostile = fc.record({
      method: fc.string(),
      path: fc.string({ unit: 'binary' }),
      query: fc.string({ unit: 'binary' }),
      headers: fc
        .record(
          { authorization, date: fc.string(), 'x-amz-date': fc.oneof(fc.string(), fc.constant('20261125T120000Z')) },
          { requiredKeys: [] },
        )
        .map((headers) => ({ ...headers, host: 'localhost' })),
    })
    fc.assert(
      fc.property(hostile, (part) => {
        expect(judge({ ...base, ...part })).toMatchObject({
          code: expect.stringMatching(/^(IncompleteSignature|InvalidSignature|MissingAuthenticationToken)Exception$/),
        })
      }),
      { numRuns: 500 },
    )
  })

  it('cannot name what all objects have in common among the signed headers', () => {
    const authorization = signText('', 'host;constructor;x-amz-date')
    const headers = { host: 'localhost', 'x-amz-date': '20261125T120000Z', authorization }
    expect(judge({ ...base, headers })).toMatchObject({ code: 'InvalidSignatureException' })
  })
})

describe('The date of a signature', () => {
  it('is that of its scope, all of it', () => {
    expect(judge(signedGet('', ''))).toBeNull()
    for (const date of ['2', '2026112', '20261124']) {
      expect(judge(signedGet('', '', date))?.message).toContain('Date in Credential scope does not match YYYYMMDD')
    }
  })

  it('is at most five minutes off, to the second, in AWS’s words', async () => {
    const request = await signed()
    const minutes = 5 * 60_000
    expect(judge(request, NOW + minutes)).toBeNull()
    expect(judge(request, NOW - minutes)).toBeNull()
    expect(judge(request, NOW + minutes + 1000)).toEqual({
      code: 'InvalidSignatureException',
      message: 'Signature expired: 20261125T120000Z is now earlier than 20261125T120001Z (20261125T120501Z - 5 min.)',
    })
    expect(judge(request, NOW - minutes - 1000)).toEqual({
      code: 'InvalidSignatureException',
      message:
        'Signature not yet current: 20261125T120000Z is still later than 20261125T115959Z (20261125T115459Z + 5 min.)',
    })
  })

  it.each(['20261325T120000Z', '20261125T250000Z', '2026-11-25', 'now', '20261125T120000Z,20261125T120000Z'])(
    'is refused as %s',
    async (date) => {
      const request = withHeaders(await signed(), { 'x-amz-date': date })
      expect(judge(request)).toMatchObject({ code: 'IncompleteSignatureException' })
    },
  )
})

describe('A header', () => {
  it.each(['UNSIGNED-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD', '0'.repeat(64), ''])(
    'X-Amz-Content-Sha256 that says %s is refused, for the body must be signed as it is',
    async (claimed) => {
      const request = await signed({ headers: { 'x-amz-content-sha256': claimed } })
      const refusal = judge(withHeaders(request, { 'x-amz-content-sha256': claimed }))
      expect(refusal).toMatchObject({
        code: 'InvalidSignatureException',
        message: expect.stringMatching(/x-amz-content-sha256/i),
      })
    },
  )

  it('is signed without what stands around it, and with one space for several', async () => {
    const request = await signed({ headers: { 'x-amz-a': '  a   b\t\tc ' } })
    expect(judge(request)).toBeNull()
    expect(judge(withHeaders(request, { 'x-amz-a': 'a b c' }))).toBeNull()
    expect(judge(withHeaders(request, { 'x-amz-a': 'a bc' }))).not.toBeNull()
  })
})

describe('A request that is signed here', () => {
  const request = { ...base, query: 'b=2&a=1', headers: { host: 'localhost', 'content-type': 'text/plain' } }
  const signer = { accessKeyId: credentials.accessKeyId, secret, region: 'us-east-1', service: 'kms' }

  it('has a good signature of every header that it has, and of its body', () => {
    const headers = signHeaders({ ...request, body: Buffer.from('{}') }, signer, NOW)
    expect(headers['authorization']).toContain('SignedHeaders=content-type;host;x-amz-date,')
    const sent = { ...request, headers, body: Buffer.from('{}') }
    expect(judge(sent)).toBeNull()
    expect(judge({ ...sent, body: Buffer.from('{"a":1}') })).not.toBeNull()
    expect(judge(withHeaders(sent, { 'content-type': 'text/html' }))).not.toBeNull()
  })

  it('is signed as AWS’s own signer does it', async () => {
    const body = hash('sha256', '')
    const theirs = await signed({ body: '', headers: { 'x-amz-content-sha256': body } })
    const { authorization, 'x-amz-date': _date, ...plain } = theirs.headers
    expect(signHeaders({ ...theirs, headers: plain }, signer, NOW)['authorization']).toBe(authorization)
  })
})

describe('A claim that has come before', () => {
  const scope = '20261125/us-east-1/kms/aws4_request'
  const read = (authorization: string) =>
    parseSignature({ ...base, headers: { authorization, 'x-amz-date': '20261125T120000Z' } })
  const [one, other] = ['0'.repeat(64), 'f'.repeat(64)]

  it.each([
    `Credential=AKID/${scope}, SignedHeaders=host;x-amz-date, Signature=`,
    `Credential=AKID/${scope},SignedHeaders=host,Signature=`,
    `SignedHeaders=host , Credential=AKID/${scope} ,  Signature=`,
    `Credential=AKID/${scope}, SignedHeaders=${'x-amz-meta-long;'.repeat(100)}host, Signature=`,
  ])('is read as the first time: %j', (claim) => {
    const first = read(`AWS4-HMAC-SHA256 ${claim}${one}`)
    expect(first).toMatchObject({ accessKeyId: 'AKID', signature: Buffer.from(one, 'hex') })
    for (const signature of [other, one]) {
      const again = read(`AWS4-HMAC-SHA256 ${claim}${signature}`)
      expect(again).toEqual({ ...first, signature: Buffer.from(signature, 'hex') })
    }
  })

  it('makes no more of a signature that is none', () => {
    const claim = `AWS4-HMAC-SHA256 Credential=AKID/${scope}, SignedHeaders=host;x-amz-date, Signature=`
    const wrong = [
      '0'.repeat(63),
      '0'.repeat(65),
      `${'0'.repeat(63)}G`,
      `${'0'.repeat(62)}F0`,
      `${one}, Signature=${one}`,
      '',
    ]
    const before = wrong.map((signature) => read(claim + signature))
    read(claim + one)
    expect(wrong.map((signature) => read(claim + signature))).toEqual(before)
    expect(before.every((refusal) => 'code' in refusal)).toBe(true)
  })
})
