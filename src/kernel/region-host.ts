import type { Region } from '../domain/region.ts'
import type { AuditLog } from '../storage/audit-log.ts'
import type { RegionStore, RegionWrites } from '../storage/store.ts'
import type { Vault } from '../storage/vault.ts'
import type { AuditRecord } from './audit.ts'
import type { KeyCache } from './key-cache.ts'

/** One Region that this process serves: its state, what opens it, and its audit log. */
export interface RegionHost {
  readonly region: Region
  readonly store: RegionStore
  readonly vault: Vault
  readonly keys: KeyCache
  readonly journal: Journal
}

/**
 * The way of a record that tells of a change: it is committed with the change, and then appended to the audit log.
 *
 * A crash in between loses nothing: what the log lacks is appended at the next start.
 */
export interface Journal {
  /** Runs `work` in a transaction. The records it notes are in the audit log, synced, when the promise resolves. */
  transaction<Result>(
    work: (writes: RegionWrites, note: (record: AuditRecord) => Promise<void>) => Promise<Result>,
  ): Promise<Result>
  /** Appends the record of a call that changed nothing. */
  append(record: AuditRecord): Promise<void>
}

/** Joins a Region's store and its audit log. */
export function createJournal(store: RegionStore, log: AuditLog): Journal {
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

/** Appends what a crash kept from the audit log. Called once, before the Region is served. */
export async function recoverJournal(
  store: RegionStore,
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
