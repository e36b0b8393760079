import {
  CreateKeyCommand,
  PutKeyPolicyCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
  type KMSClient,
} from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { kmsClient, untilState } from './clients/kms-client.ts'
import { policyOf, principalsOf } from './clients/principals.ts'
import { advanceClock, askInspector, createAccount, pauseReplication } from './control.ts'
import { whileDeaf } from './deafen.ts'
import { AWAY, HOME, startTestServer, type TestServer } from './server.ts'
import { send, signRequest, type RequestPlan } from './signed-request.ts'

const OWNER = '111122223333'
const GUEST = '444455556666'
const DAY_MS = 24 * 60 * 60 * 1000
let server: TestServer
let home: KMSClient
let away: KMSClient

beforeAll(async () => {
  server = await startTestServer({ regions: `${HOME},${AWAY}` })
  await createAccount(server, GUEST)
  home = await kmsClient(server, HOME)
  away = await kmsClient(server, AWAY)
})
afterAll(() => server[Symbol.asyncDispose]())

type Answer = Readonly<Record<string, any>> // oxlint-disable-line typescript/no-explicit-any -- what the wire says

async function describeFamily(
  KeyId: string,
  more: object = {},
  credentials?: RequestPlan['credentials'],
): Promise<Answer> {
  const body = JSON.stringify({ KeyId, ...more })
  const as = credentials ?? (await server.credentials())
  const plan = { url: server.url, credentials: as, region: HOME, service: 'keyspan', path: '/family', body }
  const { status, text } = await send(server.url, await signRequest(plan))
  return { status, ...(JSON.parse(text) as object) }
}

async function createKey(): Promise<string> {
  const { KeyMetadata } = await home.send(new CreateKeyCommand({ MultiRegion: true }))
  return KeyMetadata?.KeyId ?? ''
}

async function createPair(): Promise<string> {
  const KeyId = await createKey()
  await home.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
  await untilSettled(KeyId)
  return KeyId
}

const untilSettled = (KeyId: string) =>
  vi.waitFor(async () => expect(await describeFamily(KeyId)).toMatchObject({ Unheard: [], Waits: [] }), 10_000)

async function apart(work: () => Promise<void>): Promise<void> {
  await pauseReplication(server, true)
  try {
    await work()
  } finally {
    await pauseReplication(server, false)
  }
}

const iso = (seconds: number) => new Date(seconds * 1000).toISOString()

/** @param time in seconds, as answers tell it; the others in milliseconds */
function expectBetween(time: number, from: number, to: number): void {
  expect(time * 1000).toBeGreaterThanOrEqual(from)
  expect(time * 1000).toBeLessThanOrEqual(to)
}

describe('DescribeFamily', () => {
  it('says what each Region has, and with it how policies differ', async () => {
    const id = await createPair()
    const Policy = policyOf({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${OWNER}:root` },
      Action: ['kms:*'],
      Resource: '*',
    })
    await away.send(new PutKeyPolicyCommand({ KeyId: id, Policy }))
    const family = await describeFamily(id)
    expect(family).toMatchObject({
      Members: [
        { Region: HOME, Role: 'PRIMARY', State: 'Enabled' },
        { Region: AWAY, Role: 'REPLICA', State: 'Enabled' },
      ],
      Regions: [HOME, AWAY],
      PolicyDifferences: [],
      Troubles: [],
    })
    const differing = family['Properties'].filter(({ Differs }: Answer) => Differs)
    expect(differing.map(({ Name }: Answer) => Name)).toEqual(['role', 'policy'])
    const { PolicyDifferences: [drift] } = await describeFamily(id, { WithPolicyDifferences: true }) // oxfmt-ignore
    expect(drift).toMatchObject({ From: HOME, To: AWAY })
    expect(new Set(drift.Lines.map(({ In }: Answer) => In))).toEqual(new Set(['both', 'first', 'second']))
  })

  it('says what waits for whom, and since when, while Regions do not hear from each other', async () => {
    const [fresh, id] = [await createKey(), await createPair()]
    const from = Date.now()
    await apart(async () => {
      await home.send(new ReplicateKeyCommand({ KeyId: fresh, ReplicaRegion: AWAY }))
      await home.send(new RotateKeyOnDemandCommand({ KeyId: id }))
      const to = Date.now()
      const coming = await describeFamily(fresh)
      expect(coming).toMatchObject({
        Members: [{ Region: HOME }, { Region: AWAY, Role: 'REPLICA', State: 'COMING' }],
        Regions: [HOME],
        Unheard: [{ From: HOME, To: AWAY, Messages: 2, Says: ['create', 'sync'], Connected: false }],
        Waits: [{ Region: HOME, For: [AWAY], What: 'REPLICA' }],
      })
      for (const { Since } of [...coming['Unheard'], ...coming['Waits']]) expectBetween(Since, from, to)
      const rotating = await describeFamily(id)
      expect(rotating['Waits']).toMatchObject([
        { What: 'CHANGES', For: [AWAY] },
        { What: 'ROTATION', For: [AWAY] },
      ])
      for (const { Since } of rotating['Waits']) expectBetween(Since, from, to)
      const text = await askInspector(server, '/family', { key: `arn:aws:kms:${HOME}:${OWNER}:key/${id}` })
      expect(text).toContain(
        `waits to rotate until the new material is in: ${AWAY}. Since ${iso(rotating['Waits'][1].Since)}`,
      )
      expect(text).toContain(`${AWAY} has yet to hear 1 message from ${HOME}: nothing passes between them now. Since `)
    })
    await untilSettled(id)
    await untilSettled(fresh)
  })

  it('says who is to be primary, and who was', async () => {
    const id = await createPair()
    const from = Date.now()
    await whileDeaf(server, AWAY, HOME, async () => {
      await home.send(new UpdatePrimaryRegionCommand({ KeyId: id, PrimaryRegion: AWAY }))
      const { Members, Waits, Deletion } = await describeFamily(id)
      expect(Members).toMatchObject([{ Region: HOME, Role: 'HANDING_OFF', State: 'Updating' }, { Role: 'REPLICA' }])
      expect(Waits).toMatchObject([{ Region: HOME, For: [AWAY], What: 'PRIMARY' }])
      expectBetween(Waits[0].Since, from, Date.now())
      expect(Deletion).toMatchObject([
        { Region: AWAY, Order: 1, PrimaryChanges: false },
        { Region: HOME, Order: 2, PrimaryChanges: true },
      ])
    })
    await untilState(home, id, 'Enabled')
    await untilSettled(id)
    expect((await describeFamily(id))['Members']).toMatchObject([{ Role: 'REPLICA' }, { Role: 'PRIMARY' }])
  })

  it('says in which order all is deleted, and what that waits for', async () => {
    const id = await createPair()
    expect((await describeFamily(id))['Deletion']).toMatchObject([
      { Region: AWAY, Order: 1, Stage: 'FREE', After: [] },
      { Region: HOME, Order: 2, Stage: 'FREE', After: [AWAY] },
    ])
    const from = Date.now()
    await home.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 9 }))
    const { DeletionDate } = await away.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 }))
    const gone = DeletionDate?.getTime() ?? 0
    const { Deletion, Waits } = await describeFamily(id)
    expect(Deletion).toMatchObject([
      { Region: AWAY, Stage: 'SCHEDULED', DeletionDate: gone / 1000 },
      { Region: HOME, Stage: 'WAITING', NotBefore: (gone + 9 * DAY_MS) / 1000 },
    ])
    expect(Waits).toMatchObject([{ Region: HOME, For: [AWAY], What: 'DELETION' }])
    for (const { Since } of [...Deletion, ...Waits]) expectBetween(Since, from, Date.now())
    const text = await askInspector(server, '/family', { key: `arn:aws:kms:${HOME}:${OWNER}:key/${id}` })
    expect(text).toContain(`2. ${HOME}: after ${AWAY}, at ${iso(Deletion[1].NotBefore)} at the earliest.`)
    await apart(async () => {
      await advanceClock(server, '8d')
      const { Members, Deletion: left, Unheard } = await describeFamily(id)
      expect(Members).toMatchObject([{ Region: HOME }, { Region: AWAY, State: 'GONE' }])
      expect(Unheard).toMatchObject([{ From: AWAY, To: HOME, Says: ['left'] }])
      expect(left).toMatchObject([
        { Region: AWAY, Stage: 'GONE' },
        { Region: HOME, Stage: 'WAITING' },
      ])
    })
    await vi.waitFor(async () =>
      expect((await describeFamily(id))['Deletion']).toMatchObject([{ Region: HOME, Order: 1, Stage: 'SCHEDULED' }]),
    )
  })

  it('is refused to other accounts, without its permission, and of what is not there', async () => {
    const id = await createKey()
    const arn = `arn:aws:kms:${HOME}:${OWNER}:key/${id}`
    const guest = await server.credentials(GUEST)
    expect(await describeFamily(arn, {}, guest)).toMatchObject({ status: 404 })
    const people = await principalsOf(server, HOME)
    const allow = (Action: string) => policyOf({ Effect: 'Allow', Action, Resource: '*' })
    const [with_, without] = [await people.user(allow('keyspan:DescribeFamily')), await people.user(allow('kms:*'))]
    expect(await describeFamily(arn, {}, with_.credentials)).toMatchObject({ status: 200, Regions: [HOME] })
    expect(await describeFamily(arn, {}, without.credentials)).toMatchObject({ status: 403 })
    const missing = `mrk-${'0'.repeat(32)}`
    expect(await describeFamily(missing)).toMatchObject({
      status: 400,
      message: expect.stringContaining('does not exist'),
    })
  })
})
