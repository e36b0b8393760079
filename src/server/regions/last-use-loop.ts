import type { RegionHost } from '../../kernel/region-host.ts'

/** How often last uses are written: what a kill can lose of them at most. */
const FLUSH_MS = 2000

/** Writes the last uses of keys, a few seconds after each at the latest. */
export interface LastUseLoop {
  /** Writes what is left. */
  stop(): Promise<void>
}

/** Starts the loop over the Regions of this process. */
export function startLastUseLoop(
  regions: Iterable<Pick<RegionHost, 'region' | 'lastUses'>>,
  onError: (error: unknown, what: string) => void,
): LastUseLoop {
  const flush = async (): Promise<void> => {
    for (const { region, lastUses } of regions) {
      await lastUses.flush().catch((error: unknown) => onError(error, `last uses of keys in ${region}`))
    }
  }
  const timer = setInterval(() => void flush(), FLUSH_MS)
  return {
    async stop() {
      clearInterval(timer)
      await flush()
    },
  }
}
