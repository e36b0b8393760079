import { STSClient, GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { CreateStackCommand } from '@aws-sdk/client-cloudformation'
import {
  DeleteServiceLinkedRoleCommand,
  GetServiceLinkedRoleDeletionStatusCommand,
  IAMClient,
  ListUsersCommand,
} from '@aws-sdk/client-iam'
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
  KMSClient,
} from '@aws-sdk/client-kms'
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { kmsClient, refusalOf, untilState } from './clients/kms-client.ts'
import { auditLog } from './audit-log.ts'
import { stacksOf } from './clients/stacks.ts'
import { advanceClock, askControl, createAccount, drill } from './control.ts'
import { scrape, value } from './metrics.ts'
import { AWAY, FAR, HOME, startTestServer, type TestServer } from './server.ts'
import { send, signRequest } from './signed-request.ts'

const ACCOUNT = '111122223333'
const GUEST = '444455556666'
/** What could not be heard is asked for again a second later. */
const LONG = { timeout: 10_000 }

let server: TestServer
let home: KMSClient
let away: KMSClient
let far: KMSClient

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY},${FAR}`, 'metrics-port': 0 })
  await connect()
})
afterAll(() => server[Symbol.asyncDispose]())
afterEach(() => drill(server, 'heal'))

/** The server has another address after a start. */
async function connect(): Promise<void> {
  home = await kmsClient(server, HOME)
  away = await kmsClient(server, AWAY)
  far = await kmsClient(server, FAR)
}

async function createFamily(): Promise<string> {
  const { KeyMetadata } = await home.send(new CreateKeyCommand({ MultiRegion: true }))
  const KeyId = KeyMetadata?.KeyId ?? ''
  for (const ReplicaRegion of [AWAY, FAR]) await home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion }))
  for (const kms of [home, away, far]) await untilState(kms, KeyId, 'Enabled')
  return KeyId
}

const metadataIn = async (kms: KMSClient, KeyId: string) =>
  (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata
const materialIn = async (kms: KMSClient, KeyId: string) => (await metadataIn(kms, KeyId))?.CurrentKeyMaterialId
const roleIn = async (kms: KMSClient, KeyId: string) =>
  (await metadataIn(kms, KeyId))?.MultiRegionConfiguration?.MultiRegionKeyType

/** Encrypts in one Region, and opens it in others. */
async function expectOpens(from: KMSClient, KeyId: string, others: readonly KMSClient[]): Promise<void> {
  const { CiphertextBlob } = await from.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('order') }))
  for (const kms of others) {
    const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }))
    expect(Buffer.from(Plaintext ?? []).toString()).toBe('order')
  }
}

async function statusText(): Promise<string> {
  return ((await askControl(server, '/region/status', {})) as { text: string }).text
}

/** Asks an operation of Keyspan's own. */
async function keyspan(path: string, body: object, account?: string, region = HOME) {
  const request = await signRequest({
    url: server.url,
    credentials: await server.credentials(account),
    service: 'keyspan',
    region,
    path,
    body: JSON.stringify(body),
  })
  const { status, text } = await send(server.url, request)
  return { status, answer: JSON.parse(text) as Readonly<Record<string, unknown>> }
}

describe('A Region that is down', () => {
  it('answers nobody, and others go on; up again, it has missed nothing', async () => {
    const KeyId = await createFamily()
    const before = await materialIn(away, KeyId)
    await drill(server, 'down', [HOME])
    const place = { endpoint: server.url, region: HOME, credentials: await server.credentials() }
    const client = new KMSClient({ ...place, maxAttempts: 2 })
    const error: unknown = await client.send(new DescribeKeyCommand({ KeyId })).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'ECONNRESET', $metadata: { attempts: 2 } })
    await expectOpens(away, KeyId, [away, far])
    await away.send(new DisableKeyCommand({ KeyId }))
    expect((await metadataIn(away, KeyId))?.KeyState).toBe('Disabled')
    await drill(server, 'up', [HOME])
    expect(await roleIn(home, KeyId)).toBe('PRIMARY')
    expect((await metadataIn(home, KeyId))?.KeyState).toBe('Enabled')
    await home.send(new RotateKeyOnDemandCommand({ KeyId }))
    await expect.poll(() => materialIn(far, KeyId), LONG).not.toBe(before)
    await expectOpens(home, KeyId, [far])
  }, 20_000)

  it('holds up a rotation until it is there again', async () => {
    const KeyId = await createFamily()
    const before = await materialIn(home, KeyId)
    await drill(server, 'down', [FAR])
    await home.send(new RotateKeyOnDemandCommand({ KeyId }))
    await expect.poll(statusText).toMatch(new RegExp(`${HOME} +${FAR} +down +[1-9]`))
    expect(await materialIn(home, KeyId)).toBe(before)
    expect(await materialIn(away, KeyId)).toBe(before)
    await expectOpens(home, KeyId, [away])
    await drill(server, 'up', [FAR])
    for (const kms of [home, away, far]) await expect.poll(() => materialIn(kms, KeyId), LONG).not.toBe(before)
    expect(new Set(await Promise.all([home, away, far].map((kms) => materialIn(kms, KeyId)))).size).toBe(1)
  }, 20_000)

  it('is no place to move a primary to, and is not needed to move one elsewhere', async () => {
    const KeyId = await createFamily()
    await drill(server, 'down', [AWAY])
    const move = (PrimaryRegion: string) => home.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion }))
    expect(await refusalOf(move(AWAY))).toMatchObject({
      name: 'KMSInternalException',
      message: `${AWAY} cannot be reached from ${HOME}. Nothing was changed: try again when it can.`,
    })
    expect((await metadataIn(home, KeyId))?.KeyState).toBe('Enabled')
    await move(FAR)
    await expect.poll(() => roleIn(far, KeyId), LONG).toBe('PRIMARY')
    expect(await roleIn(home, KeyId)).toBe('REPLICA')
    await drill(server, 'up', [AWAY])
    expect(await roleIn(away, KeyId)).toBe('REPLICA')
  }, 20_000)

  it('goes on with what time brings', async () => {
    const { KeyMetadata } = await away.send(new CreateKeyCommand({}))
    const KeyId = KeyMetadata?.KeyId ?? ''
    await away.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
    await drill(server, 'down', [AWAY])
    await advanceClock(server, '8d')
    await drill(server, 'up', [AWAY])
    expect(await refusalOf(metadataIn(away, KeyId))).toMatchObject({ name: 'NotFoundException' })
  })

  it('has no STS either, and what is of no Region answers', async () => {
    await drill(server, 'down', [HOME])
    const place = { endpoint: server.url, region: HOME, credentials: await server.credentials(), maxAttempts: 1 }
    await expect(new STSClient(place).send(new GetCallerIdentityCommand({}))).rejects.toThrow(/hang up|ECONNRESET/)
    expect((await new IAMClient(place).send(new ListUsersCommand({}))).Users).toEqual([])
    const { status, answer } = await keyspan('/system', {})
    expect([status, answer['Faults']]).toEqual([200, [`${HOME} is down.`]])
  })

  it('reads no body that is long, and answers none', async () => {
    await drill(server, 'down', [HOME])
    const request = home.send(new EncryptCommand({ KeyId: 'alias/x', Plaintext: Buffer.alloc(200_000) }))
    await expect(request).rejects.toThrow(/hang up|ECONNRESET|EPIPE/)
  })

  it('is up again after a start, for drills are kept nowhere', async () => {
    await drill(server, 'down', [AWAY])
    await drill(server, 'partition')
    await server.restart()
    await connect()
    expect(await statusText()).toBe('Every Region is up and hears all others.')
    await expectOpens(home, await createFamily(), [away])
  }, 20_000)
})

describe('What reaches into a Region', () => {
  it('a stack elsewhere goes on once it can be reached', async () => {
    const { KeyMetadata } = await home.send(new CreateKeyCommand({ MultiRegion: true }))
    const KeyId = KeyMetadata?.KeyId ?? ''
    const stacks = stacksOf(server, AWAY, await server.credentials())
    await drill(server, 'down', [HOME])
    const KeyPolicy = {
      Statement: [{ Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'kms:*', Resource: '*' }],
    }
    const Properties = { PrimaryKeyArn: KeyMetadata?.Arn, KeyPolicy }
    const TemplateBody = JSON.stringify({ Resources: { Replica: { Type: 'AWS::KMS::ReplicaKey', Properties } } })
    await stacks.client.send(new CreateStackCommand({ StackName: 'replica', TemplateBody }))
    await setTimeout(500)
    expect(await refusalOf(metadataIn(away, KeyId))).toMatchObject({ name: 'NotFoundException' })
    await drill(server, 'up', [HOME])
    expect((await stacks.settled('replica')).StackStatus).toBe('CREATE_COMPLETE')
    expect((await metadataIn(away, KeyId))?.KeyState).toBe('Enabled')
  }, 30_000)

  it('nobody knows what needs the role of KMS while one is down', async () => {
    await createFamily()
    const place = { endpoint: server.url, region: HOME, credentials: await server.credentials() }
    const iam = new IAMClient(place)
    const RoleName = 'AWSServiceRoleForKeyManagementServiceMultiRegionKeys'
    const { DeletionTaskId } = await iam.send(new DeleteServiceLinkedRoleCommand({ RoleName }))
    const status = async () =>
      (await iam.send(new GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId }))).Status
    await drill(server, 'down', [FAR])
    expect(await status()).toBe('IN_PROGRESS')
    await drill(server, 'up', [FAR])
    expect(await status()).toBe('FAILED')
  }, 20_000)
})

describe('The clock', () => {
  it('is kept as it was moved, by however many at once, and goes a hundred years ahead at most', async () => {
    const before = Number((await keyspan('/drill', {})).answer['Time'])
    await Promise.all(Array.from({ length: 5 }, () => advanceClock(server, '1h')))
    await server.restart()
    await connect()
    expect(Number((await keyspan('/drill', {})).answer['Time']) - before).toBeGreaterThanOrEqual(5 * 3600)
    await expect(advanceClock(server, '36525d')).rejects.toThrow('a hundred years ahead at most')
  }, 20_000)
})

describe('A step at the socket', () => {
  it.each([
    [{ action: 'explode', regions: [] }, 'Invalid option'],
    [{ action: 'down', regions: ['us-east-9'] }, 'This server has no Region "us-east-9"'],
    [{ action: 'down', regions: [HOME, AWAY] }, 'Name the one Region'],
    [{ action: 'delay', regions: [HOME, AWAY], delay: '-5s' }, '"-5s" is no delay'],
    [{ action: 'partition', regions: [HOME, HOME] }, 'is at both ends'],
    [{ action: 'partition', regions: HOME }, 'expected array'],
  ])('%j is refused, and changes nothing', async (step, why) => {
    await expect(askControl(server, '/region', step)).rejects.toThrow(why)
    expect(await statusText()).toBe('Every Region is up and hears all others.')
  })
})

describe('A line that is cut one way', () => {
  it('lets nothing half happen, and there are never two primaries', async () => {
    const KeyId = await createFamily()
    const before = await materialIn(home, KeyId)
    await drill(server, 'partition', [AWAY, HOME], { oneWay: true })
    expect(await statusText()).toContain(`${HOME} does not hear ${AWAY}.`)
    const move = home.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: AWAY }))
    expect(await refusalOf(move)).toMatchObject({ name: 'KMSInternalException' })
    await home.send(new RotateKeyOnDemandCommand({ KeyId }))
    // The new material has come there, and that it has is not heard.
    await expect.poll(statusText).toMatch(new RegExp(`${AWAY} +${HOME} +cut +[1-9]`))
    expect(await materialIn(home, KeyId)).toBe(before)
    await expectOpens(away, KeyId, [home, far])
    await drill(server, 'heal', [HOME, AWAY])
    await expect.poll(() => materialIn(away, KeyId), LONG).not.toBe(before)
    await expect.poll(() => materialIn(home, KeyId), LONG).not.toBe(before)
  }, 20_000)

  it.each([
    [HOME, AWAY],
    [AWAY, HOME],
  ])(
    'while a primary moves, from %s to %s, is waited for',
    async (source, destination) => {
      const KeyId = await createFamily()
      const roles = () => Promise.all([home, away, far].map((kms) => roleIn(kms, KeyId)))
      const primaries = async () => (await roles()).filter((role) => role === 'PRIMARY').length
      await drill(server, 'delay', [HOME, AWAY], { delay: '10m' })
      await home.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: AWAY }))
      for (let hop = 0; hop < 3; hop += 1) {
        await advanceClock(server, '10m')
        expect(await primaries()).toBeLessThanOrEqual(1)
        await drill(server, 'partition', [source, destination], { oneWay: true })
        await advanceClock(server, '10m')
        expect(await primaries()).toBeLessThanOrEqual(1)
        await drill(server, 'heal', [source, destination], { oneWay: true })
        await drill(server, 'delay', [source, destination], { oneWay: true, delay: '10m' })
      }
      await drill(server, 'heal')
      await expect.poll(roles, LONG).toEqual(['REPLICA', 'PRIMARY', 'REPLICA'])
      await expectOpens(far, KeyId, [home, away])
    },
    20_000,
  )
})

describe('What is late', () => {
  it('comes when the clock says so, and nothing else waits for it', async () => {
    const KeyId = await createFamily()
    const before = await materialIn(home, KeyId)
    await drill(server, 'delay', [HOME, AWAY], { delay: '10m' })
    await home.send(new RotateKeyOnDemandCommand({ KeyId }))
    await expect.poll(statusText).toMatch(new RegExp(`${HOME} +${AWAY} +10m late +[1-9]`))
    expect(await materialIn(home, KeyId)).toBe(before)
    // What is between the others is in time.
    const { KeyMetadata } = await home.send(new CreateKeyCommand({ MultiRegion: true }))
    await home.send(new ReplicateKeyCommand({ KeyId: KeyMetadata?.KeyId, ReplicaRegion: FAR }))
    await untilState(far, KeyMetadata?.KeyId ?? '', 'Enabled')
    expect(await materialIn(home, KeyId)).toBe(before)
    // It is heard, answered, and the answer is heard.
    for (let hop = 0; hop < 8 && (await materialIn(home, KeyId)) === before; hop += 1) {
      await advanceClock(server, '10m')
    }
    expect(await materialIn(home, KeyId)).not.toBe(before)
  }, 20_000)

  it('comes at once when the delay is taken back, and never where the line is cut meanwhile', async () => {
    const KeyId = await createFamily()
    const before = await materialIn(home, KeyId)
    await drill(server, 'delay', [HOME, AWAY], { delay: '24h' })
    await home.send(new RotateKeyOnDemandCommand({ KeyId }))
    await drill(server, 'partition', [HOME, AWAY])
    await drill(server, 'heal', [HOME, FAR])
    await advanceClock(server, '2d')
    expect(await materialIn(home, KeyId)).toBe(before)
    await drill(server, 'heal', [HOME, AWAY])
    await expect.poll(() => materialIn(home, KeyId), LONG).not.toBe(before)
  }, 20_000)

  it('keeps no server from stopping', async () => {
    await createFamily()
    await drill(server, 'delay', [HOME, AWAY], { delay: '24h' })
    await home.send(new CreateKeyCommand({}))
    await server.restart()
    await connect()
  })
})

describe('Drills over the wire', () => {
  it('are described and changed, and recorded', async () => {
    const changed = await keyspan('/drill/step', { Action: 'partition', Regions: [HOME, AWAY], OneWay: true })
    expect(changed).toMatchObject({
      status: 200,
      answer: { Development: true, Faults: [`${AWAY} does not hear ${HOME}.`] },
    })
    await keyspan('/drill/step', { Action: 'delay', Regions: [FAR, AWAY], Duration: '5s' })
    const { answer } = await keyspan('/drill', {}, undefined, AWAY)
    expect(answer['Lines']).toContainEqual(expect.objectContaining({ Source: HOME, Destination: AWAY, Cut: true }))
    expect(answer['Lines']).toContainEqual(expect.objectContaining({ Source: AWAY, Destination: FAR, DelaySeconds: 5 }))
    expect(value(await scrape(server), 'keyspan_drill_faults', { kind: 'cut' })).toBe(1)
    expect(value(await scrape(server), 'keyspan_drill_faults', { kind: 'delay' })).toBe(2)
    const before = Number(answer['Time'])
    const moved = await keyspan('/drill/step', { Action: 'advance-clock', Duration: '2h' })
    expect(Number(moved.answer['Time']) - before).toBeGreaterThanOrEqual(7200)
    const records = (await auditLog(server, 'global')).trimEnd().split('\n')
    expect(records.map((record) => JSON.parse(record) as object)).toContainEqual(
      expect.objectContaining({
        eventName: 'ChangeDrill',
        readOnly: false,
        requestParameters: { action: 'partition', regions: [HOME, AWAY], oneWay: true },
      }),
    )
  })

  it.each([
    [{ Action: 'explode' }, "at 'action'"],
    [{ Action: 'down', Regions: [] }, 'Name the one Region'],
    [{ Action: 'down', Regions: ['us-east-9'] }, 'This server has no Region \\"us-east-9\\"'],
    [{ Action: 'partition', Regions: Array(11).fill(HOME) }, 'less than or equal to 10'],
    [{ Action: 'delay', Regions: [HOME, AWAY], Duration: '1y' }, 'is no delay'],
    [{ Action: 'advance-clock', Regions: [HOME], Duration: '1d' }, 'one clock for all Regions'],
    [{ Action: 'advance-clock' }, 'is no duration'],
    [{ Action: 'heal', Regions: 'us-east-1' }, 'not of the type that the operation takes'],
  ])('%j is refused, and changes nothing', async (input, message) => {
    const { status, answer } = await keyspan('/drill/step', input)
    expect(status).toBe(400)
    expect(JSON.stringify(answer)).toContain(message)
    expect(await statusText()).toBe('Every Region is up and hears all others.')
  })

  it('are for the account that the deployment began with', async () => {
    await createAccount(server, GUEST)
    for (const [path, body] of [
      ['/drill', {}],
      ['/drill/step', { Action: 'down', Regions: [HOME] }],
    ] as const) {
      const { status, answer } = await keyspan(path, body, GUEST)
      expect([status, answer['message']]).toEqual([
        404,
        `Drills are run from account ${ACCOUNT}, which runs this server.`,
      ])
    }
    expect(await statusText()).toBe('Every Region is up and hears all others.')
  })

  it('are described outside development mode, and not changed', async () => {
    await using live = await startTestServer({ regions: `${HOME},${AWAY}`, dev: false })
    const ask = async (path: string, body: object) => {
      const credentials = await live.credentials()
      const signed = { url: live.url, credentials, service: 'keyspan', path, body: JSON.stringify(body) }
      const { status, text } = await send(live.url, await signRequest(signed))
      return { status, answer: JSON.parse(text) as Readonly<Record<string, unknown>> }
    }
    expect(await ask('/drill', {})).toMatchObject({ status: 200, answer: { Development: false, Faults: [] } })
    for (const step of [
      { Action: 'down', Regions: [HOME] },
      { Action: 'advance-clock', Duration: '1d' },
    ]) {
      expect(await ask('/drill/step', step)).toMatchObject({
        status: 400,
        answer: { message: 'That works in development mode only. Start the server with --dev.' },
      })
    }
  })
})
