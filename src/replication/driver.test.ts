import { randomUUID } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { generateMaterial, materialId } from '../crypto/material.ts'
import { keyRecord } from '../../test/key-record.ts'
import { opening } from '../../test/root-key.ts'
import { openRegionStore } from '../storage/region-store.ts'
import type { RegionStore } from '../storage/store.ts'
import { openVault, scopeOf, type Vault } from '../storage/vault.ts'
import { beginFamily, replicate } from './commands.ts'
import { createDriver, type Driver, type Peer } from './driver.ts'
import { ExchangeError } from './exchange.ts'
import { readSeat, writeStep } from './seat.ts'

interface Place {
  store: RegionStore
  vault: Vault
  driver: Driver
  readonly path: string
}

let directory: string
let home: Place
let away: Place

async function open(path: string, region: string): Promise<Place> {
  const store = await openRegionStore(path, region, opening)
  const vault = await openVault(store, opening.deployment)
  await store.transaction(async (writes) => {
    if ((await writes.meta('stream-incarnation')) === null) await writes.putMeta('stream-incarnation', randomUUID())
  })
  const journal = { transaction: <Result>(work: Parameters<typeof run<Result>>[1]) => run(store, work) }
  return { path, store, vault, driver: createDriver({ region, store, vault, journal }, () => 1) }
}

function run<Result>(
  store: RegionStore,
  work: (
    writes: Parameters<Parameters<RegionStore['transaction']>[0]>[0],
    note: () => Promise<void>,
  ) => Promise<Result>,
): Promise<Result> {
  return store.transaction((writes) => work(writes, async () => {}))
}

async function introduce(place: Place, other: Place): Promise<void> {
  const incarnation = (await other.store.reads.meta('stream-incarnation')) ?? ''
  await place.store.transaction((writes) =>
    writes.putPeer({ region: other.store.region, publicKey: other.vault.identity.publicKey, incarnation }),
  )
}

const peerOf = (place: Place): Peer => ({
  region: place.store.region,
  exchange: (pull) => place.driver.answer(pull),
})

/** A primary at home, asked to have a replica away. */
async function createAndReplicate(id: string): Promise<void> {
  const { store, vault } = home
  const material = generateMaterial()
  const current = materialId(
    material,
    scopeOf({ account: '111122223333', id, region: 'us-east-1' }),
    'SYMMETRIC_DEFAULT',
  )
  const key = keyRecord({
    id,
    materials: [{ id: current, generation: 1, rotation: null, requested: null }],
    current,
    family: beginFamily('us-east-1'),
  })
  await store.transaction(async (writes) => {
    await writes.putMaterial(vault.seal(key, current, 1, material))
    await writes.putKey(key, false)
    const seat = await readSeat(writes, key.account, id)
    const birth = { createdAt: 1, description: '', policy: '{}', principals: {}, tags: [] }
    await writeStep(writes, vault, seat, replicate(seat, 'eu-west-1', birth), new Map(), 1)
  })
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
  home = await open(join(directory, 'home.sqlite'), 'us-east-1')
  away = await open(join(directory, 'away.sqlite'), 'eu-west-1')
  await introduce(home, away)
  await introduce(away, home)
})
afterEach(async () => {
  await Promise.all([home.store.close(), away.store.close()])
  rmSync(directory, { recursive: true })
})

describe('A Region that follows another', () => {
  it('hears everything once, however often it asks', async () => {
    await createAndReplicate('mrk-1')
    await away.driver.follow(peerOf(home))
    await home.driver.follow(peerOf(away))
    await away.driver.follow(peerOf(home))
    const key = await away.store.reads.key('111122223333', 'mrk-1')
    expect(key?.family?.active).toBe(true)
    const cursor = await away.store.reads.cursor('us-east-1')
    await away.driver.follow(peerOf(home))
    expect(await away.store.reads.cursor('us-east-1')).toEqual(cursor)
  })

  it('takes nothing from a stranger', async () => {
    const stranger = await open(join(directory, 'stranger.sqlite'), 'us-east-1')
    await introduce(stranger, away)
    await expect(away.driver.follow(peerOf(stranger))).rejects.toThrow(ExchangeError)
    await stranger.store.close()
  })

  it('takes nothing from one whose data was rolled back', async () => {
    const copy = join(directory, 'copy.sqlite')
    await home.store.close()
    copyFileSync(home.path, copy)
    home = await open(home.path, 'us-east-1')
    await createAndReplicate('mrk-1')
    await away.driver.follow(peerOf(home))

    await home.store.close()
    home = await open(copy, 'us-east-1')
    await expect(away.driver.follow(peerOf(home))).rejects.toThrow('was rolled back')
    // Also when it has said as much again, and something else.
    await createAndReplicate('mrk-2')
    await expect(away.driver.follow(peerOf(home))).rejects.toThrow('was rolled back')
    expect(await away.store.reads.key('111122223333', 'mrk-2')).toBeNull()
  })

  it('loses nothing when an exchange fails in the middle', async () => {
    await createAndReplicate('mrk-1')
    const failing: Peer = {
      region: 'us-east-1',
      exchange: async (pull) => {
        await home.driver.answer(pull)
        throw new Error('the line is down')
      },
    }
    await expect(away.driver.follow(failing)).rejects.toThrow('the line is down')
    await away.driver.follow(peerOf(home))
    expect(await away.store.reads.key('111122223333', 'mrk-1')).not.toBeNull()
  })
})
