import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  KMSClient,
  ListKeysCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  UpdatePrimaryRegionCommand,
} from '@aws-sdk/client-kms'
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  GetUserCommand,
  IAMClient,
} from '@aws-sdk/client-iam'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dataDirectory } from '../../src/server/data/data-directory.ts'
import { moveHome } from '../../src/server/data/move-home.ts'
import { openKeptRoot } from '../../src/server/trust/open-root.ts'
import { forgetOffline, recoverOffline } from '../../src/server/disaster/offline.ts'
import { auditLog } from '../audit-log.ts'
import { kmsClient, refusalOf, untilState } from '../clients/kms-client.ts'
import { advanceClock, askControl, drill } from '../control.ts'
import { createServerProcessIn } from '../server-process.ts'
import { AWAY, FAR, HOME, startTestServer } from '../server.ts'
import { introductionOf, startPlaces, trust, type Place, type Places } from './places.ts'

let places: Places
let home: Place
let away: Place
let far: Place
let backup: string

beforeEach(async () => {
  backup = await mkdtemp(join(tmpdir(), 'keyspan-'))
  places = await startPlaces([HOME, AWAY, FAR])
  ;[home, away, far] = [places.of(HOME), places.of(AWAY), places.of(FAR)]
}, 60_000)
afterEach(async () => {
  await places[Symbol.asyncDispose]()
  await rm(backup, { recursive: true })
})

const kms = async (place: Place) =>
  new KMSClient({ region: place.region, endpoint: place.url, credentials: await home.credentials(), maxAttempts: 1 })

/** A key whose primary is in one place, with a replica in each of others. */
async function keyIn(primary: Place, ...replicas: readonly Place[]): Promise<string> {
  const here = await kms(primary)
  // A place decides by its copy of the accounts, which it has to hear of first.
  await expect
    .poll(
      () =>
        here.send(new ListKeysCommand({})).then(
          () => true,
          () => false,
        ),
      { timeout: 30_000 },
    )
    .toBe(true)
  const KeyId = (await here.send(new CreateKeyCommand({ MultiRegion: true }))).KeyMetadata?.KeyId ?? ''
  for (const replica of replicas) {
    await here.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: replica.region }))
    await untilState(await kms(replica), KeyId, 'Enabled')
  }
  return KeyId
}

async function typeIn(place: Place, KeyId: string): Promise<string | undefined> {
  const { KeyMetadata } = await (await kms(place)).send(new DescribeKeyCommand({ KeyId }))
  return KeyMetadata?.MultiRegionConfiguration?.MultiRegionKeyType
}

async function movePrimary(from: Place, to: Place, KeyId: string): Promise<void> {
  await (await kms(from)).send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: to.region }))
  await expect.poll(() => typeIn(to, KeyId), { timeout: 15_000 }).toBe('PRIMARY')
  await untilState(await kms(from), KeyId, 'Enabled')
}

const rotate = async (place: Place, KeyId: string) => (await kms(place)).send(new RotateKeyOnDemandCommand({ KeyId }))
const arnIn = ({ region }: Place, id: string) => `arn:aws:kms:${region}:111122223333:key/${id}`

async function materialIn(place: Place, KeyId: string): Promise<string | undefined> {
  return (await (await kms(place)).send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.CurrentKeyMaterialId
}

const CALM = /^Every Region is up and hears all others\.\n/
const statusOf = async (place: Place) => ((await askControl(place, '/region/status', {})) as { text: string }).text

/** Waits until a key has the same material in two places. */
async function untilSame(one: Place, other: Place, KeyId: string, not?: string): Promise<string | undefined> {
  const both = async () => [await materialIn(one, KeyId), await materialIn(other, KeyId)]
  await expect
    .poll(async () => (await both()).every((id, _, [first]) => id === first && id !== not), { timeout: 20_000 })
    .toBe(true)
  return materialIn(one, KeyId)
}

/** Rotates, as soon as that may be. */
async function rotateIn(place: Place, other: Place, KeyId: string): Promise<string | undefined> {
  const before = await materialIn(place, KeyId)
  await expect.poll(() => rotate(place, KeyId).then(() => 'done', String), { timeout: 20_000 }).toBe('done')
  return untilSame(place, other, KeyId, before)
}

describe('A Region in a place of its own', () => {
  it('that was put back is no primary from its first request on, and follows whoever is', async () => {
    const KeyId = await keyIn(home, away, far)
    await home.stop()
    await cp(home.path, backup, { recursive: true })
    await home.start()
    await rotateIn(home, away, KeyId)
    await movePrimary(home, away, KeyId)
    await rotateIn(away, home, KeyId)
    const there = await kms(away)
    const { CiphertextBlob } = await there.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('after it') }))

    await home.stop()
    await rm(home.path, { recursive: true })
    await cp(backup, home.path, { recursive: true })
    await home.start()
    const here = await kms(home)
    // At once: it does not know yet. What it has goes on.
    const refused = await refusalOf(here.send(new RotateKeyOnDemandCommand({ KeyId })))
    expect(['KMSInvalidStateException', 'UnsupportedOperationException']).toContain(refused.name)
    await here.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('still') }))
    await expect
      .poll(async () => here.send(new DecryptCommand({ CiphertextBlob })).then(() => 'opens', String), {
        timeout: 20_000,
      })
      .toBe('opens')
    expect(await typeIn(home, KeyId)).toBe('REPLICA')
    expect(await typeIn(away, KeyId)).toBe('PRIMARY')
    await rotateIn(away, home, KeyId)
    // It tells of it until somebody agrees.
    const asked = { region: HOME, since: Date.now() - 60_000, isAgreed: false }
    await expect(askControl(home, '/region/recover', asked)).rejects.toThrow(/was put back: .* has heard what/)
    await askControl(home, '/region/recover', { ...asked, isAgreed: true })
    await expect(askControl(home, '/region/recover', asked)).rejects.toThrow('has not noticed')
  }, 120_000)

  it('that was put back where it was primary, and is still, goes on with what others had from it', async () => {
    const KeyId = await keyIn(home, away)
    await home.stop()
    await cp(home.path, backup, { recursive: true })
    await home.start()
    const rotated = await rotateIn(home, away, KeyId)
    await home.stop()
    await rm(home.path, { recursive: true })
    await cp(backup, home.path, { recursive: true })
    // Somebody says so: it need not notice.
    await recoverOffline(dataDirectory(home.path), HOME, null, true)
    await home.start()
    await expect.poll(() => materialIn(home, KeyId), { timeout: 20_000 }).toBe(rotated)
    await rotateIn(home, away, KeyId)
    expect(await typeIn(home, KeyId)).toBe('PRIMARY')
  }, 120_000)

  it('that starts alone encrypts and decrypts, and waits with what only a primary does; until others are gone', async () => {
    const KeyId = await keyIn(home, away)
    const single = (await (await kms(home)).send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? ''
    await Promise.all([home.stop(), away.stop(), far.stop()])
    await home.start()
    const here = await kms(home)
    await here.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('alone') }))
    await rotate(home, single)
    const refused = await refusalOf(here.send(new RotateKeyOnDemandCommand({ KeyId })))
    expect(refused.name).toBe('KMSInvalidStateException')
    expect(refused.message).toContain(
      `has not heard from ${[AWAY, FAR].toSorted((a, b) => a.localeCompare(b)).join(', ')}`,
    )
    await far.start()
    await expect
      .poll(async () => (await refusalOf(here.send(new RotateKeyOnDemandCommand({ KeyId })))).message, {
        timeout: 20_000,
      })
      .toContain(`has not heard from ${AWAY} that`)
    await expect(askControl(home, '/region/forget', { region: AWAY, isAgreed: false })).rejects.toThrow(
      /would be gone for good.*Keys that go on without their replica in eu-west-1: 1/s,
    )
    await askControl(home, '/region/forget', { region: AWAY, isAgreed: true })
    await rotate(home, KeyId)
    expect(await auditLog(home, HOME)).toContain('"eventName":"ForgetRegion"')
    // A name that was mistyped is nobody's.
    const mistyped = (region: string) => askControl(home, '/region/forget', { region, isAgreed: true })
    await expect(mistyped('eu-wset-1')).rejects.toThrow('"eu-wset-1" is not a commercial AWS Region')
    await expect(mistyped('eu-west-2')).rejects.toThrow('No Region here has ever known eu-west-2')
    // It changes nothing when it is said again.
    await expect(askControl(home, '/region/forget', { region: HOME, isAgreed: true })).rejects.toThrow('served here')
    await askControl(home, '/region/forget', { region: AWAY, isAgreed: true })
  }, 120_000)

  it('that is lost with a primary gives it to another, and comes back only as another', async () => {
    const KeyId = await keyIn(away, home, far)
    const key = arnIn(away, KeyId)
    // What was said and heard a week ago is forgotten: the streams do not begin at their beginnings any more.
    for (const place of [home, away, far]) await advanceClock(place, '8d')
    const former = await introductionOf(away)
    const force = { key, to: HOME, destroyed: AWAY, isAgreed: true }
    // It lives, and must not die of a word.
    await expect(askControl(home, '/mrk/force-primary', force)).rejects.toThrow(
      /^eu-west-1 is up, and has .*eu-west-1.*: it is not destroyed.* aws kms update-primary-region\.$/,
    )
    await expect(askControl(home, '/region/forget', { region: AWAY, isAgreed: false })).rejects.toThrow(
      'eu-west-1 is up, and answers.',
    )
    await away.stop()
    await expect(askControl(home, '/mrk/force-primary', { ...force, destroyed: FAR })).rejects.toThrow(
      `is in ${AWAY}, not in ${FAR}`,
    )
    await expect(askControl(home, '/mrk/force-primary', force)).rejects.toThrow(
      /cannot be asked, .* keyspan region forget eu-west-1/,
    )
    for (const place of [home, far]) await askControl(place, '/region/forget', { region: AWAY, isAgreed: true })
    await expect(askControl(home, '/mrk/force-primary', { ...force, isAgreed: false })).rejects.toThrow(
      /^us-east-1 would be given the primary of .* To go on, add --yes\.$/,
    )
    await askControl(home, '/mrk/force-primary', force)
    await expect
      .poll(async () => (await askControl(home, '/mrk/force-primary', force)) as object, { timeout: 20_000 })
      .toMatchObject({ isDone: true })
    await rotateIn(home, far, KeyId)
    expect(await auditLog(home, HOME)).toContain('"eventName":"ForcePrimaryRegion"')

    // As what it was it is nobody's any more, and it is told so.
    await expect(askControl(home, '/region/trust', former)).rejects.toThrow('declared to be gone for good')
    await away.start()
    const agree = (isAgreed: boolean) => askControl(away, '/region/recover', { region: AWAY, since: null, isAgreed })
    await expect
      .poll(() => agree(false).catch((error: Error) => error.message), { timeout: 20_000 })
      .toMatch(/was declared to be gone for good: .* counts it as gone, as somebody has said there/)
    expect(await typeIn(away, KeyId)).toBe('REPLICA')
    expect((await refusalOf(rotate(away, KeyId))).name).toBe('KMSInvalidStateException')
    expect(await statusOf(home)).toMatch(/eu-west-1 at .* was declared to be gone for good/)
    // Nobody hears it before somebody says so.
    await expect
      .poll(() => statusOf(away), { timeout: 20_000 })
      .toMatch(/declared to be gone for good.*keyspan region trust/)
    await agree(true)
    await trust(home, away)
    await trust(far, away)
    await expect
      .poll(async () => (await refusalOf(typeIn(away, KeyId))).name, { timeout: 30_000 })
      .toBe('NotFoundException')
    await (await kms(home)).send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
    await untilState(await kms(away), KeyId, 'Enabled')
    // They hear each other both ways.
    await movePrimary(home, away, KeyId)
    await rotateIn(away, home, KeyId)
  }, 120_000)
})

describe('The home of accounts', () => {
  const create = async (UserName: string, place = home) =>
    new IAMClient({
      region: place.region,
      endpoint: place.url,
      credentials: await home.credentials(),
      maxAttempts: 1,
    }).send(new CreateUserCommand({ UserName }))
  const isThere = async (place: Place, UserName: string) =>
    new IAMClient({ region: place.region, endpoint: place.url, credentials: await home.credentials(), maxAttempts: 1 })
      .send(new GetUserCommand({ UserName }))
      .then(
        () => true,
        () => false,
      )

  const iam = async () =>
    new IAMClient({ region: home.region, endpoint: home.url, credentials: await home.credentials(), maxAttempts: 1 })
  const createAccessKey = async () =>
    (await (await iam()).send(new CreateAccessKeyCommand({ UserName: 'ann' }))).AccessKey?.AccessKeyId ?? ''
  const deleteAccessKey = async (AccessKeyId: string) =>
    (await iam()).send(new DeleteAccessKeyCommand({ UserName: 'ann', AccessKeyId }))

  it('that was put back says so, and so do its copies: nobody follows it before somebody agrees to what is lost', async () => {
    await using two = await startPlaces([HOME, AWAY], { 'accounts-stale': '20' })
    ;[home, away] = [two.of(HOME), two.of(AWAY)]
    await expect.poll(() => isThere(away, 'nobody').then(() => statusOf(away)), { timeout: 20_000 }).toMatch(CALM)
    await create('ann')
    const AccessKeyId = await createAccessKey()
    await home.stop()
    await cp(home.path, backup, { recursive: true })
    await home.start()
    await create('late')
    await deleteAccessKey(AccessKeyId)
    await expect.poll(() => isThere(away, 'late'), { timeout: 20_000 }).toBe(true)
    await home.stop()
    await expect
      .poll(() => statusOf(away), { timeout: 20_000 })
      .toMatch(/^The accounts of us-east-1 are not followed since/)
    await expect.poll(() => statusOf(away), { timeout: 20_000 }).toMatch(/^us-east-1 is not heard since/m)
    await rm(home.path, { recursive: true })
    await cp(backup, home.path, { recursive: true })
    await home.start()

    const [told, toAgree] = [
      /^The accounts of us-east-1 .*: the accounts of us-east-1 were put back/,
      'keyspan region home us-east-1',
    ]
    await expect.poll(() => statusOf(away), { timeout: 20_000 }).toMatch(told)
    expect(await statusOf(away)).toContain(toAgree)
    await expect
      .poll(() => statusOf(home), { timeout: 20_000 })
      .toMatch(/^The accounts here were put back from a backup, and have forgotten changes that are known in eu-west-1/)
    // What would not be seen here is not changed there.
    await expect(create('via-the-copy', away)).rejects.toThrow(/^Nothing was changed: .* put back/)
    expect(await isThere(home, 'via-the-copy')).toBe(false)
    await expect
      .poll(async () => (await refusalOf((await kms(away)).send(new ListKeysCommand({})))).message, { timeout: 40_000 })
      .toMatch(/too long ago to decide by it .* were put back from a backup, .* keyspan region home us-east-1/)
    expect(await statusOf(away)).toMatch(/^All requests are refused: the copy/)

    await away.stop()
    const agree = (isAgreed: boolean) => moveHome(dataDirectory(away.path), HOME, isAgreed, Date.now())
    const lost = await agree(false).catch(String)
    expect(lost).toMatch(/1 that are gone there, .*and 1 that were deleted and live there again\.\n/)
    expect(lost).toContain(`access key ${AccessKeyId} of AIDA`)
    expect(lost).toMatch(/: was deleted, and lives again\n {2}user .*late.*: gone\n.* add --yes/)
    await agree(true)
    expect((await agree(false)).text).toContain('already')
    await away.start()
    await expect.poll(() => isThere(away, 'late'), { timeout: 20_000 }).toBe(false)
    for (const place of [home, away]) await expect.poll(() => statusOf(place), { timeout: 20_000 }).toMatch(CALM)
    await create('via-the-copy', away)
    expect(await isThere(away, 'via-the-copy')).toBe(true)
  }, 120_000)

  it('that was put back, and has changed more since than a copy knew, is not gone on with', async () => {
    await home.stop()
    await cp(home.path, backup, { recursive: true })
    await home.start()
    for (const name of ['lost-1', 'lost-2']) await create(name)
    await expect.poll(() => isThere(away, 'lost-2'), { timeout: 20_000 }).toBe(true)
    await Promise.all([home.stop(), away.stop()])
    await rm(home.path, { recursive: true })
    await cp(backup, home.path, { recursive: true })
    await home.start()
    for (const name of ['new-1', 'new-2', 'new-3', 'new-4']) await create(name)
    await away.start()
    await sleep(6000)
    // It has none of what was changed since, rather than some of it.
    const known = await Promise.all(['new-1', 'new-4'].map((name) => isThere(away, name)))
    expect(known).toEqual([false, false])
    await away.stop()
    await moveHome(dataDirectory(away.path), HOME, true, Date.now())
    await away.start()
    await expect.poll(() => isThere(away, 'new-1'), { timeout: 20_000 }).toBe(true)
    expect(await isThere(away, 'lost-1')).toBe(false)
  }, 120_000)
})

describe('A Region that an operator takes for destroyed', () => {
  it('is no primary once it meets the one that was made in its place', async () => {
    await using two = await startPlaces([HOME, AWAY])
    ;[home, away] = [two.of(HOME), two.of(AWAY)]
    const KeyId = await keyIn(away, home)
    // It runs on, and is out of reach.
    for (const place of [home, away]) await drill(place, 'partition')
    const force = { key: arnIn(away, KeyId), to: HOME, destroyed: AWAY, isAgreed: true }
    await expect(askControl(home, '/mrk/force-primary', force)).rejects.toThrow('cannot be asked')
    await askControl(home, '/region/forget', { region: AWAY, isAgreed: true })
    await askControl(home, '/mrk/force-primary', force)
    await expect.poll(() => typeIn(home, KeyId), { timeout: 15_000 }).toBe('PRIMARY')
    expect(await typeIn(away, KeyId)).toBe('PRIMARY')
    for (const place of [home, away]) await drill(place, 'heal')
    await expect.poll(() => typeIn(away, KeyId), { timeout: 30_000 }).toBe('REPLICA')
    await rotate(home, KeyId)
  }, 60_000)
})

describe('Regions in one place', () => {
  it('start with one that was put back and knows the former of another, once that is forgotten', async () => {
    await using server = await createServerProcessIn(backup, {}, '--regions', `${HOME},${AWAY},${FAR}`)
    await server.start()
    const data = dataDirectory(server.path)
    const credentials = await server.credentials()
    const client = (region: string) => new KMSClient({ region, endpoint: server.url, credentials, maxAttempts: 1 })
    const KeyId = (await client(HOME).send(new CreateKeyCommand({ MultiRegion: true }))).KeyMetadata?.KeyId ?? ''
    const replicate = async (region: string) => {
      await client(HOME).send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: region }))
      await untilState(client(region), KeyId, 'Enabled')
    }
    await replicate(AWAY)
    await replicate(FAR)
    await server.kill()
    const remove = async (region: string) => {
      for (const end of ['', '-wal', '-shm']) await rm(`${data.region(region)}${end}`, { force: true })
    }
    const copy = join(backup, 'copy')
    await cp(data.regions, copy, { recursive: true })
    await remove(AWAY)
    await forgetOffline(data, AWAY, true, Date.now(), () => openKeptRoot(data))
    await server.start()
    await replicate(AWAY)
    await server.kill()
    await remove(HOME)
    await cp(copy, data.regions, { recursive: true, filter: (name) => name === copy || name.includes(HOME) })
    await recoverOffline(data, HOME, null, true)
    await expect(server.start()).rejects.toThrow()
    await forgetOffline(data, AWAY, true, Date.now(), () => openKeptRoot(data))
    await server.start()
    await expect
      .poll(
        () =>
          client(HOME)
            .send(new RotateKeyOnDemandCommand({ KeyId }))
            .then(() => 'done', String),
        { timeout: 20_000 },
      )
      .toBe('done')
  }, 60_000)

  it('start without one that is lost, once it is forgotten', async () => {
    await using server = await createServerProcessIn(backup, {}, '--regions', `${HOME},${AWAY}`)
    await server.start()
    const client = (region: string, credentials: { accessKeyId: string; secretAccessKey: string }) =>
      new KMSClient({ region, endpoint: server.url, credentials, maxAttempts: 1 })
    const credentials = await server.credentials()
    const KeyId = (await client(HOME, credentials).send(new CreateKeyCommand({ MultiRegion: true }))).KeyMetadata?.KeyId
    await client(HOME, credentials).send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
    await untilState(client(AWAY, credentials), KeyId ?? '', 'Enabled')
    await server.kill()
    const data = dataDirectory(server.path)
    const forgetting = (isAgreed: boolean) => forgetOffline(data, AWAY, isAgreed, Date.now(), () => openKeptRoot(data))
    await expect(forgetting(true)).rejects.toThrow('is not gone')
    for (const end of ['', '-wal', '-shm']) await rm(`${data.region(AWAY)}${end}`, { force: true })
    await expect(server.start()).rejects.toThrow()
    await expect(forgetting(false)).rejects.toThrow('add --yes')
    await forgetting(true)
    await server.start()
    await client(HOME, credentials).send(new RotateKeyOnDemandCommand({ KeyId }))
    await client(HOME, credentials).send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: AWAY }))
    await untilState(client(AWAY, credentials), KeyId ?? '', 'Enabled')
  }, 60_000)

  it('go on with one that has forgotten a key, and whose place in it was taken', async () => {
    await using server = await startTestServer({ regions: `${HOME},${AWAY},${FAR}` })
    const made = async (replica: string) => {
      const here = await kmsClient(server, HOME)
      const KeyId = (await here.send(new CreateKeyCommand({ MultiRegion: true }))).KeyMetadata?.KeyId ?? ''
      await here.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: replica }))
      await untilState(await kmsClient(server, replica), KeyId, 'Enabled')
      return KeyId
    }
    const typeOf = async (region: string, KeyId: string) => {
      const { KeyMetadata } = await (await kmsClient(server, region)).send(new DescribeKeyCommand({ KeyId }))
      return KeyMetadata?.MultiRegionConfiguration?.MultiRegionKeyType
    }
    const force = (id: string, to: string) => {
      const key = `arn:aws:kms:${HOME}:111122223333:key/${id}`
      return askControl(server, '/mrk/force-primary', { key, to, destroyed: HOME, isAgreed: true })
    }
    const data = dataDirectory(server.path)
    const kept = await made(FAR)
    await server.stop()
    await cp(data.region(HOME), join(backup, 'older'))
    await server.restart()
    const forgotten = await made(AWAY)
    await server.stop()
    await cp(join(backup, 'older'), data.region(HOME))
    await recoverOffline(data, HOME, null, true)
    await server.restart()
    await expect.poll(() => typeOf(HOME, kept), { timeout: 15_000 }).toBe('PRIMARY')
    await expect(force(kept, FAR)).rejects.toThrow(/is served here, and has .* aws kms update-primary-region/)
    await force(forgotten, AWAY)
    await expect.poll(() => typeOf(AWAY, forgotten), { timeout: 15_000 }).toBe('PRIMARY')
    // The Region hears at once that its life is over, and asks everybody anew, also of what nobody has taken from it.
    await expect.poll(() => typeOf(HOME, kept), { timeout: 15_000 }).toBe('PRIMARY')
    await (await kmsClient(server, HOME)).send(new RotateKeyOnDemandCommand({ KeyId: kept }))
  }, 60_000)
})
