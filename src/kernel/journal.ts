import type { AuditLog } from '../storage/audit-log.ts'
import type { CommonReads, CommonWrites } from '../storage/store.ts'
import type { AuditRecord } from './audit.ts'

/** Writes a record in the transaction of what it tells of. */
export type Note = (record: AuditRecord) => Promise<void>

/**
 * The way of a record that tells of a change: it is committed with the change, and then appended to the audit log.
 *
 * A crash in between loses nothing: what the log lacks is appended at the next start.
 */
export interface Journal<Writes> {
  /** Runs `work` in a transaction. The records it notes are in the audit log, synced, when the promise resolves. */
  transaction<Result>(work: (writes: Writes, note: Note) => Promise<Result>): Promise<Result>
  /** Appends the record of a call that changed nothing. */
  append(record: AuditRecord): Promise<void>
}

interface JournaledStore<Writes> {
  readonly reads: Pick<CommonReads, 'pendingRecords'>
  transaction<Result>(work: (writes: Writes) => Promise<Result>): Promise<Result>
}

/** Joins a store and its audit log. */
export function createJournal<Writes extends Pick<CommonWrites, 'putRecord' | 'deleteRecords'>>(
  store: JournaledStore<Writes>,
  log: AuditLog,
): Journal<Writes> {
  let appended: string[] = []
  return {
    async transaction(work) {
      const records: AuditRecord[] = []
      const result = await store.transaction(async (writes) => {
        const done = appended
        appended = []
        await writes.deleteRecords(done)
        return work(writes, async (record) => {
          await writes.putRecord(record)
          records.push(record)
        })
      })
      await Promise.all(records.map((record) => log.append(record.text, true)))
      appended.push(...records.map((record) => record.eventId))
      return result
    },
    append: (record) => log.append(record.text, false),
  }
}

/** Appends what a crash kept from the audit log. Called once, before anything is served. */
export async function recoverJournal(
  store: JournaledStore<Pick<CommonWrites, 'deleteRecords'>>,
  log: AuditLog,
  find: (eventIds: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<void> {
  const pending = await store.reads.pendingRecords()
  if (pending.length === 0) return
  const present = await find(pending.map((record) => record.eventId))
  const missing = pending.filter((record) => !present.has(record.eventId))
  await Promise.all(missing.map((record) => log.append(record.text, true)))
  await store.transaction((writes) => writes.deleteRecords(pending.map((record) => record.eventId)))
}
