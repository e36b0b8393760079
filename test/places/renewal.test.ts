import { readFile } from 'node:fs/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateKeyCommand, KMSClient, ReplicateKeyCommand, RotateKeyOnDemandCommand } from '@aws-sdk/client-kms'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../src/server/config/config.ts'
import { dataDirectory } from '../../src/server/data/data-directory.ts'
import { startServer } from '../../src/server/start.ts'
import { openKeptRoot } from '../../src/server/trust/open-root.ts'
import { proveRecord } from '../../src/server/transparency/verify/prove.ts'
import { verifyData } from '../../src/server/transparency/verify/verify.ts'
import { auditLog } from '../audit-log.ts'
import { untilState } from '../clients/kms-client.ts'
import { askControl } from '../control.ts'
import { copyInstants } from '../crash/instants.ts'
import { AWAY, credentialsIn, FAR, HOME, startTestServer } from '../server.ts'
import { introductionOf, startPlaces, type Place, type Places } from './places.ts'

type At = Pick<Place, 'url' | 'path' | 'credentials'>

const kms = async (place: At, region: string) =>
  new KMSClient({ region, endpoint: place.url, credentials: await place.credentials(), maxAttempts: 1 })

/** Makes a key in one Region and a replica in another, and rotates it: both have to hear each other. */
async function exchange(place: At, region: string, other: At, away: string): Promise<void> {
  const client = await kms(place, region)
  const { KeyMetadata } = await client.send(new CreateKeyCommand({ MultiRegion: true }))
  const KeyId = KeyMetadata?.KeyId ?? ''
  // After a start nobody is a primary before each of the others has told how far it has heard it.
  const replicate = () =>
    client.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: away })).then(
      () => '',
      (error: Error) => error.message,
    )
  await expect.poll(replicate).not.toMatch('has not heard from')
  await untilState(await kms(other, away), KeyId, 'Enabled')
  await client.send(new RotateKeyOnDemandCommand({ KeyId }))
  const family = () => askControl(place, '/family', { key: `arn:aws:kms:${region}:111122223333:key/${KeyId}` })
  await expect.poll(async () => ((await family()) as { text: string }).text).not.toMatch(/yet to hear|on its way/)
}

const renew = (place: { readonly path: string }) => askControl(place, '/region/renew', {})

/** The public keys of a server's Regions. */
async function keysOf(place: { readonly path: string }): Promise<readonly string[]> {
  const { text } = await introductionOf(place)
  return (JSON.parse(text) as { regions: { publicKey: string }[] }).regions.map(({ publicKey }) => publicKey)
}

describe('A renewed identity, in one process', () => {
  it('is known to the other Regions at once, whenever the server is killed meanwhile', async () => {
    await using server = await startTestServer({ regions: `${HOME},${AWAY}` })
    await exchange(server, HOME, server, AWAY)
    const copies = await mkdtemp(join(tmpdir(), 'keyspan-'))
    try {
      const { paths } = await copyInstants(server.path, copies, () => renew(server), { every: 1 })
      expect(paths.length).toBeGreaterThan(3)
      await exchange(server, HOME, server, AWAY)
      await exchange(server, AWAY, server, HOME)
      for (const data of paths) {
        const config = readConfig({ data, port: 0, dev: true, regions: `${HOME},${AWAY}` }, {})
        const again = await startServer(config, pino({ level: 'silent' }))
        const place = { url: again.url, path: data, credentials: () => credentialsIn(data) }
        try {
          await exchange(place, HOME, place, AWAY)
        } finally {
          await again.stop()
        }
      }
    } finally {
      await rm(copies, { recursive: true })
    }
  }, 60_000)

  it('is taken by a Region that was not served meanwhile', async () => {
    await using server = await startTestServer({ regions: `${HOME},${AWAY}` })
    await exchange(server, HOME, server, AWAY)
    await server.restart({ regions: HOME })
    await renew(server)
    await renew(server)
    await server.restart({ regions: `${HOME},${AWAY}` })
    await exchange(server, HOME, server, AWAY)
  })

  it('leaves all records provable, and others vouch on', async () => {
    await using server = await startTestServer({ regions: `${HOME},${AWAY}` })
    await exchange(server, HOME, server, AWAY)
    const [before = ''] = (await auditLog(server, HOME)).split('\n')
    await renew(server)
    // One that is used for the first time has never seen the logs of the others.
    await server.restart({ regions: `${HOME},${AWAY},${FAR}` })
    await exchange(server, HOME, server, FAR)
    await server.stop()
    const data = dataDirectory(server.path)
    const proof = await proveRecord(data, (JSON.parse(before) as { eventID: string }).eventID)
    expect(proof.record).toBe(before)
    const { logs } = await verifyData(data, await openKeptRoot(data))
    expect(logs.flatMap(({ findings }) => findings)).toEqual([])
    const witnesses = logs.find(({ place }) => place === HOME)?.witnesses ?? []
    expect(witnesses.map(({ place }) => place).toSorted()).toEqual([FAR, AWAY])
  })
})

describe('A renewed identity, between places', () => {
  let places: Places
  let home: Place
  let away: Place
  let far: Place
  beforeAll(async () => {
    places = await startPlaces([HOME, AWAY, FAR])
    ;[home, away, far] = [places.of(HOME), places.of(AWAY), places.of(FAR)]
  })
  afterAll(() => places[Symbol.asyncDispose]())

  it('is taken by those who are there at once, and by those who were away when they are back', async () => {
    await exchange(home, HOME, away, AWAY)
    const former = await introductionOf(home)
    await far.stop()
    for (let count = 0; count < 3; count += 1) await renew(home)
    await renew(away)
    await exchange(home, HOME, away, AWAY)
    await exchange(away, AWAY, home, HOME)
    await far.start()
    await exchange(home, HOME, far, FAR)
    await exchange(far, FAR, away, AWAY)
    // It is kept: what was taken once is known by itself after a start.
    await away.start()
    await far.start()
    await exchange(far, FAR, home, HOME)
    // The former identity counts for nothing any more.
    await expect(askControl(far, '/region/trust', former)).rejects.toThrow(/not the Region that/)
    const now = await introductionOf(home)
    await askControl(far, '/region/trust', now)
    await exchange(far, FAR, home, HOME)
  }, 60_000)

  it('has its private key deleted with its last signature', async () => {
    const [before = ''] = await keysOf(home)
    await renew(home)
    const [after = ''] = await keysOf(home)
    expect(after).not.toBe(before)
    await home.stop()
    const database = await readFile(dataDirectory(home.path).region(HOME))
    const { hash } = await import('node:crypto')
    const isThere = (key: string) => database.includes(hash('sha256', Buffer.from(key, 'base64')))
    expect([isThere(before), isThere(after)]).toEqual([false, true])
    await home.start()
    await exchange(home, HOME, away, AWAY)
  })

  it('may be another altogether only where an operator says so', async () => {
    const old = await introductionOf(away)
    await renew(away)
    await exchange(home, HOME, away, AWAY)
    await expect(askControl(home, '/region/trust', old)).rejects.toThrow(/not the Region that/)
    await askControl(home, '/region/trust', { ...old, replace: true })
    // It shows that it has come from the one that is trusted again.
    await exchange(home, HOME, away, AWAY)
  })
})
