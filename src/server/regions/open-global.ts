import type { GlobalHome, GlobalHost } from '../../kernel/global-host.ts'
import { createJournal } from '../../kernel/journal.ts'
import type { AuditLog, AuditMode } from '../../storage/audit/log.ts'
import type { DataDirectory } from '../data/data-directory.ts'
import type { Deployment } from '../data/deployment.ts'
import { openAudit } from './open-audit.ts'

/** What belongs to no Region, with its audit log. */
export interface OpenGlobal extends GlobalHost {
  readonly audit: AuditLog
}

/** Opens what belongs to no Region, and brings its audit log up to what it has committed. */
export async function openGlobal(
  data: DataDirectory,
  { store, secrets, keeping, isOwnLog }: Deployment,
  mode: AuditMode,
  now: () => number,
  homeNow: () => GlobalHome | null,
): Promise<OpenGlobal> {
  const audit = await openAudit(data.audit('global'), store, { mode, keeping }, now, isOwnLog)
  return {
    store,
    secrets,
    audit,
    journal: createJournal(store, audit),
    get home() {
      return homeNow()
    },
  }
}
