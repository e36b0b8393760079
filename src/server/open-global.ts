import type { GlobalHost } from '../kernel/global-host.ts'
import { createJournal, recoverJournal } from '../kernel/journal.ts'
import { findRecords, openAuditLog, type AuditLog, type AuditMode } from '../storage/audit-log.ts'
import type { DataDirectory } from './data-directory.ts'
import type { Deployment } from './deployment.ts'

/** What belongs to no Region, with its audit log. */
export interface OpenGlobal extends GlobalHost {
  readonly audit: AuditLog
}

/** Opens what belongs to no Region, and brings its audit log up to what it has committed. */
export async function openGlobal(
  data: DataDirectory,
  { store, secrets }: Deployment,
  mode: AuditMode,
  now: () => number,
): Promise<OpenGlobal> {
  const directory = data.audit('global')
  const audit = await openAuditLog(directory, mode, now)
  await recoverJournal(store, audit, (eventIds) => findRecords(directory, eventIds))
  return { store, secrets, audit, journal: createJournal(store, audit) }
}
