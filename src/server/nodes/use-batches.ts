import type { KeyUse } from '../../domain/last-use.ts'
import type { Region } from '../../domain/region.ts'

/** How often they are handed over: what a kill can lose of them at most. */
const EVERY_MS = 1000

/** Hands the uses of a Region's keys over to the process that leads. */
export type HandOverUses = (region: Region, uses: readonly KeyUse[]) => Promise<void>

/** The uses of keys, for the process that leads: the last one of each key, until it has it. */
export interface UseBatches {
  note(region: Region, use: KeyUse): void
  /** To whom they are handed over from now on; null for nobody. */
  readonly to: (receiver: HandOverUses | null) => void
  /** Hands over what there is now. Where that fails, it is handed over with the next ones. */
  flush(): Promise<void>
  stop(): void
}

export function createUseBatches(): UseBatches {
  const noted = new Map<Region, Map<string, KeyUse>>()
  let receiver: HandOverUses | null = null
  let running: Promise<void> | null = null

  async function handOver(): Promise<void> {
    for (const [region, uses] of noted) {
      const some = new Map(uses)
      if (receiver === null || some.size === 0) continue
      await receiver(region, [...some.values()])
      for (const [name, use] of some) if (uses.get(name) === use) uses.delete(name)
    }
  }
  const flush = (): Promise<void> => {
    running ??= handOver()
      .catch(() => {})
      .finally(() => {
        running = null
      })
    return running
  }
  const timer = setInterval(() => void flush(), EVERY_MS)
  return {
    note(region, use) {
      const uses = noted.get(region) ?? new Map<string, KeyUse>()
      uses.set(`${use.account}/${use.keyId}`, use)
      noted.set(region, uses)
    },
    to(next) {
      receiver = next
    },
    flush,
    stop: () => clearInterval(timer),
  }
}
