import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { keyRecord } from '../../../test/key-record.ts'
import { opening } from '../../../test/root-key.ts'
import { PARTITION } from '../../domain/region.ts'
import { openLastUses } from '../../kernel/keys/last-uses.ts'
import { checkStore } from '../../storage/check-store.ts'
import { sqliteSnapshot } from '../../storage/house/sqlite-house.ts'
import { openRegionStore } from '../../storage/open-region-store.ts'
import { stateTrouble } from './witness.ts'

const REGION = 'us-east-1'
const KEYS = Array.from({ length: 120 }, (_, at) => keyRecord({ id: `key-${at}` }))
/** A frame of SQLite's log: what a page is, and 24 bytes before it. */
const FRAME_BYTES = 4096 + 24

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const fileIn = (name: string): string => join(directory, name, 'store.sqlite')
const open = (name: string) => openRegionStore(fileIn(name), REGION, opening)

/** Lays down a store as a fall of the machine has left it. */
function lay(name: string, database: Uint8Array, log: Uint8Array): void {
  mkdirSync(join(directory, name))
  writeFileSync(fileIn(name), database)
  writeFileSync(`${fileIn(name)}-wal`, log)
}

async function isWhole(name: string): Promise<boolean> {
  await using snapshot = sqliteSnapshot(fileIn(name))
  return (await checkStore(snapshot, opening.root, { ...opening, partition: PARTITION, region: REGION })).isWhole
}

it('A fall of the machine takes last uses that are not synced, and nothing that a checkpoint says', async () => {
  mkdirSync(join(directory, 'first'))
  const store = await open('first')
  await store.transaction(async (writes) => {
    for (const key of KEYS) await writes.putKey(key, false)
  })
  const uses = await openLastUses(store, 0)
  const syncedBytes = statSync(`${fileIn('first')}-wal`).size
  for (const { account, id } of KEYS)
    uses.note({ account, keyId: id, operation: 'Encrypt', at: 1, eventId: 'e', requestId: 'r' })
  const changes = store.changes()
  /** What a checkpoint would say, and what the files are, once so many of them are committed. */
  const look = () => ({
    told: store.state(),
    database: readFileSync(fileIn('first')),
    log: readFileSync(`${fileIn('first')}-wal`),
  })
  const looks: ReturnType<typeof look>[] = []
  store.onCommit(() => looks.push(look()))
  await uses.flush()
  expect(looks).toHaveLength(3)
  expect(store.changes()).toBe(changes + 3)
  await store.close()
  // The third of them is synced, and the others with it.
  const { told, database, log } = looks[1] ?? look()

  expect(log.length).toBeGreaterThan(syncedBytes + 4 * FRAME_BYTES)
  const kept = new Set<number>()
  for (let end = syncedBytes; end <= log.length; end += FRAME_BYTES / 2) {
    // What is not synced is written in any order: a part in the middle may be missing as well.
    const holed = Buffer.from(log)
    holed.fill(0, end, Math.min(end + FRAME_BYTES, log.length))
    for (const [name, left] of Object.entries({ [`cut-${end}`]: log.subarray(0, end), [`holed-${end}`]: holed })) {
      lay(name, database, left)
      const fallen = await open(name)
      expect(stateTrouble(told, fallen.state())).toBeNull()
      expect(fallen.changes()).toBeGreaterThanOrEqual(changes)
      kept.add(fallen.changes() - changes)
      for (const { account, id } of KEYS.slice(0, 3)) expect(await fallen.reads.key(account, id)).not.toBeNull()
      await fallen.close()
      expect(await isWhole(name)).toBe(true)
    }
  }
  expect(kept).toEqual(new Set([0, 1, 2]))
})
