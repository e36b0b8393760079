import type { GlobalHost } from '../../kernel/global-host.ts'
import type { RegionHost } from '../../kernel/region-host.ts'

/** How soon records are appended that a full disk has refused. */
const SETTLE_MS = 1000

/** Keeps the audit logs up to what is committed, and the databases free of what the logs have. */
export interface JournalLoop {
  /** Whether records can be written, as far as it was last seen. */
  readonly isHealthy: () => boolean
  /** Leaves nothing pending. */
  stop(): Promise<void>
}

/**
 * Starts the loop over what this process serves.
 *
 * @param hosts asked each time, for Regions are opened meanwhile
 * @param onError called once for each time that a log begins to fail, not for each try
 */
export function startJournalLoop(
  hosts: () => readonly Pick<RegionHost | GlobalHost, 'journal'>[],
  onError: (error: unknown, what: string) => void,
): JournalLoop {
  const failing = new Set<object>()
  const settle = async ({ journal }: Pick<RegionHost | GlobalHost, 'journal'>): Promise<void> => {
    try {
      await journal.settle()
      failing.delete(journal)
    } catch (error) {
      if (!failing.has(journal)) onError(error, 'audit log: no change is made until it can be written')
      failing.add(journal)
    }
  }
  let settling: Promise<unknown> | null = null
  const timer = setInterval(() => {
    settling ??= Promise.all(hosts().map(settle)).finally(() => {
      settling = null
    })
  }, SETTLE_MS)
  return {
    isHealthy: () => failing.size === 0,
    async stop() {
      clearInterval(timer)
      await settling
      await Promise.all(hosts().map(settle))
    },
  }
}
