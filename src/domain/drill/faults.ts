import type { Region } from '../region.ts'

/** One direction between two Regions: what the first says to the second. */
export type Line = `${Region}>${Region}`

/** What is wrong between Regions, and with them, for as long as a drill lasts. */
export interface Faults {
  /** Those that nobody can reach. */
  readonly down: ReadonlySet<Region>
  /** Lines on which nothing passes. */
  readonly cuts: ReadonlySet<Line>
  /** By how much what passes on a line is late, in milliseconds. */
  readonly delays: ReadonlyMap<Line, number>
}

export const NO_FAULTS: Faults = { down: new Set(), cuts: new Set(), delays: new Map() }

/** The line from one Region to another. */
export function lineOf(source: Region, destination: Region): Line {
  return `${source}>${destination}`
}

/** The ends of a line: who speaks, and who hears. */
export function endsOf(line: Line): readonly [source: Region, destination: Region] {
  const [source = '', destination = ''] = line.split('>')
  return [source, destination]
}

/** Every line between Regions. */
export function linesBetween(regions: readonly Region[]): readonly Line[] {
  return regions.flatMap((one) => regions.filter((other) => other !== one).map((other) => lineOf(one, other)))
}

/** Whether what one Region says reaches another, late or not. */
export function isHeard({ down, cuts }: Faults, source: Region, destination: Region): boolean {
  return !down.has(source) && !down.has(destination) && !cuts.has(lineOf(source, destination))
}

/** Whether a Region can ask another, and be answered. */
export function isConnected(faults: Faults, one: Region, other: Region): boolean {
  return isHeard(faults, one, other) && isHeard(faults, other, one)
}

/** Whether anything is wrong. */
export function isFaulty({ down, cuts, delays }: Faults): boolean {
  return down.size > 0 || cuts.size > 0 || delays.size > 0
}
