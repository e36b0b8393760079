import { CreateKeyCommand, DescribeKeyCommand } from '@aws-sdk/client-kms'
import { CreateUserCommand } from '@aws-sdk/client-iam'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dataDirectory } from '../../src/server/data/data-directory.ts'
import { createAccount } from '../control.ts'
import { AWAY, FAR, HOME, startTestServer, type TestServer } from '../server.ts'
import { cloudTrailClient, type CloudTrailClient } from './cloudtrail-client.ts'
import { iamClient } from './iam-client.ts'
import { kmsClient } from './kms-client.ts'
import { principalsOf } from './principals.ts'

const ACCOUNT = '111122223333'
const GUEST = '444455556666'
const REGIONS = `${HOME},${AWAY},${FAR}`

interface Delivered {
  readonly object: string
  readonly eventName: string
  readonly awsRegion: string
  readonly eventSource: string
  readonly readOnly: boolean
  readonly recipientAccountId: string
  readonly eventID: string
}

let server: TestServer
let home: CloudTrailClient
let away: CloudTrailClient

beforeAll(async () => {
  server = await startTestServer({ regions: REGIONS, 'trails-interval': '1' })
  home = await cloudTrailClient(server, HOME)
  away = await cloudTrailClient(server, AWAY)
  await createAccount(server, GUEST)
})
afterAll(() => server[Symbol.asyncDispose]())

const arnOf = (name: string, region = HOME) => `arn:aws:cloudtrail:${region}:${ACCOUNT}:trail/${name}`

/** The answer of an operation, which must not be refused. */
async function ask(client: CloudTrailClient, operation: string, input: object) {
  const { status, answer } = await client.ask(operation, input)
  if (status !== 200) throw new Error(`${operation}: ${JSON.stringify(answer)}`)
  return answer
}

/** How an operation is refused. */
async function refusal(client: CloudTrailClient, operation: string, input: object): Promise<string> {
  const { status, answer } = await client.ask(operation, input)
  if (status === 200) throw new Error(`${operation} was not refused.`)
  return `${String(answer['__type'])}: ${String(answer['message'] ?? answer['Message'])}`
}

async function makeTrail(name: string, more: object = {}, client = home): Promise<void> {
  await ask(client, 'CreateTrail', { Name: name, S3BucketName: name, ...more })
  await ask(client, 'StartLogging', { Name: name })
}

/** The records in a bucket of the server's own directory. */
function delivered(bucket: string): readonly Delivered[] {
  const folder = join(dataDirectory(server.path).trails, bucket)
  if (!existsSync(folder)) return []
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /CloudTrail_.*gz$/.test(name),
  )
  return names.toSorted().flatMap((object) => {
    const { Records } = JSON.parse(gunzipSync(readFileSync(join(folder, object))).toString()) as {
      Records: Delivered[]
    }
    return Records.map((record) => ({ ...record, object }))
  })
}

async function until(bucket: string, isThere: (records: readonly Delivered[]) => boolean) {
  const deadline = Date.now() + 15_000
  for (;;) {
    const records = delivered(bucket)
    if (isThere(records)) return records
    if (Date.now() > deadline) throw new Error(`Delivered: ${records.map(({ eventName }) => eventName).join(', ')}`)
    await setTimeout(50)
  }
}

const has = (name: string, region?: string) => (records: readonly Delivered[]) =>
  records.some(({ eventName, awsRegion }) => eventName === name && (region ?? awsRegion) === awsRegion)

async function makeKey(region = HOME, account?: string): Promise<void> {
  await (await kmsClient(server, region, account)).send(new CreateKeyCommand({}))
}

describe('Trails', () => {
  it('live as in AWS: made, seen, changed, started, stopped and deleted', async () => {
    const made = await ask(home, 'CreateTrail', {
      Name: 'life',
      S3BucketName: 'bucket-of-life',
      S3KeyPrefix: 'a/b',
      TagsList: [{ Key: 'team', Value: 'red' }],
    })
    const shown = {
      Name: 'life',
      S3BucketName: 'bucket-of-life',
      S3KeyPrefix: 'a/b',
      IncludeGlobalServiceEvents: true,
      IsMultiRegionTrail: false,
      TrailARN: arnOf('life'),
      LogFileValidationEnabled: false,
      IsOrganizationTrail: false,
    }
    expect(made).toEqual(shown)
    const more = { HomeRegion: HOME, HasCustomEventSelectors: false, HasInsightSelectors: false }
    for (const Name of ['life', arnOf('life')]) {
      expect(await ask(home, 'GetTrail', { Name })).toEqual({ Trail: { ...shown, ...more } })
    }
    expect(await ask(home, 'GetTrailStatus', { Name: 'life' })).toMatchObject({
      IsLogging: false,
      TimeLoggingStarted: '',
    })
    await ask(home, 'StartLogging', { Name: 'life' })
    expect(await ask(home, 'GetTrailStatus', { Name: 'life' })).toMatchObject({
      IsLogging: true,
      StartLoggingTime: expect.any(Number) as unknown,
    })
    const changed = await ask(home, 'UpdateTrail', { Name: 'life', S3KeyPrefix: '', EnableLogFileValidation: true })
    const { S3KeyPrefix: _, ...others } = shown
    expect(changed).toEqual({ ...others, LogFileValidationEnabled: true })
    await ask(home, 'StopLogging', { Name: 'life' })
    expect(await ask(home, 'GetTrailStatus', { Name: 'life' })).toMatchObject({ IsLogging: false })
    expect(await ask(home, 'ListTrails', {})).toEqual({
      Trails: [{ TrailARN: arnOf('life'), Name: 'life', HomeRegion: HOME }],
    })
    await ask(home, 'DeleteTrail', { Name: 'life' })
    expect(await refusal(home, 'GetTrail', { Name: 'life' })).toMatch(/^TrailNotFoundException: .*life/)
    expect(await ask(home, 'DescribeTrails', {})).toEqual({ trailList: [] })
  })

  it('have tags', async () => {
    await ask(home, 'CreateTrail', { Name: 'tagged', S3BucketName: 'tagged' })
    const ResourceId = arnOf('tagged')
    const tags = async () => (await ask(home, 'ListTags', { ResourceIdList: [ResourceId] }))['ResourceTagList']
    await ask(home, 'AddTags', { ResourceId, TagsList: [{ Key: 'a', Value: '1' }, { Key: 'b' }] })
    await ask(home, 'AddTags', { ResourceId, TagsList: [{ Key: 'a', Value: '2' }] })
    expect(await tags()).toEqual([
      {
        ResourceId,
        TagsList: [
          { Key: 'a', Value: '2' },
          { Key: 'b', Value: '' },
        ],
      },
    ])
    await ask(home, 'RemoveTags', { ResourceId, TagsList: [{ Key: 'a' }, { Key: 'c' }] })
    expect(await tags()).toEqual([{ ResourceId, TagsList: [{ Key: 'b', Value: '' }] }])
    const twice = { ResourceId, TagsList: [{ Key: 'a' }, { Key: 'a' }] }
    expect(await refusal(home, 'AddTags', twice)).toMatch(/^InvalidTagParameterException/)
    expect(await refusal(home, 'AddTags', { ResourceId, TagsList: [{ Key: 'aws:a' }] })).toMatch(/^InvalidTag/)
    const many = Array.from({ length: 51 }, (_, index) => ({ Key: String(index) }))
    expect(await refusal(home, 'AddTags', { ResourceId, TagsList: many })).toMatch(/^TagsLimitExceededException/)
    const missing = { ResourceIdList: [arnOf('none')] }
    expect(await refusal(home, 'ListTags', missing)).toMatch(/^ResourceNotFoundException/)
    await ask(home, 'DeleteTrail', { Name: 'tagged' })
  })

  it('of several Regions are seen in each, and changed at home', async () => {
    await ask(home, 'CreateTrail', { Name: 'wide', S3BucketName: 'wide', IsMultiRegionTrail: true })
    await ask(home, 'CreateTrail', { Name: 'narrow', S3BucketName: 'narrow' })
    const names = async (input: object) =>
      ((await ask(away, 'DescribeTrails', input))['trailList'] as { Name: string; HomeRegion: string }[]).map(
        ({ Name, HomeRegion }) => `${Name} of ${HomeRegion}`,
      )
    expect(await names({})).toEqual([`wide of ${HOME}`])
    expect(await names({ includeShadowTrails: false })).toEqual([])
    expect(await names({ trailNameList: ['wide', arnOf('narrow')] })).toEqual([`wide of ${HOME}`])
    expect(await ask(away, 'GetTrail', { Name: 'wide' })).toMatchObject({ Trail: { TrailARN: arnOf('wide') } })
    expect(await refusal(away, 'GetTrail', { Name: 'narrow' })).toMatch(/^TrailNotFoundException/)
    expect(await refusal(away, 'StartLogging', { Name: 'wide' })).toMatch(
      new RegExp(`^InvalidHomeRegionException: .*${HOME}`),
    )
    expect(await refusal(away, 'CreateTrail', { Name: 'wide', S3BucketName: 'wide' })).toMatch(/^TrailAlreadyExists/)
    expect(await refusal(home, 'UpdateTrail', { Name: 'wide', IncludeGlobalServiceEvents: false })).toMatch(
      /^InvalidParameterCombinationException/,
    )
    for (const Name of ['wide', 'narrow']) await ask(home, 'DeleteTrail', { Name })
  })

  it('are five in a Region, those of others that are seen there too', async () => {
    await ask(home, 'CreateTrail', { Name: 'shadow', S3BucketName: 'many', IsMultiRegionTrail: true })
    for (let index = 0; index < 4; index += 1)
      await ask(away, 'CreateTrail', { Name: `many${index}`, S3BucketName: 'many' })
    const Name = 'many-more'
    expect(await refusal(away, 'CreateTrail', { Name, S3BucketName: 'many' })).toMatch(
      new RegExp(`^MaximumNumberOfTrailsExceededException: .*${AWAY}`),
    )
    await ask(home, 'CreateTrail', { Name, S3BucketName: 'many' })
    const wide = { Name, IsMultiRegionTrail: true }
    expect(await refusal(home, 'UpdateTrail', wide)).toMatch(/^MaximumNumberOfTrailsExceededException/)
    for (const name of ['shadow', Name]) await ask(home, 'DeleteTrail', { Name: name })
    for (let index = 0; index < 4; index += 1) await ask(away, 'DeleteTrail', { Name: `many${index}` })
  })

  it('have event selectors, basic and advanced', async () => {
    await ask(home, 'CreateTrail', { Name: 'choosy', S3BucketName: 'choosy' })
    const TrailName = 'choosy'
    const everything = {
      ReadWriteType: 'All',
      IncludeManagementEvents: true,
      DataResources: [],
      ExcludeManagementEventSources: [],
    }
    expect(await ask(home, 'GetEventSelectors', { TrailName })).toEqual({
      TrailARN: arnOf('choosy'),
      EventSelectors: [everything],
    })
    const basic = { ...everything, ReadWriteType: 'WriteOnly', ExcludeManagementEventSources: ['kms.amazonaws.com'] }
    const advanced = {
      Name: 'writes',
      FieldSelectors: [
        { Field: 'eventCategory', Equals: ['Management'] },
        { Field: 'readOnly', Equals: ['false'] },
        { Field: 'eventSource', NotEquals: ['kms.amazonaws.com'] },
      ],
    }
    for (const selectors of [{ EventSelectors: [basic] }, { AdvancedEventSelectors: [advanced] }]) {
      const answer = { TrailARN: arnOf('choosy'), ...selectors }
      expect(await ask(home, 'PutEventSelectors', { TrailName, ...selectors })).toEqual(answer)
      expect(await ask(home, 'GetEventSelectors', { TrailName })).toEqual(answer)
    }
    expect(await ask(home, 'GetTrail', { Name: 'choosy' })).toMatchObject({ Trail: { HasCustomEventSelectors: true } })
    expect(await refusal(home, 'GetInsightSelectors', { TrailName })).toMatch(/^InsightNotEnabledException/)
    const fields = (...FieldSelectors: object[]) => ({ AdvancedEventSelectors: [{ FieldSelectors }] })
    const management = { Field: 'eventCategory', Equals: ['Management'] }
    for (const [wrong, word] of [
      [{}, 'either'],
      [{ EventSelectors: [] }, '1 to 5'],
      [{ EventSelectors: [{ ExcludeManagementEventSources: ['iam.amazonaws.com'] }] }, 'iam.amazonaws.com'],
      [{ EventSelectors: [{ IncludeManagementEvents: false }] }, 'selects nothing'],
      [{ EventSelectors: [{ DataResources: [{ Type: 'AWS::X', Values: ['a'] }] }] }, 'AWS::X'],
      [fields({ Field: 'readOnly', Equals: ['true'] }), 'eventCategory'],
      [fields(management, { Field: 'resources.ARN', Equals: ['a'] }), 'resources.ARN'],
      [fields(management, { Field: 'readOnly', NotEquals: ['true'] }), 'readOnly'],
      [fields(management, { Field: 'eventSource' }), 'no values'],
      [fields(management, management), 'twice'],
      [fields({ Field: 'eventCategory', Equals: ['Data'] }), 'resources.type'],
    ] as const) {
      const message = await refusal(home, 'PutEventSelectors', { TrailName, ...wrong })
      expect(message).toMatch(/^InvalidEventSelectorsException/)
      expect(message).toContain(word)
    }
    await ask(home, 'DeleteTrail', { Name: 'choosy' })
  })

  it('are refused with what is wrong, and what is not here', async () => {
    const good = { Name: 'good', S3BucketName: 'good' }
    for (const [wrong, code] of [
      [{ Name: 'no' }, 'InvalidTrailNameException'],
      [{ Name: 'my-_name' }, 'InvalidTrailNameException'],
      [{ Name: '192.168.5.4' }, 'InvalidTrailNameException'],
      [{ S3BucketName: 'Upper' }, 'InvalidS3BucketNameException'],
      [{ S3BucketName: '../../etc' }, 'InvalidS3BucketNameException'],
      [{ S3BucketName: 'a..b' }, 'InvalidS3BucketNameException'],
      [{ S3KeyPrefix: '../../../etc' }, 'InvalidS3PrefixException'],
      [{ S3KeyPrefix: 'a/./b' }, 'InvalidS3PrefixException'],
      [{ S3KeyPrefix: '/a' }, 'InvalidS3PrefixException'],
      [{ S3KeyPrefix: 'a\u0000' }, 'InvalidS3PrefixException'],
      [{ S3KeyPrefix: 'a'.repeat(201) }, 'InvalidS3PrefixException'],
      [{ SnsTopicName: 'topic' }, 'InvalidSnsTopicNameException'],
      [{ KmsKeyId: 'alias/key' }, 'InvalidKmsKeyIdException'],
      [{ CloudWatchLogsRoleArn: 'arn' }, 'CloudWatchLogsDeliveryUnavailableException'],
      [{ IsOrganizationTrail: true }, 'UnsupportedOperationException'],
      [{ IsMultiRegionTrail: true, IncludeGlobalServiceEvents: false }, 'InvalidParameterCombinationException'],
    ] as const) {
      expect(await refusal(home, 'CreateTrail', { ...good, ...wrong }), JSON.stringify(wrong)).toContain(code)
    }
    expect(await refusal(home, 'GetTrail', { Name: 'arn:aws:kms:us-east-1:111122223333:key/a' })).toMatch(
      /^CloudTrailARNInvalidException/,
    )
    const theirs = `arn:aws:cloudtrail:${HOME}:${GUEST}:trail/theirs`
    expect(await refusal(home, 'GetTrail', { Name: theirs })).toMatch(/^TrailNotFoundException/)
    const store = { ResourceIdList: [`arn:aws:cloudtrail:${HOME}:${ACCOUNT}:eventdatastore/a`] }
    expect(await refusal(home, 'ListTags', store)).toMatch(/^ResourceTypeNotSupportedException/)
    expect(await ask(home, 'ListTrails', {})).toEqual({ Trails: [] })
  })

  it('need permissions, by their ARNs and tags', async () => {
    await ask(home, 'CreateTrail', {
      Name: 'guarded',
      S3BucketName: 'guarded',
      TagsList: [{ Key: 'team', Value: 'red' }],
    })
    const principals = await principalsOf(server, HOME)
    const allow = (Action: string, Condition: object = {}) => ({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action, Resource: arnOf('guarded'), Condition }],
    })
    const as = async (policy: object) => cloudTrailClient(server, HOME, await principals.user(JSON.stringify(policy)))
    const input = { Name: 'guarded' }
    const reader = await as(allow('cloudtrail:Get*'))
    await ask(reader, 'GetTrailStatus', input)
    expect(await refusal(reader, 'StopLogging', input)).toMatch(/^AccessDeniedException: .*cloudtrail:StopLogging/)
    expect(await refusal(reader, 'ListTrails', {})).toMatch(/^AccessDeniedException/)
    const red = { StringEquals: { 'aws:ResourceTag/team': 'red' } }
    await ask(await as(allow('cloudtrail:*', red)), 'StartLogging', input)
    const blue = await as(allow('cloudtrail:*', { StringEquals: { 'aws:ResourceTag/team': 'blue' } }))
    expect(await refusal(blue, 'StopLogging', input)).toMatch(/^AccessDeniedException/)
    await ask(home, 'DeleteTrail', input)
  })
})

describe('The delivery of a trail', () => {
  it('brings what is recorded for the account, in the layout of CloudTrail, and its own calls', async () => {
    await makeKey()
    // A trail's time is counted in whole seconds, as that of records.
    await setTimeout(1100)
    await makeTrail('layout', { S3KeyPrefix: 'pre/fix' })
    await makeKey(HOME, GUEST)
    await makeKey(AWAY)
    await makeKey()
    await (await iamClient(server)).send(new CreateUserCommand({ UserName: 'layout' }))
    const records = await until('layout', (all) => has('CreateKey')(all) && has('CreateUser')(all))
    expect(records.map(({ eventName }) => eventName).filter((name) => name === 'CreateKey')).toHaveLength(1)
    expect(records.map(({ eventName }) => eventName)).toContain('StartLogging')
    for (const { object, recipientAccountId } of records) {
      expect(recipientAccountId).toBe(ACCOUNT)
      expect(object).toMatch(
        /^pre\/fix\/AWSLogs\/111122223333\/CloudTrail\/us-east-1\/\d{4}\/\d\d\/\d\d\/111122223333_CloudTrail_us-east-1_\d{8}T\d{4}Z_[A-Za-z0-9]{16}\.json\.gz$/,
      )
    }
    expect(await ask(home, 'GetTrailStatus', { Name: 'layout' })).toMatchObject({
      LatestDeliveryTime: expect.any(Number) as unknown,
      LatestDeliveryAttemptSucceeded: expect.stringMatching(/Z$/) as unknown,
    })
    await ask(home, 'DeleteTrail', { Name: 'layout' })
    await until('layout', has('DeleteTrail'))
  })

  it('brings what each Region has to its own folder, and what no selector asks for nowhere', async () => {
    await makeTrail('everywhere', { IsMultiRegionTrail: true })
    await makeTrail('writes')
    const selector = { ReadWriteType: 'WriteOnly', ExcludeManagementEventSources: ['kms.amazonaws.com'] }
    await ask(home, 'PutEventSelectors', { TrailName: 'writes', EventSelectors: [selector] })
    await setTimeout(1100)
    for (const region of [HOME, FAR]) await makeKey(region)
    const kms = await kmsClient(server, AWAY)
    await kms.send(new DescribeKeyCommand({ KeyId: 'alias/none' })).catch(() => {})
    await (await iamClient(server)).send(new CreateUserCommand({ UserName: 'everywhere' }))
    await ask(away, 'ListTrails', {})
    const records = await until('everywhere', (all) =>
      [
        has('CreateKey', FAR),
        has('CreateKey', HOME),
        has('DescribeKey', AWAY),
        has('CreateUser', HOME),
        has('ListTrails', AWAY),
      ].every((each) => each(all)),
    )
    for (const { object, awsRegion } of records) expect(object).toContain(`/CloudTrail/${awsRegion}/`)
    expect(new Set(records.map(({ eventID }) => eventID)).size).toBe(records.length)
    const written = await until('writes', has('CreateUser'))
    const after = written.slice(written.findIndex(({ eventName }) => eventName === 'PutEventSelectors') + 1)
    expect(after.filter(({ readOnly, eventSource }) => readOnly || eventSource === 'kms.amazonaws.com')).toEqual([])
    for (const Name of ['everywhere', 'writes']) await ask(home, 'DeleteTrail', { Name })
  })

  it('loses nothing at a stop, brings nothing twice, and brings nothing of the time in which it was stopped', async () => {
    await makeTrail('stops')
    await makeKey()
    await server.restart()
    await makeKey()
    await until('stops', (all) => all.filter(({ eventName }) => eventName === 'CreateKey').length === 2)
    await ask(home, 'StopLogging', { Name: 'stops' })
    await setTimeout(1100)
    await makeKey()
    await setTimeout(1100)
    await ask(home, 'StartLogging', { Name: 'stops' })
    await makeKey()
    await server.stop()
    const records = delivered('stops')
    expect(new Set(records.map(({ eventID }) => eventID)).size).toBe(records.length)
    expect(records.filter(({ eventName }) => eventName === 'CreateKey')).toHaveLength(3)
    expect(records.map(({ eventName }) => eventName)).toContain('StopLogging')
    await server.restart()
    await ask(home, 'DeleteTrail', { Name: 'stops' })
  })
})
