import { recoverJournal } from '../../kernel/journal.ts'
import { dayBefore } from '../../storage/audit/files.ts'
import { openAuditLog, type AuditLog, type AuditLogOptions } from '../../storage/audit/log.ts'
import type { GlobalStore } from '../../storage/global-store.ts'
import type { RegionStore } from '../../storage/store.ts'
import { DataDirectoryError } from '../data/data-directory.ts'
import { reasonOf } from '../system-errors.ts'

/**
 * Opens the audit log of a store, and brings it up to what the store has committed.
 *
 * @param isOwn whether whoever has written the store last had this log as well
 */
export async function openAudit(
  directory: string,
  store: RegionStore | GlobalStore,
  options: AuditLogOptions,
  now: () => number,
  isOwn: boolean,
): Promise<AuditLog> {
  try {
    await using opened = new AsyncDisposableStack()
    const audit = opened.adopt(await openAuditLog(directory, options, now), (log) => log.close())
    await recoverJournal(store, audit, isOwn ? undefined : dayBefore)
    opened.move()
    return audit
  } catch (error) {
    throw new DataDirectoryError(
      `The audit log in ${directory} cannot be brought up to date: ${reasonOf(error)}. ` +
        'See that the disk has room and that the files belong to the user that runs this server, and start it again.',
      { cause: error },
    )
  }
}
