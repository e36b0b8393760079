import type { Region } from '../../domain/region.ts'
import type { RegionHosts } from '../../kernel/region-host.ts'
import type { OpenRegion } from './open-region.ts'

/**
 * The Regions of this process. Each is opened when it is first used, and stays open: what nobody uses costs nothing.
 * To go through them is to go through those that are open.
 */
export interface Regions extends RegionHosts, Iterable<OpenRegion> {
  /** Those that other servers of the deployment serve, as far as they can be asked. */
  readonly elsewhere: () => readonly Region[]
  get(region: Region): OpenRegion | undefined
  /** Opens one of those that are served, and makes its store where it has none. */
  open(region: Region): Promise<OpenRegion>
  /** Calls `listener` with each Region that is opened from now on, before anybody may use it. */
  onOpen(listener: (region: OpenRegion, others: readonly OpenRegion[]) => Promise<void> | void): void
  /** Resolves when no Region is being opened. */
  idle(): Promise<void>
  close(): Promise<void>
}

/**
 * Regions of which none is open yet.
 *
 * @param served those that can be opened
 */
export function createRegions(
  served: readonly Region[],
  openRegion: (region: Region) => Promise<OpenRegion>,
  elsewhere: () => readonly Region[] = () => [],
): Regions {
  const opened = new Map<Region, OpenRegion>()
  const opening = new Map<Region, Promise<OpenRegion>>()
  const listeners: Parameters<Regions['onOpen']>[0][] = []
  let isClosed = false

  /** One at a time: each gets to know all that were opened before it. */
  let last: Promise<unknown> = Promise.resolve()
  const openNext = async (region: Region): Promise<OpenRegion> => {
    if (isClosed) throw new Error(`${region} is not opened any more: the server stops.`)
    // To open a Region is to begin it where there is none: one of another place would be there twice.
    if (!served.includes(region)) throw new Error(`INVARIANT: what is opened is served here, and ${region} is not`)
    const host = await openRegion(region)
    try {
      for (const listener of listeners) await listener(host, [...opened.values()])
    } catch (error) {
      await host.close()
      throw error
    }
    opened.set(region, host)
    return host
  }

  return {
    served,
    elsewhere,
    get: (region) => opened.get(region),
    open(region) {
      const known = opening.get(region)
      if (known !== undefined) return known
      const promise = last.then(() => openNext(region))
      last = promise.catch(() => {})
      opening.set(region, promise)
      // What has failed once may succeed the next time.
      promise.catch(() => opening.delete(region))
      return promise
    },
    onOpen(listener) {
      listeners.push(listener)
    },
    async idle() {
      await last
    },
    [Symbol.iterator]: () => opened.values(),
    async close() {
      isClosed = true
      await last
      for (const host of [...opened.values()].toReversed()) await host.close()
    },
  }
}
