import {
  CreateKeyCommand,
  DescribeKeyCommand,
  EncryptCommand,
  KMSClient,
  ListKeysCommand,
  ReplicateKeyCommand,
} from '@aws-sdk/client-kms'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { untilState } from './clients/kms-client.ts'
import { startCollector, valuesOf, type ReceivedSpan } from './collector.ts'
import { MAIN } from './program/program.ts'
import { createServerProcessIn, type ServerProcess } from './server-process.ts'
import { AWAY, HOME } from './server.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'

let collector: Awaited<ReturnType<typeof startCollector>>
let server: ServerProcess

beforeAll(async () => {
  collector = await startCollector()
  server = await createServerProcessIn(tmpdir(), {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=a%20b',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=test',
    KEYSPAN_LOG: 'info',
  })
  await server.start()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await collector[Symbol.asyncDispose]()
})

/** A client whose requests say whose part they are. */
async function clientIn(region: string, traceparent?: string): Promise<KMSClient> {
  const credentials = await server.credentials()
  const client = new KMSClient({ region, endpoint: server.url, credentials, maxAttempts: 1 })
  if (traceparent === undefined) return client
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { headers: Record<string, string> }
      request.headers['traceparent'] = traceparent
      return next(args)
    },
    { step: 'build' },
  )
  return client
}

const until = (isThere: (spans: readonly ReceivedSpan[]) => boolean) =>
  expect.poll(() => isThere(collector.spans())).toBe(true)
const regionOf = ({ attributes }: ReceivedSpan) => valuesOf(attributes)['cloud.region']

describe('Traces over OTLP', () => {
  it('follow a ReplicateKey to the other Region and back', async () => {
    const { KeyMetadata } = await (await clientIn(HOME)).send(new CreateKeyCommand({ MultiRegion: true }))
    const KeyId = KeyMetadata?.KeyId ?? ''
    const client = await clientIn(HOME, `00-${TRACE}-${PARENT}-01`)
    await client.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
    await untilState(await clientIn(AWAY), KeyId, 'Enabled')
    const ofTrace = () => collector.spans().filter(({ traceId }) => traceId === TRACE)
    const applied = (region: string) =>
      ofTrace().filter((span) => span.name === 'replication apply' && regionOf(span) === region).length
    await until(() => applied(AWAY) >= 2 && applied(HOME) >= 1)
    const spans = ofTrace()
    const ids = new Set(spans.map(({ spanId }) => spanId))
    const [request] = spans.filter(({ name }) => name === 'request')
    expect(request).toMatchObject({ parentSpanId: PARENT, kind: 2 })
    expect(valuesOf(request?.attributes ?? [])).toMatchObject({
      'rpc.service': 'kms',
      'rpc.method': 'ReplicateKey',
      'cloud.region': HOME,
    })
    // Nothing of it hangs in the air.
    for (const span of spans) expect(span === request || ids.has(span.parentSpanId ?? '')).toBe(true)
    const names = new Set(spans.map(({ name }) => name))
    expect([...names].toSorted()).toEqual(
      ['decide', 'replication apply', 'replication pull', 'request', 'transaction', 'verify'].toSorted(),
    )
    for (const { startTimeUnixNano, endTimeUnixNano } of spans) {
      expect(BigInt(endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(startTimeUnixNano))
    }
  })

  it('say what sends, and who may', async () => {
    await until((spans) => spans.length > 0)
    expect(collector.resources()[0]).toMatchObject({ 'service.name': 'keyspan', 'deployment.environment': 'test' })
    expect(collector.posted[0]?.headers).toMatchObject({ 'x-tenant': 'a b', 'content-type': 'application/json' })
  })

  it('leave out what its client does not keep', async () => {
    const unkept = 'b'.repeat(32)
    const client = await clientIn(HOME, `00-${unkept}-${PARENT}-00`)
    await client.send(new CreateKeyCommand({}))
    await (await clientIn(HOME, `00-${'c'.repeat(32)}-${PARENT}-01`)).send(new CreateKeyCommand({}))
    await until((spans) => spans.some(({ traceId }) => traceId === 'c'.repeat(32)))
    expect(collector.spans().some(({ traceId }) => traceId === unkept)).toBe(false)
  })

  it('begin anew where a traceparent is none', async () => {
    await (await clientIn(HOME, 'GG-what-a-stranger-says')).send(new ListKeysCommand({}))
    const isIt = ({ attributes }: ReceivedSpan) => valuesOf(attributes)['rpc.method'] === 'ListKeys'
    await until((spans) => spans.some(isIt))
    expect(collector.spans().find(isIt)?.parentSpanId).toBeUndefined()
    expect(collector.posted.some(({ body }) => body.includes('stranger'))).toBe(false)
  })

  it('name what has failed, and nothing that is said or kept', async () => {
    const plaintext = 'attack at dawn'
    const client = await clientIn(HOME)
    const { KeyMetadata } = await client.send(new CreateKeyCommand({ Description: 'nobody shall read this' }))
    await client.send(new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext: Buffer.from(plaintext) }))
    await client.send(new DescribeKeyCommand({ KeyId: 'alias/missing-in-action' })).catch(() => {})
    await until((spans) => spans.some(({ attributes }) => valuesOf(attributes)['error.type'] === 'NotFoundException'))
    const { accessKeyId, secretAccessKey } = await server.credentials()
    const all = Buffer.concat(collector.posted.map(({ body }) => body)).toString()
    for (const secret of [
      secretAccessKey,
      accessKeyId,
      plaintext,
      Buffer.from(plaintext).toString('base64'),
      'nobody shall read this',
      'missing-in-action',
      KeyMetadata?.KeyId ?? '',
      'kms:*',
    ]) {
      expect(all).not.toContain(secret)
    }
  })

  it('go with lines of the log', async () => {
    await fetch(server.url, {
      method: 'POST',
      headers: {
        'x-amz-target': 'TrentService.ListKeys',
        authorization: `AWS4-HMAC-SHA256 Credential=AKIANOBODY/20260101/${HOME}/kms/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      },
    })
    const lines = () => collector.lines().map(({ body, severityText }) => `${severityText} ${body.stringValue}`)
    await expect.poll(lines).toContain('INFO signature refused')
  })

  it('hold nothing up while the collector is away', async () => {
    collector.answer(503)
    const client = await clientIn(HOME)
    const { KeyMetadata } = await client.send(new CreateKeyCommand({}))
    const marked = 'd'.repeat(32)
    const traced = await clientIn(HOME, `00-${marked}-${PARENT}-01`)
    await traced.send(new EncryptCommand({ KeyId: KeyMetadata?.KeyId, Plaintext: Buffer.from('x') }))
    collector.answer(200)
    await until((spans) => spans.some(({ traceId }) => traceId === marked))
  })
})

describe('keyspan serve', () => {
  it.each([
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      /"grpc" from OTEL_EXPORTER_OTLP_PROTOCOL is neither .* listens for HTTP on 4318/,
    ],
    [{ OTEL_TRACES_SAMPLER: 'often' }, /"often" from OTEL_TRACES_SAMPLER is none\. There are always_on,/],
    [{ OTEL_EXPORTER_OTLP_HEADERS: 'secret' }, /Part 1 of OTEL_EXPORTER_OTLP_HEADERS is not a name/],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: '127.0.0.1:4318' },
      /"127\.0\.0\.1:4318" from OTEL_EXPORTER_OTLP_ENDPOINT is no address/,
    ],
  ])('refuses %j', (environment, message) => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, 'serve', '--data', '/nowhere/at/all'], {
      env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', ...environment },
      encoding: 'utf8',
    })
    expect(status).toBe(2)
    expect(stderr).toMatch(message)
    expect(stderr).not.toContain('secret')
  })
})
