import type { AuditLog } from '../storage/audit/log.ts'
import type { LogPlace } from '../storage/audit/files.ts'
import { UncertainChangeError, type CommonReads, type CommonWrites, type PendingEntry } from '../storage/store.ts'
import type { AuditRecord } from './audit.ts'

/** Writes a record in the transaction of what it tells of. */
export type Note = (record: AuditRecord) => Promise<void>

/**
 * The way of a record that tells of a change: it is committed with the change, and then appended to the audit log.
 *
 * A crash in between loses nothing: what the log lacks is appended at the next start. Nor does a log that cannot be
 * written: what it lacks is appended by `settle`, and no change is made until then.
 */
export interface Journal<Writes> {
  /**
   * Runs `work` in a transaction. The records it notes are in the audit log, synced, when the promise resolves.
   *
   * @throws UncertainChangeError where the change may have happened, whether or not the audit log has its records
   */
  transaction<Result>(work: (writes: Writes, note: Note) => Promise<Result>): Promise<Result>
  /** Appends the record of a call that changed nothing. */
  append(record: AuditRecord): Promise<void>
  /** Appends what could not be appended before, and forgets what the audit log has. Throws where it still cannot. */
  settle(): Promise<void>
}

interface NotedRecord extends AuditRecord {
  readonly since: LogPlace
}

type CommonStoreWrites = Pick<CommonWrites, 'putRecord' | 'deleteRecords'>

interface JournaledStore<Writes> {
  readonly reads: Pick<CommonReads, 'pendingRecords' | 'pendingTexts'>
  transaction<Result>(work: (writes: Writes) => Promise<Result>): Promise<Result>
}

/** How many rows a transaction deletes besides its own work. */
const FORGOTTEN_AT_ONCE = 1000
/** How many pending records are looked for in one reading of the log. */
const SOUGHT_AT_ONCE = 100_000
/** How much is appended at once. */
const APPENDED_AT_ONCE = { records: 500, bytes: 8 * 1024 * 1024 }

/** Joins a store and its audit log. */
export function createJournal<Writes extends CommonStoreWrites>(
  store: JournaledStore<Writes>,
  log: AuditLog,
): Journal<Writes> {
  /** Committed and in the audit log: their rows are to be deleted. */
  const appended = new Set<string>()
  /** Committed, and refused by the audit log. */
  const lacking = new Map<string, NotedRecord>()
  let settling: Promise<void> | null = null

  async function appendNoted(records: readonly NotedRecord[]): Promise<void> {
    const outcomes = await Promise.allSettled(records.map(({ text }) => log.append(text, true)))
    let failure: unknown = null
    for (const [index, record] of records.entries()) {
      const outcome = outcomes[index]
      if (outcome?.status === 'fulfilled') appended.add(record.eventId)
      else {
        lacking.set(record.eventId, record)
        failure ??= outcome?.reason
      }
    }
    if (failure === null) return
    throw new UncertainChangeError('A change was made, and its record could not be written to the audit log yet.', {
      cause: failure,
    })
  }

  async function settle(): Promise<void> {
    if (lacking.size > 0) {
      const records = [...lacking.values()]
      const present = await log.find(new Set(lacking.keys()), earliest(records))
      const missing = records.filter(({ eventId }) => !present.has(eventId))
      await Promise.all(missing.map(({ text }) => log.append(text, true)))
      for (const { eventId } of records) {
        lacking.delete(eventId)
        appended.add(eventId)
      }
    }
    // What comes meanwhile is left to the next transaction.
    for (let left = appended.size; left > 0; left -= FORGOTTEN_AT_ONCE)
      await deletingRows(store, appended, async () => {})
  }

  return {
    async transaction(work) {
      const records: NotedRecord[] = []
      const result = await deletingRows(store, appended, (writes) => {
        if (lacking.size > 0) throw new Error('The audit log cannot be written: no change is made until it can.')
        return work(writes, async (record) => {
          const since = log.place()
          await writes.putRecord(record, since)
          records.push({ ...record, since })
        })
      })
      await appendNoted(records)
      return result
    },
    append: (record) => log.append(record.text, false),
    settle() {
      settling ??= settle().finally(() => {
        settling = null
      })
      return settling
    },
  }
}

/** Deletes rows of records in the transaction of `work`. INVARIANT: where that fails, they are still to be deleted. */
async function deletingRows<Writes extends CommonStoreWrites, Result>(
  store: Pick<JournaledStore<Writes>, 'transaction'>,
  appended: Set<string>,
  work: (writes: Writes) => Promise<Result>,
): Promise<Result> {
  let eventIds: readonly string[] = []
  try {
    return await store.transaction(async (writes) => {
      eventIds = [...appended.values().take(FORGOTTEN_AT_ONCE)]
      for (const eventId of eventIds) appended.delete(eventId)
      await writes.deleteRecords(eventIds)
      return work(writes)
    })
  } catch (error) {
    for (const eventId of eventIds) appended.add(eventId)
    throw error
  }
}

/**
 * Appends what a crash kept from the audit log, however much it is. Called once, before anything is served.
 *
 * The log is read from where the oldest of them can be, in constant memory.
 *
 * @param inThis where the log is read from, for a place in the log of whoever has committed them
 */
export async function recoverJournal(
  store: JournaledStore<Pick<CommonWrites, 'deleteRecords'>>,
  log: AuditLog,
  inThis = (since: LogPlace): LogPlace => since,
): Promise<void> {
  for (;;) {
    const pending = await store.reads.pendingRecords(SOUGHT_AT_ONCE)
    if (pending.length === 0) return
    const eventIds = pending.map(({ eventId }) => eventId)
    const present = await log.find(new Set(eventIds), inThis(earliest(pending)))
    const missing = pending.filter(({ eventId }) => !present.has(eventId))
    for (const group of groupsOf(missing)) {
      const texts = await store.reads.pendingTexts(group)
      await Promise.all(texts.map((text) => log.append(text, true)))
    }
    await store.transaction((writes) => writes.deleteRecords(eventIds))
  }
}

function earliest(records: readonly { readonly since: LogPlace }[]): LogPlace {
  return records
    .map(({ since }) => since)
    .reduce((least, since) =>
      since.file < least.file || (since.file === least.file && since.offset < least.offset) ? since : least,
    )
}

function* groupsOf(entries: readonly PendingEntry[]): Generator<readonly string[]> {
  let group: string[] = []
  let bytes = 0
  for (const { eventId, size } of entries) {
    if (group.length === APPENDED_AT_ONCE.records || (group.length > 0 && bytes + size > APPENDED_AT_ONCE.bytes)) {
      yield group
      group = []
      bytes = 0
    }
    group.push(eventId)
    bytes += size
  }
  if (group.length > 0) yield group
}
