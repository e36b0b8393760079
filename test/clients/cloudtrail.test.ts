import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { existsSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dataDirectory } from '../../src/server/data/data-directory.ts'
import { advanceClock, createAccount } from '../control.ts'
import { AWAY, HOME, startTestServer, type TestServer } from '../server.ts'
import { by, cloudTrailClient, type CloudTrailClient, type LookedUpEvent } from './cloudtrail-client.ts'
import { kmsClient } from './kms-client.ts'
import { principalsOf } from './principals.ts'
import { hasTool, profileOf, runTool } from './tools.ts'

const ACCOUNT = '111122223333'
const GUEST = '444455556666'
const hasAwsCli = hasTool('aws', ['--version'], 'the AWS CLI looks events up')

let server: TestServer
let trail: CloudTrailClient

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  trail = await cloudTrailClient(server, HOME)
  await createAccount(server, GUEST)
})
afterAll(() => server[Symbol.asyncDispose]())

const namesOf = (events: readonly LookedUpEvent[]) => events.map(({ EventName }) => EventName)

async function makeKey(account?: string, region = HOME): Promise<string> {
  const client = await kmsClient(server, region, account)
  return (await client.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? ''
}

describe('LookupEvents', () => {
  it('finds what was done with a key by its ARN and by its id, the newest first, as AWS answers it', async () => {
    const arn = await makeKey()
    const id = arn.replace(/^.*\//, '')
    const kms = await kmsClient(server, HOME)
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: arn, Plaintext: Buffer.from('secret') }))
    await kms.send(new DecryptCommand({ CiphertextBlob }))
    await kms.send(new CreateAliasCommand({ AliasName: `alias/${id}`, TargetKeyId: id }))
    const events = await trail.until(4, by('ResourceName', arn))
    expect(namesOf(events)).toEqual(['CreateAlias', 'Decrypt', 'Encrypt', 'CreateKey'])
    expect(await trail.all(by('ResourceName', id))).toEqual(events)
    const { accessKeyId } = await server.credentials()
    const record = JSON.parse(events[2]?.CloudTrailEvent ?? '') as { eventID: string; eventTime: string }
    expect(events[2]).toEqual({
      EventId: record.eventID,
      EventName: 'Encrypt',
      ReadOnly: 'true',
      AccessKeyId: accessKeyId,
      EventTime: Date.parse(record.eventTime) / 1000,
      EventSource: 'kms.amazonaws.com',
      Username: 'root',
      Resources: [{ ResourceType: 'AWS::KMS::Key', ResourceName: arn }],
      CloudTrailEvent: events[2]?.CloudTrailEvent,
    })
    expect(events.map(({ CloudTrailEvent }) => CloudTrailEvent).join('')).not.toContain('secret')
  })

  it('finds events by each attribute', async () => {
    const principals = await principalsOf(server, HOME)
    const user = await principals.user(
      JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'kms:*', Resource: '*' } }),
    )
    await user.kms(HOME).send(new CreateKeyCommand({ Description: 'by a user' }))
    const [made] = await trail.until(1, by('Username', user.name))
    expect(made).toMatchObject({ EventName: 'CreateKey', Username: user.name, ReadOnly: 'false' })
    for (const [name, value] of [
      ['EventId', made?.EventId],
      ['EventName', 'CreateKey'],
      ['ReadOnly', 'false'],
      ['ResourceType', 'AWS::KMS::Key'],
      ['ResourceName', made?.Resources[0]?.ResourceName],
      ['EventSource', 'kms.amazonaws.com'],
      ['AccessKeyId', user.credentials.accessKeyId],
    ] as const) {
      expect((await trail.lookUp(by(name, value ?? ''))).Events[0], name).toEqual(made)
      expect((await trail.lookUp(by(name, `${value}x`))).Events, name).toEqual([])
    }
    expect(namesOf(await trail.all(by('ResourceName', user.name)))).toEqual([
      'CreateAccessKey',
      'PutUserPolicy',
      'CreateUser',
    ])
  })

  it('finds refused requests, and the name of a session', async () => {
    const principals = await principalsOf(server, HOME)
    const role = await principals.role('auditor-without-power')
    const arn = await makeKey()
    await expect(role.kms(HOME).send(new DescribeKeyCommand({ KeyId: arn }))).rejects.toThrow('not authorized')
    const [event] = await trail.until(1, by('AccessKeyId', role.credentials.accessKeyId))
    expect(event).toMatchObject({ EventName: 'DescribeKey', Username: expect.stringMatching(/^[^:/]+$/) as unknown })
    expect(JSON.parse(event?.CloudTrailEvent ?? '')).toMatchObject({ errorCode: 'AccessDenied' })
  })

  it('shows an account its own records only; of a use across accounts each has one', async () => {
    const arn = await makeKey()
    const owner = await kmsClient(server, HOME)
    const statement = (AWS: string, Action: string) => ({ Effect: 'Allow', Principal: { AWS }, Action, Resource: '*' })
    const Statement = [
      statement(`arn:aws:iam::${ACCOUNT}:root`, 'kms:*'),
      statement(`arn:aws:iam::${GUEST}:root`, 'kms:Encrypt'),
    ]
    await owner.send(
      new PutKeyPolicyCommand({ KeyId: arn, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
    )
    const guest = await kmsClient(server, HOME, GUEST)
    await guest.send(new EncryptCommand({ KeyId: arn, Plaintext: Buffer.from('x') }))
    await expect(guest.send(new DescribeKeyCommand({ KeyId: arn }))).rejects.toThrow()
    const guestTrail = await cloudTrailClient(server, HOME, { account: GUEST })
    const theirs = await guestTrail.until(2, by('EventSource', 'kms.amazonaws.com'))
    expect(namesOf(theirs)).toEqual(['DescribeKey', 'Encrypt'])
    expect(namesOf(await trail.all(by('ResourceName', arn)))).toEqual(['Encrypt', 'PutKeyPolicy', 'CreateKey'])
    for (const event of await guestTrail.all()) {
      expect(JSON.parse(event.CloudTrailEvent)).toMatchObject({ recipientAccountId: GUEST })
    }
    const [shared] = await trail.all(by('EventName', 'Encrypt'))
    expect((await guestTrail.lookUp(by('EventId', shared?.EventId ?? ''))).Events).toEqual([])
  })

  it('shows a Region its own records, what has no Region in us-east-1, and sessions where they were asked for', async () => {
    const arn = await makeKey(undefined, AWAY)
    const credentials = await server.credentials()
    const away = await cloudTrailClient(server, AWAY)
    await new STSClient({ region: AWAY, endpoint: server.url, credentials }).send(new GetCallerIdentityCommand({}))
    expect(await away.until(1, by('ResourceName', arn))).toHaveLength(1)
    expect(await trail.all(by('ResourceName', arn))).toEqual([])
    expect(await away.until(1, by('EventName', 'GetCallerIdentity'))).toHaveLength(1)
    expect(await trail.all(by('EventName', 'GetCallerIdentity'))).toEqual([])
    expect(await away.all(by('EventSource', 'iam.amazonaws.com'))).toEqual([])
    expect(await trail.until(1, by('EventName', 'CreateUser'))).not.toEqual([])
  })

  it('gives pages that go on where the last one ended, whatever comes meanwhile', async () => {
    const arn = await makeKey()
    const kms = await kmsClient(server, HOME)
    const describe = () => kms.send(new DescribeKeyCommand({ KeyId: arn }))
    for (let index = 0; index < 7; index += 1) await describe()
    const whole = await trail.until(8, by('ResourceName', arn))
    const asked = { ...by('ResourceName', arn), MaxResults: 3 }
    const first = await trail.lookUp(asked)
    await describe()
    await trail.until(9, by('ResourceName', arn))
    const second = await trail.lookUp({ ...asked, NextToken: first.NextToken })
    const third = await trail.lookUp({ ...asked, MaxResults: 50, NextToken: second.NextToken })
    expect([first, second, third].flatMap(({ Events }) => Events)).toEqual(whole)
    expect(third.NextToken).toBeUndefined()
    const other = await trail.ask('LookupEvents', { ...by('EventName', 'Encrypt'), NextToken: first.NextToken })
    expect(other.answer).toMatchObject({ __type: 'InvalidNextTokenException' })
    const guest = await cloudTrailClient(server, HOME, { account: GUEST })
    const stolen = await guest.ask('LookupEvents', { ...asked, NextToken: first.NextToken })
    expect(stolen.answer).toMatchObject({ __type: 'InvalidNextTokenException' })
  })

  it.each([
    [
      'two attributes',
      { LookupAttributes: [...by('ReadOnly', 'true').LookupAttributes, ...by('EventName', 'x').LookupAttributes] },
      'InvalidLookupAttributesException',
      'keep ReadOnly',
    ],
    ['an attribute that is none', by('Colour', 'red'), 'ValidationException', 'enum value set'],
    ['pages of 51', { MaxResults: 51 }, 'InvalidMaxResultsException', 'MaxResults is 51, and can be 1 to 50.'],
    ['pages of none', { MaxResults: 0 }, 'InvalidMaxResultsException', 'MaxResults is 0'],
    [
      'a time that ends first',
      { StartTime: 2000, EndTime: 1000 },
      'InvalidTimeRangeException',
      '1970-01-01T00:33:20.000Z',
    ],
    ['a token that is none', { NextToken: 'mine' }, 'InvalidNextTokenException', 'the one that was answered last'],
  ])('refuses %s, and says what would do', async (_what, input, code, message) => {
    const { status, answer } = await trail.ask('LookupEvents', input)
    expect({ status, answer }).toMatchObject({ status: 400, answer: { __type: code } })
    expect(answer['message']).toContain(message)
  })

  it('has no events of insights, and says of other operations that they are not here', async () => {
    expect(await trail.lookUp({ EventCategory: 'insight' })).toEqual({ Events: [] })
    const { answer } = await trail.ask('StartQuery', {})
    expect(answer).toMatchObject({ __type: 'UnsupportedOperationException' })
  })

  it('needs the permission, and is recorded itself', async () => {
    const principals = await principalsOf(server, HOME)
    const nobody = await principals.user()
    const statement = { Effect: 'Allow', Action: 'cloudtrail:LookupEvents', Resource: '*' }
    const auditor = await principals.user(JSON.stringify({ Version: '2012-10-17', Statement: statement }))
    const refused = await (await cloudTrailClient(server, HOME, nobody)).ask('LookupEvents', {})
    expect(refused.answer).toMatchObject({ __type: 'AccessDeniedException' })
    expect(refused.answer['Message']).toContain('cloudtrail:LookupEvents')
    const allowed = await cloudTrailClient(server, HOME, auditor)
    expect((await allowed.lookUp({ MaxResults: 1 })).Events).toHaveLength(1)
    const [event] = await trail.until(1, by('Username', auditor.name))
    expect(JSON.parse(event?.CloudTrailEvent ?? '')).toMatchObject({
      eventSource: 'cloudtrail.amazonaws.com',
      eventName: 'LookupEvents',
      requestParameters: { maxResults: 1 },
      responseElements: null,
      readOnly: true,
    })
  })
})

describe.skipIf(!hasAwsCli)('AWS CLI: LookupEvents', () => {
  it('finds events by an attribute and a time, page by page', async () => {
    const arn = await makeKey()
    const kms = await kmsClient(server, HOME)
    for (let index = 0; index < 3; index += 1) await kms.send(new DescribeKeyCommand({ KeyId: arn }))
    await trail.until(4, by('ResourceName', arn))
    const attribute = `AttributeKey=ResourceName,AttributeValue=${arn}`
    const lookUp = async (...more: readonly string[]) => {
      const args = ['cloudtrail', 'lookup-events', '--lookup-attributes', attribute, ...more]
      return (JSON.parse(await runTool('aws', args, profileOf(server))) as { Events: readonly LookedUpEvent[] }).Events
    }
    const names = ['DescribeKey', 'DescribeKey', 'DescribeKey', 'CreateKey']
    expect(namesOf(await lookUp())).toEqual(names)
    expect(namesOf(await lookUp('--page-size', '1'))).toEqual(names)
    expect(await lookUp('--end-time', '2020-01-01')).toEqual([])
    expect(namesOf(await lookUp('--start-time', '2020-01-01', '--max-items', '2'))).toEqual(names.slice(0, 2))
  })
})

describe('The index of the audit log', () => {
  it('is made again where it is missing or damaged, and answers the same after a start', async () => {
    await using own = await startTestServer({ regions: HOME })
    const kms = await kmsClient(own, HOME)
    const arn = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? ''
    const lookUp = async () => (await cloudTrailClient(own, HOME)).all(by('ResourceName', arn))
    await (await cloudTrailClient(own, HOME)).until(1, by('ResourceName', arn))
    // Of a day that is over, the index is written to disk.
    await advanceClock(own, '1d')
    await (await kmsClient(own, HOME)).send(new DescribeKeyCommand({ KeyId: arn }))
    await (await cloudTrailClient(own, HOME)).until(2, by('ResourceName', arn))
    const expected = await lookUp()
    const directory = dataDirectory(own.path).auditIndex(HOME)
    const segment = () => join(directory, readdirSync(directory)[0] ?? '')
    expect(statSync(segment()).mode & 0o777).toBe(0o600)
    const harms = [
      () => {},
      () => writeFileSync(segment(), Buffer.alloc(statSync(segment()).size, 7)),
      () => truncateSync(segment(), statSync(segment()).size - 1),
      () => rmSync(directory, { recursive: true }),
    ]
    for (const harm of harms) {
      await own.stop()
      harm()
      await own.restart()
      expect(await lookUp()).toEqual(expected)
      expect(existsSync(segment())).toBe(true)
    }
    // While it is in use.
    const bytes = Buffer.alloc(statSync(segment()).size, 7)
    writeFileSync(segment(), bytes)
    expect(await lookUp()).toEqual(expected)
  })

  it('forgets with 90 days', async () => {
    await using own = await startTestServer({ regions: HOME })
    await (await kmsClient(own, HOME)).send(new CreateKeyCommand({}))
    await (await cloudTrailClient(own, HOME)).until(1, by('EventName', 'CreateKey'))
    const begun = () => readdirSync(dataDirectory(own.path).auditIndex(HOME)).toSorted()[0]
    const day = new Date().toISOString().slice(0, 10)
    await advanceClock(own, '89d')
    await (await cloudTrailClient(own, HOME)).until(1, by('EventName', 'CreateKey'))
    await (await cloudTrailClient(own, HOME)).until(2, by('EventName', 'LookupEvents'))
    expect(begun()).toContain(day)
    await advanceClock(own, '2d')
    await (await cloudTrailClient(own, HOME)).until(3, by('EventName', 'LookupEvents'))
    expect(await (await cloudTrailClient(own, HOME)).all(by('EventName', 'CreateKey'))).toEqual([])
    // The file goes on to the day on which the next one begins.
    await advanceClock(own, '100d')
    await (await cloudTrailClient(own, HOME)).until(1, by('EventName', 'LookupEvents'))
    expect(begun()).not.toContain(day)
  })
})
