import { setImmediate } from 'node:timers/promises'
import type { Region } from '../../domain/region.ts'
import type { Driver } from '../../replication/driver.ts'
import type { OpenRegion } from './open-region.ts'
import type { Regions } from './regions.ts'

/** After so many lines others have their turn. */
const LINES = 8

/** What one Region has yet to hear from another. */
export interface Backlog {
  readonly source: Region
  readonly destination: Region
  readonly messages: number
  /** When the first of them was said, in epoch milliseconds; null where there are none. */
  readonly since: number | null
}

/** The Regions, and how far those of other places have come. */
export interface BacklogSources {
  readonly regions: Regions
  readonly loop: { driverOf(region: Region): Promise<Pick<Driver, 'followedBy'>> }
}

/**
 * How far Regions are behind those of this server: one to which nothing was ever said is left out, and one of another
 * place that has not asked since the start.
 */
export async function* backlogs({ regions, loop }: BacklogSources): AsyncGenerator<Backlog> {
  const open = [...regions]
  let count = 0
  for (const source of open) {
    const { region, store } = source
    for (const destination of [...open, ...regions.elsewhere()]) {
      if (source === destination) continue
      count += 1
      if (count % LINES === 0) await setImmediate()
      const followed =
        typeof destination === 'string'
          ? (await loop.driverOf(region)).followedBy(destination)
          : await heardBy(destination, region)
      if (followed === null) continue
      const name = typeof destination === 'string' ? destination : destination.region
      const backlog = await store.reads.backlog(name, followed)
      if (backlog !== null) yield { source: region, destination: name, ...backlog }
    }
  }
}

async function heardBy({ store }: OpenRegion, source: Region): Promise<number> {
  return (await store.reads.cursor(source))?.seq ?? 0
}
