import type { Region } from '../../domain/region.ts'
import { ElsewhereError } from '../../kernel/errors.ts'
import type { Journal } from '../../kernel/journal.ts'
import { createKeyCache, type ReadyKeys } from '../../kernel/keys/cache.ts'
import type { LastUses } from '../../kernel/keys/last-uses.ts'
import { createRegionMarks } from '../../kernel/region-marks.ts'
import type { RegionHost, RegionHosts } from '../../kernel/region-host.ts'
import { NotBegunError, openReadingRegion, type Reading } from '../../storage/house/reading-stores.ts'
import type { ReadingHouse } from '../../storage/postgres/postgres-house.ts'
import { openVault } from '../../storage/vault.ts'
import type { News } from './news.ts'
import type { UseBatches } from './use-batches.ts'

/** What Regions are read with. */
export interface ReadingParts {
  readonly house: ReadingHouse
  readonly reading: Reading & { readonly deployment: string }
  /** Writes a record of what a place has answered. */
  readonly append: (place: string, text: string) => Promise<void>
  readonly uses: UseBatches
  readonly readyKeys: ReadyKeys
}

/** The Regions that another process changes. To go through them is to go through those that are open. */
export interface ReadingRegions extends RegionHosts, Iterable<RegionHost> {
  heard(news: Extract<News, { readonly touched: unknown }>): void
}

/** Each is opened when it is first asked; one that is not there yet is for the other process to make. */
export function createReadingRegions(served: readonly Region[], parts: ReadingParts): ReadingRegions {
  const opened = new Map<Region, Awaited<ReturnType<typeof openRegion>>>()
  const opening = new Map<Region, Promise<RegionHost>>()

  async function open(region: Region): Promise<RegionHost> {
    try {
      const found = await openRegion(region, parts)
      opened.set(region, found)
      return found.host
    } catch (error) {
      opening.delete(region)
      if (error instanceof NotBegunError) throw new ElsewhereError(error.message, { cause: error })
      throw error
    }
  }
  return {
    served,
    get: (region) => opened.get(region)?.host,
    open(region) {
      const known = opening.get(region) ?? open(region)
      opening.set(region, known)
      return known
    },
    heard: ({ place, touched }) => opened.get(place)?.heard(touched),
    *[Symbol.iterator]() {
      for (const { host } of opened.values()) yield host
    },
  }
}

async function openRegion(region: Region, { house, reading, append, uses, readyKeys }: ReadingParts) {
  const { store, heard } = await openReadingRegion(house.opener(region), region, reading)
  const vault = await openVault(store, reading.deployment)
  const marks = createRegionMarks()
  const host: RegionHost = {
    region,
    store,
    vault,
    marks,
    keys: createKeyCache(store, vault, marks, readyKeys),
    lastUses: usesElsewhere(region, uses),
    journal: readingJournal((text) => append(region, text)),
  }
  return { host, heard }
}

/** A journal of somebody who changes nothing. */
export function readingJournal(append: (text: string) => Promise<void>): Journal<never> {
  return {
    transaction: () => Promise.reject(new ElsewhereError('It is changed by another process.')),
    append: ({ text }) => append(text),
    settle: () => Promise.resolve(),
  }
}

/** The uses of keys, which the process that leads knows from all. */
function usesElsewhere(region: Region, uses: UseBatches): LastUses {
  return {
    get since(): number {
      throw new ElsewhereError('The last uses of keys are known to another process.')
    },
    lastUse: () => Promise.reject(new ElsewhereError('The last uses of keys are known to another process.')),
    note: (use) => uses.note(region, use),
    flush: () => Promise.resolve(),
  }
}
