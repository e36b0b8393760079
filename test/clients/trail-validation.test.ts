import { CreateKeyCommand } from '@aws-sdk/client-kms'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { cloudTrailClient, type CloudTrailClient } from './cloudtrail-client.ts'
import { kmsClient } from './kms-client.ts'
import { hasS3Server, startS3Server, type S3Server } from './s3-server.ts'
import { hasTool, profileOf, runTool } from './tools.ts'

const BUCKET = 'trail-bucket'
const ARN = `arn:aws:cloudtrail:${HOME}:111122223333:trail/audited`
const SECRET = 'a/secret+that/nobody/is/to/read/anywhere'
const canRun =
  hasS3Server('the delivery of trails to S3') && hasTool('aws', ['--version'], 'the AWS CLI validates trails')

describe.skipIf(!canRun)('AWS CLI: trails in S3', () => {
  let s3: S3Server
  let server: TestServer
  let trail: CloudTrailClient

  beforeAll(async () => {
    s3 = await startS3Server()
    server = await startTestServer({ regions: `${HOME},${AWAY}` })
    const credentials = join(server.path, 's3-credentials')
    writeFileSync(
      credentials,
      `[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = ${SECRET}\n`,
    )
    await server.restart({
      trails: s3.url,
      'trails-credentials': credentials,
      'trails-interval': 1,
      'trails-digest': 2,
    })
    trail = await cloudTrailClient(server, HOME)
  }, 60_000)
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await s3.stop()
  })

  const makeKey = async (region = HOME) => (await kmsClient(server, region)).send(new CreateKeyCommand({}))
  const begun = new Date(Date.now() - 60_000).toISOString()

  /** What `aws cloudtrail validate-logs` says of the trail, be it well or not. */
  async function validate(): Promise<string> {
    const env = { ...profileOf(server), AWS_ENDPOINT_URL_S3: s3.url, AWS_ENDPOINT_URL_CLOUDTRAIL: server.url }
    const end = new Date(Date.now() + 60_000).toISOString()
    const args = ['cloudtrail', 'validate-logs', '--trail-arn', ARN, '--start-time', begun, '--end-time', end]
    return runTool('aws', ['--region', HOME, ...args, '--verbose'], env).catch((error: unknown) => {
      const { stdout, stderr } = error as { stdout?: string; stderr?: string }
      return `${stdout}${stderr}`
    })
  }

  async function untilDelivered(isThere: (objects: readonly string[]) => boolean): Promise<readonly string[]> {
    for (const deadline = Date.now() + 30_000; ;) {
      const objects = await s3.list(BUCKET)
      if (isThere(objects)) return objects
      if (Date.now() > deadline) throw new Error(objects.join('\n'))
      await setTimeout(200)
    }
  }
  const isDigest = (object: string) => object.includes('/CloudTrail-Digest/')
  const isFile = (object: string) => /\/CloudTrail\/.*gz$/.test(object)

  it('are refused where there is no bucket', async () => {
    const { answer } = await trail.ask('CreateTrail', { Name: 'audited', S3BucketName: 'no-such-bucket' })
    expect(answer).toMatchObject({
      __type: 'S3BucketDoesNotExistException',
      message: expect.stringContaining('no-such-bucket') as unknown,
    })
  })

  it('are found whole by validate-logs, with their digests', async () => {
    await s3.makeBucket(BUCKET)
    const more = { IsMultiRegionTrail: true, EnableLogFileValidation: true, S3KeyPrefix: 'logs of/keys+more' }
    expect((await trail.ask('CreateTrail', { Name: 'audited', S3BucketName: BUCKET, ...more })).status).toBe(200)
    await trail.ask('StartLogging', { Name: 'audited' })
    await makeKey()
    await makeKey(AWAY)
    await untilDelivered((objects) => objects.filter((each) => isDigest(each) && each.includes(HOME)).length >= 2)
    await makeKey()
    await untilDelivered(
      (objects) => objects.filter((each) => isDigest(each) && each.includes(`/${HOME}/`)).length >= 4,
    )
    const said = await validate()
    expect(said).toMatch(/(\d+)\/\1 digest files valid/)
    expect(said).toMatch(/(\d+)\/\1 log files valid/)
    expect(said).not.toContain('INVALID')
    const { answer } = await trail.ask('GetTrailStatus', { Name: 'audited' })
    expect(answer).toMatchObject({ LatestDigestDeliveryTime: expect.any(Number) as unknown })
  }, 60_000)

  it('are delivered once a bucket that was away is back, and say meanwhile what is wrong', async () => {
    const { port } = new URL(s3.url)
    await s3.stop()
    await makeKey()
    const failing = async () => (await trail.ask('GetTrailStatus', { Name: 'audited' })).answer['LatestDeliveryError']
    for (const deadline = Date.now() + 20_000; (await failing()) === undefined;) {
      if (Date.now() > deadline) throw new Error('No error is told.')
      await setTimeout(200)
    }
    expect(await failing()).toBe('EndpointUnreachable')
    s3 = await startS3Server(Number(port))
    await s3.makeBucket(BUCKET)
    const recorded = async (): Promise<string> => {
      const files = (await s3.list(BUCKET)).filter(isFile)
      return (await Promise.all(files.map((each) => s3.read(BUCKET, each)))).map((each) => gunzipSync(each)).join('')
    }
    for (const deadline = Date.now() + 20_000; !(await recorded()).includes('"eventName":"CreateKey"');) {
      if (Date.now() > deadline) throw new Error('The key that was made meanwhile is not delivered.')
      await setTimeout(200)
    }
    for (const deadline = Date.now() + 20_000; (await failing()) !== undefined;) {
      if (Date.now() > deadline) throw new Error('The error is still told.')
      await setTimeout(200)
    }
  }, 90_000)

  it('are found out by validate-logs where a file is changed or a digest is taken away', async () => {
    await makeKey()
    const objects = await untilDelivered((all) => all.filter(isDigest).length >= 4)
    const listed = async (digest: string) =>
      JSON.parse(gunzipSync(await s3.read(BUCKET, digest)).toString()) as { logFiles: { s3Object: string }[] }
    const digests = await Promise.all(objects.filter(isDigest).map(listed))
    const file = digests.flatMap(({ logFiles }) => logFiles)[0]?.s3Object ?? ''
    const text = gunzipSync(await s3.read(BUCKET, file)).toString()
    await s3.write(BUCKET, file, gzipSync(text.replace('CreateKey', 'DescribeKey').replace('Records', 'records')))
    expect(await validate()).toMatch(/Log file.*INVALID: hash value doesn't match/)
    const inHome = objects.filter((each) => isDigest(each) && each.includes(`/${HOME}/`)).toSorted()
    await s3.remove(BUCKET, inHome[1] ?? '')
    expect(await validate()).toMatch(/Digest file.*INVALID: not found/)
  }, 60_000)
})
