import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { generateMaterial, materialId } from '../crypto/material.ts'
import { ENGINES, type TestStore } from '../../test/engines.ts'
import { keyRecord } from '../../test/key-record.ts'
import { opening } from '../../test/root-key.ts'
import { openRegionStore } from '../storage/open-region-store.ts'
import type { RegionStore } from '../storage/store.ts'
import { openVault, scopeOf, type Vault } from '../storage/vault.ts'
import { roleOf } from '../domain/multi-region.ts'
import { beginFamily, handOff, replicate } from './commands.ts'
import { createDriver, type Driver } from './driver.ts'
import type { Peer } from './driver-host.ts'
import type { Seat, Step } from './governing.ts'
import { beginLife, putBackOf } from './lives.ts'
import { startRotation } from './rotation.ts'
import { ExchangeError } from './signed.ts'
import { NOTHING, readSeat, writeStep, type Brought } from './seat.ts'

/** Of a Region of an older version: the types of message that it does not know. */
const version = vi.hoisted(() => ({ unknown: '' }))
vi.mock(import('./transitions.ts'), async (importActual) => {
  const actual = await importActual()
  return {
    ...actual,
    receive(...given) {
      const { type } = given[2].body
      if (type === version.unknown) throw new actual.UnknownMessageError(`no message of type "${type}"`)
      return actual.receive(...given)
    },
  }
})

interface Place {
  store: RegionStore
  vault: Vault
  driver: Driver
  readonly at: TestStore
}

let alarms: string[]
let home: Place
let away: Place

async function open(at: TestStore, region: string): Promise<Place> {
  const store = await openRegionStore(at.where, region, opening)
  const vault = await openVault(store, opening.deployment)
  await store.transaction(async (writes) => {
    if ((await writes.meta('stream-incarnation')) === null) await writes.putMeta('stream-incarnation', randomUUID())
  })
  const journal = { transaction: <Result>(work: Parameters<typeof run<Result>>[1]) => run(store, work) }
  return {
    at,
    store,
    vault,
    driver: createDriver({ region, store, vault, journal, alarm: (_error, about) => alarms.push(about) }, () => 1),
  }
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
    await writeStep({ writes, vault, note: async () => {} }, seat, replicate(seat, 'eu-west-1', birth), NOTHING, 1)
  })
}

/** Both Regions follow each other until nothing is new. */
async function followEachOther(): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await away.driver.follow(peerOf(home))
    await home.driver.follow(peerOf(away))
  }
}

const isActive = async (id: string) => (await away.store.reads.key('111122223333', id))?.family?.active

/** Changes rows of a place behind its back. */
async function tamper({ at }: Place, statement: string, ...values: (string | number | Uint8Array)[]): Promise<void> {
  await at.query(statement, ...values)
}

describe.each(ENGINES)('On $name', ({ dialect, newStore }) => {
  beforeEach(async () => {
    alarms = []
    version.unknown = ''
    home = await open(await newStore('us-east-1'), 'us-east-1')
    away = await open(await newStore('eu-west-1'), 'eu-west-1')
    await introduce(home, away)
    await introduce(away, home)
  })
  afterEach(async () => {
    for (const { at, store } of [home, away]) {
      await store.close()
      await at[Symbol.asyncDispose]()
    }
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
      await using elsewhere = await newStore('us-east-1')
      const stranger = await open(elsewhere, 'us-east-1')
      await introduce(stranger, away)
      await expect(away.driver.follow(peerOf(stranger))).rejects.toThrow(ExchangeError)
      await stranger.store.close()
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

  describe('One key that cannot go on', () => {
    it('stops no other when its material is damaged, and goes on when that is whole again', async () => {
      await createAndReplicate('mrk-1')
      await createAndReplicate('mrk-2')
      const [stored] = await home.store.reads.materialsOf('111122223333', 'mrk-1')
      if (stored === undefined) throw new Error('The key has a material.')
      const put = (bytes: Uint8Array) =>
        tamper(home, 'UPDATE material SET ciphertext = ? WHERE id = ?', bytes, stored.id)
      await put(Buffer.alloc(stored.ciphertext.length))
      await followEachOther()
      expect(await isActive('mrk-1')).toBe(false)
      expect(await isActive('mrk-2')).toBe(true)
      expect(alarms).toEqual([
        expect.stringContaining(`material ${stored.id} of arn:aws:kms:us-east-1:111122223333:key/mrk-1`),
      ])
      await put(stored.ciphertext)
      await home.driver.repeat()
      await followEachOther()
      expect(await isActive('mrk-1')).toBe(true)
    })

    it('stops no other when its record cannot be read', async () => {
      await createAndReplicate('mrk-1')
      await createAndReplicate('mrk-2')
      await tamper(home, "UPDATE key SET record = 'damaged' WHERE id = 'mrk-1'")
      await followEachOther()
      await home.driver.repeat()
      await home.driver.sweep(() => true)
      expect(await isActive('mrk-2')).toBe(true)
      expect(alarms.filter((about) => !about.includes('key/mrk-1') && !about.includes('key mrk-1'))).toEqual([])
    })

    it('stops no other when a newer version says of it what this one does not know, and takes that in later', async () => {
      version.unknown = 'create'
      await createAndReplicate('mrk-1')
      await away.driver.follow(peerOf(home))
      version.unknown = ''
      await createAndReplicate('mrk-2')
      await followEachOther()
      await home.driver.repeat()
      await followEachOther()
      // What comes after waits as well: nobody knows what the unknown would have made of it.
      expect(await isActive('mrk-1')).toBeUndefined()
      expect(await isActive('mrk-2')).toBe(true)
      const kept = await away.store.reads.keptMessages('111122223333', 'mrk-1')
      expect(kept.map(({ body }) => JSON.parse(body).body.type)).toEqual(['create', 'sync'])
      expect(kept[0]).toMatchObject({ source: 'us-east-1', reason: 'no message of type "create"' })
      expect(alarms).toHaveLength(1)

      // Of another version, it takes in what was kept; its material is brought again.
      await away.driver.repeat()
      await followEachOther()
      await home.driver.repeat()
      await followEachOther()
      expect(await isActive('mrk-1')).toBe(true)
      expect(await away.store.reads.keptMessages('111122223333', 'mrk-1')).toEqual([])
    })

    it('stays where it is while its message is still not known', async () => {
      version.unknown = 'create'
      await createAndReplicate('mrk-1')
      await followEachOther()
      const kept = await away.store.reads.keptMessages('111122223333', 'mrk-1')
      await away.driver.repeat()
      expect(await away.store.reads.keptMessages('111122223333', 'mrk-1')).toEqual(kept)
      expect(alarms.at(-1)).toContain('what is kept of arn:aws:kms:eu-west-1:111122223333:key/mrk-1')
    })
  })

  describe('Everybody’s turn', () => {
    const nameOf = (number: number) => `mrk-${String(number).padStart(5, '0')}`
    // More than are looked at in one go; fewer where each key is many round trips.
    const [due, unsettled] = dialect === 'sqlite' ? [1001, 600] : [60, 40]

    async function createMany(count: number, make: (number: number) => Parameters<typeof keyRecord>[0]): Promise<void> {
      await home.store.transaction(async (writes) => {
        for (let number = 0; number < count; number += 1) {
          await writes.putKey(keyRecord({ id: nameOf(number), ...make(number) }), true)
        }
      })
    }

    it('comes for all that is due, in one sweep and though one key cannot be swept', async () => {
      await createMany(due, () => ({ deletion: { windowDays: 7, at: 0 } }))
      await tamper(home, 'UPDATE key SET record = ? WHERE id = ?', 'damaged', nameOf(0))
      await home.driver.sweep(() => true)
      expect(await home.store.reads.dueKeys(1, { after: null, limit: 10 })).toEqual([
        { account: '111122223333', keyId: nameOf(0) },
      ])
      expect(alarms).toEqual([expect.stringContaining(nameOf(0))])
    })

    it('ends where the server ends', async () => {
      await createMany(3, () => ({ deletion: { windowDays: 7, at: 0 } }))
      let left = 2
      await home.driver.sweep(() => (left -= 1) >= 0)
      expect(await home.store.reads.dueKeys(1, { after: null, limit: 10 })).toHaveLength(1)
    })

    it('comes for a rotation that nobody has noticed can go on', async () => {
      const first = { id: 'first', generation: 1, rotation: null, requested: null }
      const staged = { id: 'staged', generation: 2, rotation: null, requested: { at: 1, type: 'ON_DEMAND' as const } }
      await createMany(1, () => ({ family: beginFamily('us-east-1'), materials: [first, staged], current: 'first' }))
      await home.driver.repeat()
      expect((await home.store.reads.key('111122223333', nameOf(0)))?.current).toBe('staged')
      expect(await home.store.reads.unsettledKeys({ after: null, limit: 10 })).toEqual([])
    })

    it('comes for every key that is not confirmed, with all that is to be said again', async () => {
      // Nobody has their materials: they never settle.
      await createMany(unsettled, () => ({}))
      await home.store.transaction(async (writes) => {
        for (let number = 0; number < unsettled; number += 1) {
          const id = nameOf(number)
          const key = keyRecord({
            id,
            family: beginFamily('us-east-1'),
            materials: [{ id, generation: 1, rotation: null, requested: null }],
            current: id,
          })
          const birth = { createdAt: 1, description: '', policy: '{}', principals: {}, tags: [] }
          const { seat } = replicate({ key, tombstone: null }, 'eu-west-1', birth)
          if (seat.key !== null) await writes.putKey(seat.key, true)
        }
      })
      await away.driver.follow(peerOf(home))
      await home.driver.repeat()
      await away.driver.follow(peerOf(home))
      await home.driver.repeat()
      const said = await home.store.reads.outbox('eu-west-1', 0, 10_000)
      for (const number of [0, unsettled - 1]) {
        const types = said.filter(({ keyId }) => keyId === nameOf(number)).map(({ body }) => JSON.parse(body).body.type)
        expect(types.slice(0, 2)).toEqual(['create', 'sync'])
      }
    })
  })

  describe('A Region that was put back', () => {
    const keyAt = ({ store }: Place) => store.reads.key('111122223333', 'mrk-1')
    const roleAt = async (place: Place) => roleOf((await keyAt(place))?.family ?? null)

    /** Puts home back to what it was in a copy; nobody tells it. */
    async function putBack(copy: TestStore): Promise<void> {
      await home.store.close()
      await home.at[Symbol.asyncDispose]()
      home = await open(copy, 'us-east-1')
    }

    async function copyHome(): Promise<TestStore> {
      await home.store.close()
      const copy = await home.at.copy()
      home = await open(home.at, 'us-east-1')
      return copy
    }

    async function change(place: Place, step: (seat: Seat) => { step: Step; brought: Brought }): Promise<void> {
      await place.store.transaction(async (writes) => {
        const seat = await readSeat(writes, '111122223333', 'mrk-1')
        const { step: done, brought } = step(seat)
        await writeStep({ writes, vault: place.vault, note: async () => {} }, seat, done, brought, 1)
      })
    }

    /** Whatever fails is told, and tried again. */
    async function settle(): Promise<void> {
      for (let round = 0; round < 4; round += 1) {
        for (const [one, other] of [
          [home, away],
          [away, home],
        ] as const) {
          await one.driver.follow(peerOf(other)).catch(() => {})
        }
        await home.driver.repeat()
        await away.driver.repeat()
      }
    }

    it.each([
      ['is asked by another', async () => away.driver.follow(peerOf(home))],
      ['asks another', async () => home.driver.follow(peerOf(away))],
    ])('notices it when it %s, and is no primary from then on', async (_when, meet) => {
      await createAndReplicate('mrk-1')
      await settle()
      const copy = await copyHome()
      await change(home, (seat) => ({ step: handOff(seat, 'eu-west-1'), brought: NOTHING }))
      await settle()
      await putBack(copy)
      expect(await roleAt(home)).toBe('PRIMARY')
      await expect(meet()).rejects.toThrow('it was put back from a backup')
      expect(await roleAt(home)).toBe('RECOVERING')
      expect(await putBackOf(home.store.reads)).toMatchObject({ why: expect.stringContaining('eu-west-1 has heard') })
      await settle()
      expect([await roleAt(home), await roleAt(away)]).toEqual(['REPLICA', 'PRIMARY'])
      expect((await keyAt(away))?.family?.authority?.members['us-east-1']).toMatchObject({ full: true, active: true })
    })

    it('goes on as primary where nobody else is, with what others had from it, under a new epoch', async () => {
      await createAndReplicate('mrk-1')
      await settle()
      const copy = await copyHome()
      await change(home, (seat) => startRotation(seat, 'ON_DEMAND', 1))
      await settle()
      const rotated = await keyAt(away)
      expect(rotated?.materials).toHaveLength(2)
      await putBack(copy)
      expect((await keyAt(home))?.materials).toHaveLength(1)
      await settle()
      const back = await keyAt(home)
      expect(back).toMatchObject({ materials: rotated?.materials, current: rotated?.current, onDemandRotations: 1 })
      expect(await home.store.reads.materialsOf('111122223333', 'mrk-1')).toHaveLength(2)
      expect(back?.family).toMatchObject({ epoch: 2, primaryRegion: 'us-east-1' })
      await change(home, (seat) => startRotation(seat, 'ON_DEMAND', 1))
      await settle()
      expect((await keyAt(away))?.current).toBe((await keyAt(home))?.current)
      expect((await keyAt(away))?.materials).toHaveLength(3)
    })

    it('may be put back again, to what it was before it noticed', async () => {
      await createAndReplicate('mrk-1')
      await settle()
      const copy = await copyHome()
      const again = await copy.copy()
      await change(home, (seat) => startRotation(seat, 'ON_DEMAND', 1))
      await settle()
      await putBack(copy)
      await settle()
      await putBack(again)
      await settle()
      expect((await keyAt(home))?.materials).toEqual((await keyAt(away))?.materials)
      expect((await keyAt(home))?.family).toMatchObject({ epoch: 3, primaryRegion: 'us-east-1' })
      expect((await keyAt(home))?.family?.recovery).toBeUndefined()
    })

    it('deletes and rotates nothing by what it remembers', async () => {
      await createAndReplicate('mrk-1')
      await settle()
      await home.store.transaction(async (writes) => {
        const key = await writes.key('111122223333', 'mrk-1')
        if (key !== null) await writes.putKey({ ...key, rotation: { nextAt: 0, periodDays: 90 } }, false)
        await beginLife({ writes, vault: home.vault, note: async () => {} }, 'a test', 1)
      })
      await home.driver.sweep(() => true)
      expect((await keyAt(home))?.materials).toHaveLength(1)
    })
  })
})
