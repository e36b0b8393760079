import { request } from 'node:http'
import fc from 'fast-check'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { send, signRequest, type RequestPlan, type SignedRequest } from './signed-request.ts'
import { startTestServer, type TestServer } from './server.ts'

let server: TestServer
let credentials: { accessKeyId: string; secretAccessKey: string }

beforeAll(async () => {
  server = await startTestServer()
  credentials = await server.credentials()
})
afterAll(() => server[Symbol.asyncDispose]())

/** Sends a request that is signed as planned, then spoiled. */
async function ask(plan: Partial<RequestPlan>, spoil: (request: SignedRequest) => void = () => {}) {
  const request = await signRequest({ url: server.url, credentials, target: 'TrentService.ListKeys', ...plan })
  spoil(request)
  const { status, headers, text } = await send(server.url, request)
  const isJson = (headers.get('content-type') ?? '').includes('json') && text !== ''
  return { status, headers, text, json: (isJson ? JSON.parse(text) : {}) as Record<string, unknown> }
}

const refusal = (code: string, message: unknown = expect.any(String)) => ({
  status: 400,
  json: { __type: code, message },
})

describe('A signature', () => {
  it('is good when AWS’s own signer has made it', async () => {
    const { status, headers, json } = await ask({})
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('application/x-amz-json-1.1')
    expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/)
    expect(json).toEqual({ Keys: [], Truncated: false })
  })

  it('is good with odd paths, queries and header values', async () => {
    const odd = {
      path: '/a/./b%20c//',
      query: { z: '1', 'a b': "x'y*(z)", A: '' },
      headers: { 'x-amz-meta': ' a   b ' },
    }
    expect((await ask(odd)).status).toBe(200)
  })

  it.each([
    {},
    {
      Authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAUNKNOWN/20260101/us-east-1/kms/aws4_request, SignedHeaders=host, Signature=' +
        '0'.repeat(64),
      'X-Amz-Date': '20260101T000000Z',
    },
  ])('that cannot be good is refused before a long body has come: %j', async (headers) => {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
    const asking = request(server.url, { method: 'POST', headers: { ...headers, 'Content-Length': 500_000 } })
    asking.on('response', (response) => resolve(response.statusCode))
    asking.on('error', reject)
    asking.write('x')
    expect(await promise).toBe(400)
    asking.destroy()
  })

  it('must be there', async () => {
    const missing = (request: SignedRequest) => delete request.headers['authorization']
    expect(await ask({}, missing)).toMatchObject(
      refusal('MissingAuthenticationTokenException', 'Missing Authentication Token'),
    )
  })

  it.each(['method', 'path', 'query', 'body', 'x-amz-target', 'x-amz-date', 'content-type', 'authorization'])(
    'is of no use when the %s has changed',
    async (part) => {
      const { json } = await ask({}, (request) => {
        if (part === 'method') request.method = 'PUT'
        else if (part === 'path') request.path = '/other'
        else if (part === 'query') request.query = 'a=b'
        else if (part === 'body') request.body = Buffer.from('{"Limit":1}')
        else if (part === 'x-amz-target') request.headers[part] = 'TrentService.CreateKey'
        else if (part === 'content-type') request.headers[part] = 'application/json'
        else if (part === 'x-amz-date') request.headers[part] = (request.headers[part] ?? '').replace(/\dZ$/, '!Z')
        else request.headers[part] = (request.headers[part] ?? '').replace(/.$/, (end) => (end === '0' ? '1' : '0'))
      })
      expect(json['__type']).toBe(part === 'x-amz-date' ? 'IncompleteSignatureException' : 'InvalidSignatureException')
    },
  )

  it('must cover the host and every header of AWS’s', async () => {
    const added = (request: SignedRequest) => (request.headers['x-amz-other'] = 'added')
    expect(await ask({}, added)).toMatchObject(
      refusal('InvalidSignatureException', "'x-amz-other' must be a 'SignedHeader' in the AWS Authorization."),
    )
    const uncovered = (request: SignedRequest) => {
      request.headers['authorization'] = (request.headers['authorization'] ?? '').replace('host;', '')
    }
    expect(await ask({}, uncovered)).toMatchObject(
      refusal('InvalidSignatureException', expect.stringContaining('Host')),
    )
  })

  it('is fresh: at most five minutes from now in either direction', async () => {
    const at = (minutes: number) => new Date(Date.now() + minutes * 60_000)
    expect((await ask({ at: at(-4) })).status).toBe(200)
    expect((await ask({ at: at(4) })).status).toBe(200)
    expect(await ask({ at: at(-6) })).toMatchObject(
      refusal(
        'InvalidSignatureException',
        expect.stringMatching(/^Signature expired: \d{8}T\d{6}Z is now earlier than/),
      ),
    )
    expect(await ask({ at: at(6) })).toMatchObject(
      refusal('InvalidSignatureException', expect.stringMatching(/^Signature not yet current: .* is still later than/)),
    )
  })

  it('must be by a known key with its own secret, and without a token that nobody gave out', async () => {
    const unknown = { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'x' }
    const invalid = refusal('UnrecognizedClientException', 'The security token included in the request is invalid.')
    expect(await ask({ credentials: unknown })).toMatchObject(invalid)
    expect(await ask({ credentials: { ...credentials, sessionToken: 'token' } })).toMatchObject(invalid)
    expect(await ask({ credentials: { ...credentials, secretAccessKey: 'wrong' } })).toMatchObject(
      refusal('InvalidSignatureException', expect.stringContaining('does not match the signature you provided')),
    )
  })

  it('must be for this service and a Region that is served', async () => {
    expect(await ask({ service: 's3' })).toMatchObject(
      refusal('InvalidSignatureException', "Credential should be scoped to correct service: 'kms'. "),
    )
    expect(await ask({ region: 'eu-west-9' })).toMatchObject(
      refusal('InvalidSignatureException', expect.stringContaining("not 'eu-west-9'")),
    )
  })

  it('must be in the header, and of the one algorithm', async () => {
    const presigned = (request: SignedRequest) => {
      delete request.headers['authorization']
      request.query = 'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00'
    }
    expect(await ask({}, presigned)).toMatchObject(refusal('IncompleteSignatureException'))
    const asymmetric = (request: SignedRequest) => {
      request.headers['authorization'] = (request.headers['authorization'] ?? '').replace(
        'AWS4-HMAC-SHA256',
        'AWS4-ECDSA-P256-SHA256',
      )
    }
    expect(await ask({}, asymmetric)).toMatchObject(refusal('IncompleteSignatureException'))
  })

  it('is refused and never breaks the server, whatever stands in the header', async () => {
    const authorization = fc.oneof(
      fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)), minLength: 1 }),
      fc
        .array(
          fc.constantFrom('Credential=', 'SignedHeaders=', 'Signature=', 'a/b/c/d/aws4_request', ',', ';', 'host', '0'),
        )
        .map((parts) => `AWS4-HMAC-SHA256 ${parts.join('')}`),
    )
    await fc.assert(
      fc.asyncProperty(authorization, async (value) => {
        const { status, json } = await ask({}, (request) => (request.headers['authorization'] = value))
        expect(status).toBe(400)
        expect(json['__type']).toMatch(/^(IncompleteSignature|InvalidSignature|UnrecognizedClient|MissingAuth)/)
      }),
      { numRuns: 200 },
    )
  })
})

describe('A request', () => {
  it.each([
    ['{', 'SerializationException'],
    ['[]', 'SerializationException'],
    ['"text"', 'SerializationException'],
    ['{"Limit":"five"}', 'SerializationException'],
    ['{"Limit":1.5}', 'SerializationException'],
    ['{"Limit":0}', 'ValidationException'],
    [`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, 'SerializationException'],
  ])('with the body %s is refused', async (body, code) => {
    expect(await ask({ body })).toMatchObject(refusal(code))
  })

  it('with bytes that are no UTF-8 is refused', async () => {
    expect(await ask({ body: Buffer.from('{"Marker":"\xff"}', 'latin1') })).toMatchObject(
      refusal('SerializationException'),
    )
  })

  it('without a body is one without members', async () => {
    expect((await ask({ body: '' })).status).toBe(200)
  })

  it('with a member that is null is one without it', async () => {
    expect((await ask({ body: '{"Limit":null}' })).status).toBe(200)
  })

  it('with a member of the wrong type says which', async () => {
    const body = '{"KeyId":7}'
    expect(await ask({ target: 'TrentService.DescribeKey', body })).toMatchObject(
      refusal('SerializationException', expect.stringContaining('keyId')),
    )
    expect(await ask({ target: 'TrentService.DescribeKey', body: '{}' })).toMatchObject(
      refusal(
        'ValidationException',
        "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
      ),
    )
  })

  it('with half a character in its encryption context is refused', async () => {
    const input = { KeyId: 'alias/any', Plaintext: 'aGVsbG8=' }
    for (const context of ['{"\\ud800":"a"}', '{"a":"\\ud800"}']) {
      const body = JSON.stringify(input).replace('}', `,"EncryptionContext":${context}}`)
      expect(await ask({ target: 'TrentService.Encrypt', body })).toMatchObject(refusal('SerializationException'))
    }
  })

  it('cannot reach what all objects have in common', async () => {
    const body = '{"__proto__":{"Limit":1},"constructor":{"prototype":{"Limit":1}}}'
    expect((await ask({ body })).json).toEqual({ Keys: [], Truncated: false })
  })

  it('for an operation that there is not is refused, and for one that is missing here too, otherwise', async () => {
    expect(await ask({ target: 'TrentService.Nonsense' })).toMatchObject(refusal('UnknownOperationException'))
    expect(await ask({ target: 'Other.ListKeys' })).toMatchObject(refusal('UnknownOperationException'))
    expect(await ask({ target: 'nonsense' })).toMatchObject(refusal('UnknownOperationException'))
    const missing = { service: 'organizations', target: 'AWSOrganizationsV20161128.CloseAccount' }
    const answer = await ask(missing)
    expect(answer).toMatchObject({ status: 400, json: { __type: 'UnsupportedOperationException' } })
    expect(answer.text).toContain('CloseAccount is not supported by this server yet.')
  })

  it('that is too long is refused before it has come in whole', async () => {
    const { status, json } = await ask({ body: ' '.repeat(512 * 1024 + 1) })
    expect(status).toBe(413)
    expect(json['__type']).toBe('RequestEntityTooLargeException')
  })

  it('that is no HTTP ends the connection, and the next one is served', async () => {
    const { hostname, port } = new URL(server.url)
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), hostname, () => socket.write('\x16\x03\x01 nonsense\r\n\r\n'))
      let text = ''
      socket.on('data', (chunk) => (text += chunk.toString()))
      socket.on('close', () => resolve(text))
      socket.on('error', () => resolve(text))
    })
    expect(answer).toContain('400 Bad Request')
    expect((await ask({})).status).toBe(200)
  })

  it('that says nothing answers an empty body where the operation has no output', async () => {
    const { json } = await ask({ target: 'TrentService.CreateKey' })
    const { KeyId } = json['KeyMetadata'] as { KeyId: string }
    const answer = await ask({ target: 'TrentService.DisableKey', body: JSON.stringify({ KeyId }) })
    expect(answer).toMatchObject({ status: 200, text: '' })
    expect(answer.headers.get('content-length')).toBe('0')
  })
})

describe('STS', () => {
  const form = (action: string) => ({
    service: 'sts',
    body: `Action=${action}&Version=2011-06-15`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })

  it('says who the caller is, in XML', async () => {
    const { status, text } = await ask(form('GetCallerIdentity'))
    expect(status).toBe(200)
    expect(text).toContain('<Arn>arn:aws:iam::111122223333:root</Arn>')
    expect(text).toContain('<Account>111122223333</Account>')
    expect(text).toMatch(/<ResponseMetadata><RequestId>[0-9a-f-]{36}</)
  })

  it('refuses in XML, with the codes of its own protocol', async () => {
    expect((await ask(form('Nonsense'))).text).toContain('<Code>InvalidAction</Code>')
    expect((await ask(form('AssumeRoleWithSAML'))).text).toContain('<Code>UnsupportedOperation</Code>')
    const wrong = { ...form('GetCallerIdentity'), credentials: { ...credentials, secretAccessKey: 'wrong' } }
    expect((await ask(wrong)).text).toContain('<Code>SignatureDoesNotMatch</Code>')
    const unsigned = (request: SignedRequest) => delete request.headers['authorization']
    expect((await ask(form('GetCallerIdentity'), unsigned)).text).toContain('<Code>MissingAuthenticationToken</Code>')
  })
})
