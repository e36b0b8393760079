import { randomUUID } from 'node:crypto'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ENGINES, type TestStore } from '../../test/engines.ts'
import { opening } from '../../test/root-key.ts'
import { openAuditLog, type AuditLog } from '../storage/audit/log.ts'
import { openAuditReader } from '../storage/audit/reader.ts'
import type { GlobalStore } from '../storage/global-store.ts'
import { openGlobalStore } from '../storage/open-global-store.ts'
import { UncertainChangeError } from '../storage/store.ts'
import type { AuditRecord } from './audit.ts'
import { createJournal, recoverJournal } from './journal.ts'

const NOON = Date.parse('2026-11-25T12:00:00Z')
const DAY = 24 * 60 * 60 * 1000

let root: string
let place: TestStore
let store: GlobalStore
let log: AuditLog
let now: number

function newRecord(): AuditRecord {
  const eventId = randomUUID()
  return { eventId, text: JSON.stringify({ eventTime: new Date(now).toISOString(), eventID: eventId }) }
}
const pending = async () => (await store.reads.pendingRecords(1_000_000)).map(({ eventId }) => eventId)

async function recorded(): Promise<readonly string[]> {
  const reader = await openAuditReader(join(root, 'audit'), null)
  const ids: string[] = []
  for await (const line of reader.last(1_000_000)) ids.push((JSON.parse(line) as { eventID: string }).eventID)
  return ids
}

/** A log that refuses what it is given while `isFull`; what it has refused may stand in it all the same. */
function fullLog(writes: boolean): AuditLog & { isFull: boolean } {
  return Object.assign(Object.create(log) as AuditLog, {
    isFull: false,
    flush: () => log.flush(),
    place: () => log.place(),
    find: (ids: ReadonlySet<string>, since: ReturnType<AuditLog['place']>) => log.find(ids, since),
    close: () => log.close(),
    async append(this: { isFull: boolean }, line: string, synced: boolean) {
      if (!this.isFull || writes) await log.append(line, synced)
      if (this.isFull) throw new Error('no space left on device')
    },
  })
}

describe.each(ENGINES)('The journal on $name', ({ dialect, newStore }) => {
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'keyspan-'))
    now = NOON
    place = await newStore('global')
    store = await openGlobalStore(place.where, opening)
    log = await openAuditLog(join(root, 'audit', 'global'), { mode: 'normal' }, () => now)
  })
  afterEach(async () => {
    await log.close()
    await store.close()
    await place[Symbol.asyncDispose]()
    rmSync(root, { recursive: true })
  })

  it('leaves no more than the last change pending, whatever is refused in between, and nothing once it has settled', async () => {
    const journal = createJournal(store, log)
    const made: string[] = []
    for (let count = 0; count < 50; count += 1) {
      const record = newRecord()
      made.push(record.eventId)
      await journal.transaction((_writes, note) => note(record))
      const refused = journal.transaction(async (_writes, note) => {
        await note(newRecord())
        throw new Error('refused')
      })
      await expect(refused).rejects.toThrow('refused')
      expect(await pending()).toEqual([record.eventId])
    }
    await journal.settle()
    expect(await pending()).toEqual([])
    expect(await recorded()).toEqual(made)
  })

  it.each([true, false])(
    'makes no change while the log is full, and has each record of what happened once there is room (written: %s)',
    async (writes) => {
      const full = fullLog(writes)
      const journal = createJournal(store, full)
      const [before, uncertain, refused, after] = [newRecord(), newRecord(), newRecord(), newRecord()]
      await journal.transaction((_writes, note) => note(before))
      full.isFull = true
      const failing = journal.transaction((_writes, note) => note(uncertain))
      await expect(failing).rejects.toThrow(UncertainChangeError)
      await expect(journal.transaction((_writes, note) => note(refused))).rejects.toThrow('no change is made')
      expect(await pending()).toEqual([uncertain.eventId])
      full.isFull = false
      await journal.settle()
      expect(await pending()).toEqual([])
      await journal.transaction((_writes, note) => note(after))
      expect(await recorded()).toEqual([before, uncertain, after].map(({ eventId }) => eventId))
    },
  )

  describe('recovers: it', () => {
    it('appends what the log lacks and nothing twice, days after it was committed, again and again', async () => {
      const [written, unwritten] = [newRecord(), newRecord()]
      const since = log.place()
      await store.transaction(async (writes) => {
        await writes.putRecord(written, since)
        await writes.putRecord(unwritten, since)
      })
      await log.append(written.text, true)
      for (let day = 0; day < 5; day += 1) {
        now += DAY
        await log.append(newRecord().text, true)
      }
      await recoverJournal(store, log)
      expect(await pending()).toEqual([])
      // As if it were killed before the deletion.
      await store.transaction((writes) => writes.putRecord(unwritten, since))
      await recoverJournal(store, log)
      const found = await recorded()
      expect(found).toHaveLength(7)
      expect(new Set(found)).toEqual(new Set([...found, written.eventId, unwritten.eventId]))
    })

    it('does not wait for rows that were damaged', async () => {
      await store.close()
      for (const [id, offset] of [
        // Only SQLite keeps a row without a key.
        [dialect === 'sqlite' ? null : randomUUID(), 0],
        [randomUUID(), 9_223_372_036_854_775_807n],
        [randomUUID(), -1],
      ] as const) {
        await place.query(
          'insert into pending_record (event_id, text, log_file, log_offset) values (?, ?, ?, ?)',
          id,
          JSON.stringify({ eventID: id }),
          '2026-11-25.jsonl',
          offset,
        )
      }
      store = await openGlobalStore(place.where, opening)
      await recoverJournal(store, log)
      expect(await recorded()).toHaveLength(dialect === 'sqlite' ? 2 : 3)
      expect(await store.reads.pendingRecords(1)).toEqual([])
    })

    it('survives any number of rows, and knows those of a database that has not kept their places', async () => {
      const rows = Array.from({ length: 40_000 }, newRecord)
      await store.close()
      // PostgreSQL has kept no others.
      if (dialect === 'sqlite') await forgetPlaces()
      await insert(rows, dialect === 'sqlite' ? [] : ['2026-11-25.jsonl', 0])
      const directory = join(root, 'audit', 'old')
      mkdirSync(directory)
      const present = rows.slice(0, 36_000).map(({ text }) => `${text}\n`)
      appendFileSync(join(directory, '2026-11-25.jsonl'), present.join(''))
      now += 5 * DAY
      store = await openGlobalStore(place.where, opening)
      const audit = await openAuditLog(directory, { mode: 'normal' }, () => now)
      for (let day = 0; day < 3; day += 1) {
        now += DAY
        await audit.append(newRecord().text, true)
      }
      await recoverJournal(store, audit)
      expect(await store.reads.pendingRecords(1)).toEqual([])
      await audit.close()
      const found = (await recorded()).toSorted()
      expect(found).toHaveLength(40_003)
      expect(new Set(found).size).toBe(40_003)
    }, 60_000)
  })
})

/** How many rows are written by one statement. */
const ROWS = 10_000

/** Makes of a database what it was before pending records had places. */
async function forgetPlaces(): Promise<void> {
  await place.run(`
    drop table receipt;
    drop table deletion;
    drop index document_changes;
    drop index document_name;
    drop index access_key_changes;
    alter table document drop column seq;
    alter table access_key drop column seq;
    alter table pending_record drop column log_file;
    alter table pending_record drop column log_offset;
    alter table meta drop column mac;
    alter table document drop column mac;
    alter table access_key drop column mac;
    alter table domain_key drop column format;
    delete from kysely_migration where name >= '0002'`)
}

/** Writes rows of pending records past the store. */
async function insert(rows: readonly AuditRecord[], at: readonly (string | number)[]): Promise<void> {
  const columns = ['event_id', 'text', 'log_file', 'log_offset'].slice(0, 2 + at.length)
  for (let first = 0; first < rows.length; first += ROWS) {
    const some = rows.slice(first, first + ROWS)
    const values = Array.from(some, () => `(${columns.map(() => '?').join(', ')})`).join(', ')
    await place.query(
      `insert into pending_record (${columns.join(', ')}) values ${values}`,
      ...some.flatMap(({ eventId, text }) => [eventId, text, ...at]),
    )
  }
}
