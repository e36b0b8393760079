import type { GlobalHome, GlobalHost } from '../../kernel/global-host.ts'
import { createJournal } from '../../kernel/journal.ts'
import type { AuditLog, AuditMode } from '../../storage/audit/log.ts'
import type { DataDirectory } from '../data/data-directory.ts'
import type { Deployment } from '../data/deployment.ts'
import { openAudit } from './open-audit.ts'

/** What belongs to no Region, with its audit log. */
export interface OpenGlobal extends GlobalHost {
  readonly audit: AuditLog
  /** Records what concerns this server alone, be the home here or not. */
  readonly ownJournal: GlobalHost['journal']
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
  const ownJournal = createJournal(store, audit)
  return {
    store,
    secrets,
    audit,
    ownJournal,
    journal: ofHome(ownJournal, homeNow),
    get home() {
      return homeNow()
    },
  }
}

/** What is committed is committed at the home: it may have moved while a change has waited for its turn. */
function ofHome(journal: GlobalHost['journal'], homeNow: () => GlobalHome | null): GlobalHost['journal'] {
  return {
    ...journal,
    transaction: (work) =>
      journal.transaction((writes, note) => {
        const home = homeNow()
        if (home !== null) throw home.refusal()
        return work(writes, note)
      }),
  }
}
