import { createJournal, type Journal } from '../../kernel/journal.ts'
import type { GlobalWrites } from '../../storage/global-store.ts'
import { openAudit } from '../regions/open-audit.ts'
import type { DataDirectory } from './data-directory.ts'
import type { Deployment } from './deployment.ts'

/** Changes what is global, with its record, where no server runs. */
export async function withOfflineJournal<Result>(
  data: DataDirectory,
  { store, keeping, isOwnLog }: Pick<Deployment, 'store' | 'keeping' | 'isOwnLog'>,
  work: (journal: Journal<GlobalWrites>) => Promise<Result>,
): Promise<Result> {
  const audit = await openAudit(data.audit('global'), store, { mode: 'strict', keeping }, Date.now, isOwnLog)
  try {
    return await work(createJournal(store, audit))
  } finally {
    await audit.close()
  }
}
