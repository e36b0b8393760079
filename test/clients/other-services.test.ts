import { DynamoDBClient, ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { decode } from 'cborg'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { send, signRequest, type RequestPlan } from '../signed-request.ts'
import { HOME, startTestServer, type TestServer } from '../server.ts'
import { hasTool, profileOf, runTool } from './tools.ts'

const SCRIPT = new URL('other_services.py', import.meta.url).pathname
const SERVED = 'this server has kms, sts, iam, organizations, account, access-analyzer, cloudformation and cloudtrail'
const hasAwsCli = hasTool('aws', ['--version'], 'the AWS CLI asks for services that are not here')
const hasBoto3 = hasTool('python3', ['-c', 'import boto3'], `${SCRIPT} needs Python with boto3`)

let server: TestServer
let credentials: { accessKeyId: string; secretAccessKey: string }

beforeAll(async () => {
  server = await startTestServer()
  credentials = await server.credentials()
})
afterAll(() => server[Symbol.asyncDispose]())

describe.skipIf(!hasAwsCli)('AWS CLI: services that are not here', () => {
  it.each([
    ['s3', 's3 ls', 'UnknownService'],
    ['dynamodb', 'dynamodb list-tables', 'UnknownServiceException'],
    ['ec2', 'ec2 describe-regions', 'UnknownService'],
    ['secretsmanager', 'secretsmanager list-secrets', 'UnknownServiceException'],
    ['lambda', 'lambda list-functions', 'UnknownServiceException'],
    ['route53', 'route53 list-hosted-zones', 'UnknownService'],
  ])('%s refuses, and says what is here and how to have both', async (service, command, code) => {
    const { stderr } = (await runTool('aws', command.split(' '), profileOf(server)).catch((error: unknown) => {
      return error as { stderr: string }
    })) as { stderr: string }
    expect(stderr).toContain(`An error occurred (${code}) when calling`)
    expect(stderr).toContain(`There is no ${service} here: ${SERVED}.`)
    expect(stderr).toContain('AWS_ENDPOINT_URL_KMS')
  })
})

describe.skipIf(!hasBoto3)('boto3: services that are not here', () => {
  it('refuse each in its own protocol, are asked once, and say what is here', async () => {
    const lines = (await runTool('python3', [SCRIPT], profileOf(server))).trim().split('\n')
    const answers = lines.map((line) => JSON.parse(line) as { name: string; message?: string; unavailable?: string })
    const asked = answers.filter(({ unavailable }) => unavailable === undefined)
    expect(asked.length).toBeGreaterThanOrEqual(17)
    for (const answer of asked) {
      expect(answer).toMatchObject({ code: expect.stringMatching(/^UnknownService(Exception)?$/) as unknown })
      expect(answer).toMatchObject({ status: 400, retries: 0, message: expect.stringContaining(SERVED) as unknown })
    }
  }, 60_000)
})

describe('Services that are not here', () => {
  const settings = () => ({ endpoint: server.url, region: HOME, credentials })

  it('DynamoDB refuses, and is asked once', async () => {
    const client = new DynamoDBClient(settings())
    const refusal = {
      name: 'UnknownServiceException',
      message: expect.stringContaining(`There is no dynamodb here: ${SERVED}.`) as unknown,
      $metadata: { httpStatusCode: 400, attempts: 1 },
    }
    await expect(client.send(new ListTablesCommand())).rejects.toMatchObject(refusal)
    const put = new PutItemCommand({ TableName: 'table', Item: { id: { S: 'x'.repeat(300_000) } } })
    await expect(client.send(put)).rejects.toMatchObject(refusal)
  })

  it('S3 refuses, and is asked once, whatever the length of an object', async () => {
    const client = new S3Client({ ...settings(), forcePathStyle: true })
    const refusal = {
      name: 'UnknownService',
      message: expect.stringContaining(`There is no s3 here: ${SERVED}.`) as unknown,
      $metadata: { httpStatusCode: 400, attempts: 1 },
    }
    await expect(client.send(new ListBucketsCommand())).rejects.toMatchObject(refusal)
    const object = { Bucket: 'bucket', Key: 'a key' }
    await expect(client.send(new GetObjectCommand(object))).rejects.toMatchObject(refusal)
    for (const length of [1, 100_000, 4_000_000]) {
      const put = new PutObjectCommand({ ...object, Body: Buffer.alloc(length) })
      await expect(client.send(put), `${length} bytes`).rejects.toMatchObject(refusal)
    }
  })
})

describe('A request for a service that is not here', () => {
  const ask = async (plan: Partial<RequestPlan>) => {
    const { status, headers, text } = await send(
      server.url,
      await signRequest({ url: server.url, credentials, ...plan }),
    )
    return { status, type: headers.get('content-type'), code: headers.get('x-amzn-errortype'), text }
  }

  it.each(['1.0', '1.1'])('in JSON %s is refused in it', async (version) => {
    const headers = { 'content-type': `application/x-amz-json-${version}` }
    const answer = await ask({ service: 'dynamodb', target: 'DynamoDB_20120810.ListTables', headers })
    expect(answer).toMatchObject({ status: 400, type: headers['content-type'], code: 'UnknownServiceException' })
    expect(JSON.parse(answer.text)).toMatchObject({ __type: 'UnknownServiceException' })
  })

  it('in CBOR is refused in it', async () => {
    const request = await signRequest({
      url: server.url,
      credentials,
      service: 'monitoring',
      path: '/service/GraniteServiceVersion20100801/operation/ListMetrics',
      headers: { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' },
      body: '',
    })
    const { host: _host, ...headers } = request.headers
    const response = await fetch(`${server.url}${request.path}`, { method: 'POST', headers })
    expect(response.status).toBe(400)
    expect(response.headers.get('smithy-protocol')).toBe('rpc-v2-cbor')
    expect(decode(new Uint8Array(await response.arrayBuffer()))).toMatchObject({
      __type: 'UnknownServiceException',
      message: expect.stringContaining('There is no monitoring here') as unknown,
    })
  })

  it('of S3 Control is refused as S3 Control does', async () => {
    const { text } = await ask({ service: 's3', method: 'GET', path: '/v20180820/accesspoint', body: '' })
    expect(text).toMatch(/^<ErrorResponse [^>]*><Error><Type>Sender<\/Type><Code>UnknownService<\/Code>/)
  })

  it('that names an operation of a service that is here has its credential scoped wrongly', async () => {
    const { text } = await ask({ service: 's3', target: 'AWSOrganizationsV20161128.ListRoots' })
    expect(text).toContain("Credential should be scoped to correct service: 'organizations'. ")
  })

  it.each([
    ['GET', '/', {}],
    ['GET', '/bucket/key?versionId=1', {}],
    ['GET', '/', { Host: 'bucket.localhost' }],
    ['PUT', '/bucket/key', { Authorization: 'AWS AKIAEXAMPLE:c2lnbmF0dXJl' }],
    [
      'GET',
      '/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20260101%2Fus-east-1%2Fs3%2Faws4_request',
      {},
    ],
    ['GET', '/key?AWSAccessKeyId=AKIAEXAMPLE&Signature=x&Expires=1', {}],
  ])('of S3 without a signature that is known here is refused as S3 does: %s %s', async (method, path, headers) => {
    const { status, text } = await plain(method, path, headers)
    expect(status).toBe(400)
    expect(text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<Error><Code>UnknownService<\/Code><Message>/)
    expect(text).toContain(SERVED)
  })

  it('that says nothing of a service, and could be for one here, lacks a signature', async () => {
    expect((await plain('POST', '/', {})).text).toContain('MissingAuthenticationToken')
    expect((await plain('GET', '/?Action=GetCallerIdentity&Version=2011-06-15', {})).text).toContain(
      '<Code>MissingAuthenticationToken</Code>',
    )
  })

  it('whose name is not one is not told it back', async () => {
    const scope = 'Credential=AKIA/20260101/us-east-1/<b>/aws4_request'
    const { text } = await plain('GET', '/', { Authorization: `AWS4-HMAC-SHA256 ${scope}` })
    expect(text).toContain('<Message>This request is for no service that is here: ')
    expect(text).not.toContain('&lt;b')
  })

  it('is refused before a long body has come', async () => {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
    const asking = request(server.url, {
      method: 'PUT',
      path: '/bucket/key',
      headers: { Authorization: 'AWS AKIAEXAMPLE:c2lnbmF0dXJl', 'Content-Length': 5_000_000_000 },
    })
    asking.on('response', (response) => resolve(response.statusCode))
    asking.on('error', reject)
    asking.write('x')
    expect(await promise).toBe(400)
    asking.destroy()
  })

  /** Sends a request as it is, with any `Host`. */
  async function plain(method: string, path: string, headers: Readonly<Record<string, string>>) {
    const asking = request(`${server.url}${path}`, { method, headers })
    asking.end()
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    return { status: response.statusCode, text: Buffer.concat(await response.toArray()).toString() }
  }
})
