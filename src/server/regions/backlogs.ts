import { setImmediate } from 'node:timers/promises'
import type { OpenRegion } from './open-region.ts'

/** After so many lines others have their turn. */
const LINES = 8

/** What one Region has yet to hear from another. */
export interface Backlog {
  readonly source: OpenRegion
  readonly destination: OpenRegion
  readonly messages: number
  /** When the first of them was said, in epoch milliseconds; null where there are none. */
  readonly since: number | null
}

/** How far Regions are behind each other: one that has never said anything to another is left out. */
export async function* backlogs(regions: readonly OpenRegion[]): AsyncGenerator<Backlog> {
  let count = 0
  for (const source of regions) {
    for (const destination of regions) {
      if (source === destination) continue
      count += 1
      if (count % LINES === 0) await setImmediate()
      const followed = (await destination.store.reads.cursor(source.region))?.seq ?? 0
      const backlog = await source.store.reads.backlog(destination.region, followed)
      if (backlog !== null) yield { source, destination, ...backlog }
    }
  }
}
