import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, ReplicateKeyCommand } from '@aws-sdk/client-kms'
import { S3 } from '@aws-sdk/client-s3'
import { execFile, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServerUnderTest, type ServerUnderTest } from '../../bench/server-under-test.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { kmsClient, untilState } from './kms-client.ts'

const EXAMPLES = new URL('../../examples/', import.meta.url)
const ORDERS = new URL('dynamodb-global-table/orders.js', EXAMPLES).pathname
const OBJECTS = new URL('s3-client-side/objects.js', EXAMPLES).pathname

/** moto is S3 and DynamoDB on this machine; it replicates nothing between Regions, so that the tests do. */
const hasMoto = spawnSync('moto_server', ['--help'], { stdio: 'ignore' }).status === 0
if (!hasMoto) {
  console.warn(
    'SKIPPED: examples/dynamodb-global-table and examples/s3-client-side need moto_server, which is not here.',
  )
}

describe.skipIf(!hasMoto)('The examples of client-side encryption', () => {
  let server: TestServer
  let moto: ServerUnderTest
  let KEY_ARN: string

  beforeAll(async () => {
    moto = await startServerUnderTest('moto_server', ['-H', '127.0.0.1', '-p', '0'], /Running on (\S+)/)
    server = await startTestServer({ regions: `${HOME},${AWAY}` })
    const home = await kmsClient(server, HOME)
    const { KeyMetadata } = await home.send(new CreateKeyCommand({ MultiRegion: true }))
    KEY_ARN = KeyMetadata?.Arn ?? ''
    await home.send(new ReplicateKeyCommand({ KeyId: KEY_ARN, ReplicaRegion: AWAY }))
    await untilState(await kmsClient(server, AWAY), KeyMetadata?.KeyId ?? '', 'Enabled')
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await moto[Symbol.asyncDispose]()
  })

  async function run(program: string, names: Readonly<Record<string, string>>, ...args: readonly string[]) {
    const env = {
      ...process.env,
      AWS_SHARED_CREDENTIALS_FILE: join(server.path, 'aws', 'credentials'),
      AWS_CONFIG_FILE: join(server.path, 'aws', 'config'),
      AWS_PROFILE: 'keyspan',
      AWS_ENDPOINT_URL_KMS: server.url,
      AWS_ENDPOINT_URL_DYNAMODB: moto.url,
      AWS_ENDPOINT_URL_S3: moto.url,
      KEY_ARN,
      ...names,
    }
    return (await promisify(execFile)(process.execPath, [program, ...args], { env })).stdout
  }

  /** Does something while the primary is disabled, so that its Region can have no part in it. */
  async function withoutHome<Result>(work: () => Promise<Result>): Promise<Result> {
    const home = await kmsClient(server, HOME)
    await home.send(new DisableKeyCommand({ KeyId: KEY_ARN }))
    try {
      return await work()
    } finally {
      await home.send(new EnableKeyCommand({ KeyId: KEY_ARN }))
    }
  }

  const motoClient = (region: string) => ({
    region,
    endpoint: moto.url,
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  })

  it('DynamoDB: an item is read in the other Region, and only in its own place', async () => {
    const TABLE = 'orders'
    const [here, there] = [new DynamoDB(motoClient(HOME)), new DynamoDB(motoClient(AWAY))]
    for (const dynamodb of [here, there]) {
      await dynamodb.createTable({
        TableName: TABLE,
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      })
    }
    const order = { card: '4111 1111 1111 1111' }
    await run(ORDERS, { TABLE }, HOME, 'put', '1001', JSON.stringify(order))
    const { Item } = await here.getItem({ TableName: TABLE, Key: { id: { S: '1001' } } })
    const stored = Buffer.from(Item?.['sealed']?.B ?? [])
    expect(stored.length).toBeGreaterThan(200)
    expect(stored.includes('4111')).toBe(false)

    await there.putItem({ TableName: TABLE, Item })
    expect(JSON.parse(await withoutHome(() => run(ORDERS, { TABLE }, AWAY, 'get', '1001')))).toEqual(order)

    await there.putItem({ TableName: TABLE, Item: { ...Item, id: { S: '1002' } } })
    await expect(run(ORDERS, { TABLE }, AWAY, 'get', '1002')).rejects.toThrow('holds another one')
    await expect(run(ORDERS, { TABLE }, AWAY, 'get', '1003')).rejects.toThrow('There is no order 1003.')
  })

  it('S3: an object is read in the other Region, and only in its own place', async () => {
    const BUCKET = 'reports'
    const [here, there] = [new S3(motoClient(HOME)), new S3(motoClient(AWAY))]
    await here.createBucket({ Bucket: `reports-${HOME}` })
    await there.createBucket({
      Bucket: `reports-${AWAY}`,
      CreateBucketConfiguration: { LocationConstraint: AWAY },
    })
    const [file, copy] = [join(server.path, 'report.pdf'), join(server.path, 'copy.pdf')]
    const report = Buffer.concat([Buffer.from('the report'), randomBytes(100_000)])
    writeFileSync(file, report)
    await run(OBJECTS, { BUCKET }, HOME, 'put', '2026/report.pdf', file)
    const { Body } = await here.getObject({ Bucket: `reports-${HOME}`, Key: '2026/report.pdf' })
    const stored = Buffer.from((await Body?.transformToByteArray()) ?? [])
    expect(stored.length).toBeGreaterThan(report.length)
    expect(stored.includes('the report')).toBe(false)

    await there.putObject({ Bucket: `reports-${AWAY}`, Key: '2026/report.pdf', Body: stored })
    await withoutHome(() => run(OBJECTS, { BUCKET }, AWAY, 'get', '2026/report.pdf', copy))
    expect(readFileSync(copy).equals(report)).toBe(true)

    await there.putObject({ Bucket: `reports-${AWAY}`, Key: '2026/other.pdf', Body: stored })
    await expect(run(OBJECTS, { BUCKET }, AWAY, 'get', '2026/other.pdf', copy)).rejects.toThrow('holds another object')
    await there.putObject({ Bucket: `reports-${AWAY}`, Key: '2026/short.pdf', Body: stored.subarray(0, -1) })
    await expect(run(OBJECTS, { BUCKET }, AWAY, 'get', '2026/short.pdf', copy)).rejects.toThrow()
  })
})
