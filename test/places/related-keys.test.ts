import { copyFile, readdir } from 'node:fs/promises'
import { CreateKeyCommand, KMSClient, ReplicateKeyCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dataDirectory } from '../../src/server/data/data-directory.ts'
import { moveHome } from '../../src/server/data/move-home.ts'
import { untilState } from '../clients/kms-client.ts'
import { askControl } from '../control.ts'
import { AWAY, FAR, HOME } from '../server.ts'
import { startPlaces, type Place, type Places } from './places.ts'

let places: Places
let home: Place
let away: Place
let far: Place
let keyId: string

beforeAll(async () => {
  places = await startPlaces([HOME, AWAY, FAR])
  ;[home, away, far] = [places.of(HOME), places.of(AWAY), places.of(FAR)]
  const { KeyMetadata } = await (await kms(home)).send(new CreateKeyCommand({ MultiRegion: true }))
  keyId = KeyMetadata?.KeyId ?? ''
  for (const { region } of [away, far]) {
    await (await kms(home)).send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: region }))
  }
  for (const place of [away, far]) await untilState(await kms(place), keyId, 'Enabled')
}, 60_000)
afterAll(() => places[Symbol.asyncDispose]())

const kms = async (place: Place) =>
  new KMSClient({ region: place.region, endpoint: place.url, credentials: await home.credentials(), maxAttempts: 1 })
const show = async ({ region, path }: Place) =>
  (
    (await askControl({ path }, '/family', { key: `arn:aws:kms:${region}:111122223333:key/${keyId}` })) as {
      text: string
    }
  ).text
const storesIn = async ({ path }: Place) =>
  (await readdir(dataDirectory(path).regions)).filter((name) => name.endsWith('.sqlite')).toSorted()

describe('A key with a Region in each of three places', () => {
  it('is shown from any of them, which leaves nothing of the others there', async () => {
    for (const place of [home, away, far]) {
      const text = await show(place)
      for (const { region } of [home, away, far]) expect(text).toContain(region)
      expect(text).not.toContain('could not be asked')
      expect(await storesIn(place)).toEqual([`${place.region}.sqlite`])
    }
  })

  it('is shown with a word of those that could not be asked', async () => {
    await home.stop()
    expect(await show(far)).toContain(`${HOME} could not be asked: the primary there is not shown.`)
    await away.stop()
    expect(await show(far)).toContain(`${AWAY} could not be asked: whether the key is there is not known.`)
    await home.start()
    const primary = await show(home)
    expect(primary).toContain(`${AWAY} could not be asked: the replica there is not shown.`)
    await away.start()
    await expect.poll(() => show(far), { timeout: 20_000 }).not.toContain('could not be asked')
  }, 60_000)

  it('has its accounts in one place, whatever databases there may be of others', async () => {
    await far.stop()
    const data = dataDirectory(far.path)
    await copyFile(data.region(FAR), data.region(HOME))
    const moved = await moveHome(data, HOME, true, Date.now())
    expect(moved.text).toContain(`are a copy of those of ${HOME} now`)
  })
})
