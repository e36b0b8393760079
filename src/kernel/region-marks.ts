import type { Region } from '../domain/region.ts'

/**
 * Which Regions of other places have not told a Region, since its server was started, how far they have heard it. Until
 * they have, it may have been put back from a backup without knowing of it, and is nobody's primary.
 */
export interface RegionMarks {
  /** Those whose word is waited for. */
  readonly unheard: () => readonly Region[]
  /** Waits for the word of these from now on. */
  expect(regions: readonly Region[]): void
  /** One has told, or nobody waits for it any more. */
  heard(region: Region): void
}

export function createRegionMarks(): RegionMarks {
  const waited = new Set<Region>()
  return {
    unheard: () => [...waited],
    expect(regions) {
      for (const region of regions) waited.add(region)
    },
    heard(region) {
      waited.delete(region)
    },
  }
}
