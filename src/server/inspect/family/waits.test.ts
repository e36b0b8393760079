import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keyRecord } from '../../../../test/key-record.ts'
import { opening } from '../../../../test/root-key.ts'
import { arnOf } from '../../../domain/key.ts'
import { keyState } from '../../../domain/key-state.ts'
import type { Member } from '../../../domain/multi-region.ts'
import { beginFamily } from '../../../replication/commands.ts'
import { openRegionStore } from '../../../storage/open-region-store.ts'
import type { RegionStore } from '../../../storage/store.ts'
import { familyStreams } from './streams.ts'
import { familyWaits } from './waits.ts'

const [HOME, AWAY] = ['us-east-1', 'eu-west-1'] as const
let directory: string
let home: RegionStore
let away: RegionStore

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
  home = await openRegionStore(join(directory, 'home.sqlite'), HOME, opening)
  away = await openRegionStore(join(directory, 'away.sqlite'), AWAY, opening)
})
afterAll(async () => {
  await home.close()
  await away.close()
  rmSync(directory, { recursive: true })
})

const INCARNATION = { epoch: 1, counter: 1 }
const bodyOf = (body: object, epoch = 1) => JSON.stringify({ epoch, incarnation: INCARNATION, body })
const sync = (revision: number) => bodyOf({ type: 'sync', revision })

/** Says something of a key from one Region to the other, at so many milliseconds. */
async function say(from: RegionStore, to: string, id: string, said: readonly (readonly [number, string])[]) {
  const { account } = keyRecord({ id })
  await from.transaction(async (writes) => {
    for (const [at, body] of said) {
      const seq = ((await writes.outboxHead(to))?.seq ?? 0) + 1
      await writes.appendOutbox(to, { seq, account, keyId: id, body, hash: Buffer.alloc(32) }, at)
    }
  })
}

async function waitsOf(record: ReturnType<typeof keyRecord>) {
  const { reads } = home
  const related = [{ region: HOME, reads, snapshot: { record, state: keyState(record) } as never }]
  const speakers = [
    { region: HOME, store: home },
    { region: AWAY, store: away },
  ]
  const lines = { isHeard: () => true, followed: async () => null }
  return familyWaits(
    related,
    related,
    [],
    familyStreams(speakers, { account: record.account, keyId: record.id }, lines),
  )
}

const member: Member = {
  incarnation: INCARNATION,
  full: true,
  holdsStaged: false,
  active: true,
  revision: 1,
  birth: null,
}
const primary = (id: string, more: object = {}, revision = 3) =>
  keyRecord({
    id,
    region: HOME,
    family: {
      ...beginFamily(HOME),
      revision,
      authority: { members: { [AWAY]: member }, counter: 1, handOff: null, awaiting: null, ...more },
    },
  })

describe('what a key waits for', () => {
  it('is an upgrade where something unknown was heard, since that was said', async () => {
    const key = keyRecord({ id: 'mrk-1', region: HOME })
    expect(await waitsOf(key)).toEqual([])
    const [first, second] = [bodyOf({ type: 'new' }), bodyOf({ type: 'newer' })]
    await say(away, HOME, key.id, [
      [5, sync(1)],
      [6, first],
      [7, second],
    ])
    await home.transaction(async (writes) => {
      const message = { source: AWAY, account: key.account, keyId: key.id, reason: 'It is new.' }
      await writes.keepMessage({ ...message, body: first })
      await writes.keepMessage({ ...message, body: second })
    })
    expect(await waitsOf(key)).toMatchObject([
      {
        what: 'UPGRADE',
        since: 6,
        text:
          `${arnOf(key)} follows nobody: 2 of the messages that it has heard wait. The first, from ${AWAY}: ` +
          'It is new. They are tried again at each start: upgrade this server.',
      },
    ])
  })

  it('is what a replica has not confirmed, since the first of it was said, however often it is said again', async () => {
    const said = [sync(1), sync(2), sync(3), sync(3), sync(3)]
    await say(
      home,
      AWAY,
      'mrk-2',
      said.map((body, index) => [10 + index, body]),
    )
    expect(await waitsOf(primary('mrk-2'))).toMatchObject([{ what: 'CHANGES', for: [AWAY], since: 11 }])
    expect(await waitsOf(primary('mrk-2', {}, 1))).toEqual([])
  })

  it('has no time where its beginning is too long ago to be found', async () => {
    await say(
      home,
      AWAY,
      'mrk-3',
      Array.from({ length: 300 }, (_, index) => [100 + index, sync(3)]),
    )
    const { account } = keyRecord({ id: 'mrk-3' })
    const head = await home.reads.outboxHead(AWAY)
    const cursor = { source: HOME, incarnation: 'i', seq: head?.seq ?? 0, hash: Buffer.alloc(32) }
    expect(await waitsOf(primary('mrk-3'))).toMatchObject([{ what: 'CHANGES', since: 100 }])
    await away.transaction((writes) => writes.putCursor(cursor))
    expect(await waitsOf(primary('mrk-3'))).toMatchObject([{ what: 'CHANGES', since: null }])
    const which = { afterSeq: 0, limit: 1000 }
    expect(await home.reads.said(AWAY, { account, keyId: 'mrk-3' }, which)).toHaveLength(300)
  })

  it('is the Region that shall be primary, and the one that was', async () => {
    await say(home, AWAY, 'mrk-4', [
      [20, bodyOf({ type: 'handOff' }, 2)],
      [21, bodyOf({ type: 'handOff' }, 4)],
      [22, bodyOf({ type: 'handOff' }, 4)],
      [23, bodyOf({ type: 'accepted' }, 1)],
    ])
    const handing = primary('mrk-4', { handOff: { to: AWAY, epoch: 4 } })
    expect(await waitsOf(handing)).toMatchObject([{ what: 'PRIMARY', region: HOME, for: [AWAY], since: 21 }])
    const awaiting = primary('mrk-4', { awaiting: AWAY }, 1)
    expect(await waitsOf(awaiting)).toMatchObject([{ what: 'PRIMARY', region: HOME, for: [AWAY], since: 23 }])
  })
})
