/**
 * What can befall a Region as a whole: it is put back to what it once was, it is lost, it is declared to be gone, and it
 * comes back.
 *
 * What it had said and nobody had heard is gone with it. What others have heard before they knew, they have heard: a
 * message that is heard then could as well have been heard before.
 */
import type { Region } from '../../src/domain/region.ts'
import { REGIONS } from './protocol.ts'

export const DISASTERS = ['backup', 'restore', 'lose', 'force', 'comeBack'] as const
export type Disaster = (typeof DISASTERS)[number]

/** What is true of whole Regions. */
export interface Houses {
  /** The seat that each has put aside; null for none. */
  readonly backups: readonly (number | null)[]
  /** Pairs of Regions of which the first does not know yet that the second was put back. */
  readonly strangers: readonly string[]
  readonly lost: readonly Region[]
  /** Pairs of Regions of which the first has forgotten the second. */
  readonly forgotten: readonly string[]
}

export const CALM: Houses = { backups: REGIONS.map(() => null), strangers: [], lost: [], forgotten: [] }

export function pair(one: Region, other: Region): string {
  return `${one}${other}`
}

/** Says whether what one says can be heard by the other: both live, and know each other as they are. */
export function passes({ strangers, lost, forgotten }: Houses, from: Region, to: Region): boolean {
  const pairs = [pair(from, to), pair(to, from)]
  return (
    !lost.includes(from) &&
    !lost.includes(to) &&
    !pairs.some((each) => strangers.includes(each) || forgotten.includes(each))
  )
}

/** Those whom a Region asks: all that it has not forgotten. */
export function othersOf({ forgotten }: Houses, here: Region): readonly Region[] {
  return REGIONS.filter((region) => region !== here && !forgotten.includes(pair(here, region)))
}

/** A Region lives on as what it was: everybody has to learn that. */
export function putBack(houses: Houses, region: Region): Houses {
  const others = REGIONS.filter((other) => other !== region && !houses.lost.includes(other))
  const strangers = [...new Set([...houses.strangers, ...others.map((other) => pair(other, region))])].toSorted()
  return { ...houses, strangers, lost: houses.lost.filter((each) => each !== region) }
}

/** A Region learns that another was put back; one that it has forgotten it trusts again then. */
export function learn(houses: Houses, here: Region, of: Region): Houses {
  const without = (pairs: readonly string[]) => pairs.filter((each) => each !== pair(here, of))
  return { ...houses, strangers: without(houses.strangers), forgotten: without(houses.forgotten) }
}

export function lose(houses: Houses, region: Region): Houses {
  return { ...houses, lost: [...houses.lost, region].toSorted() }
}

export function forgetting(houses: Houses, here: Region, gone: Region): Houses {
  const strangers = houses.strangers.filter((each) => each !== pair(here, gone))
  return { ...houses, strangers, forgotten: [...houses.forgotten, pair(here, gone)].toSorted() }
}
