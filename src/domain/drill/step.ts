import { parseDuration } from '../duration.ts'
import type { Region } from '../region.ts'
import { lineOf, linesBetween, NO_FAULTS, type Faults, type Line } from './faults.ts'

/** What can be done in a drill. */
export const DRILL_ACTIONS = ['partition', 'heal', 'down', 'up', 'delay'] as const

/** Something that is done in a drill, as it was asked for. */
export interface DrillStep {
  readonly action: (typeof DRILL_ACTIONS)[number]
  /** Two, between which something is done; one, to which; or none, for all. */
  readonly regions: readonly string[]
  /** Whether it is only about what the first Region says to the second, or with one Region, to all others. */
  readonly oneWay?: boolean | undefined
  /** How late what passes is to be, such as `5s`. */
  readonly delay?: string | undefined
}

/** A step that cannot be done; its message is for whoever asked for it. */
export class DrillError extends Error {}

/** What passes between Regions is a day late at most. */
const LONGEST_DELAY_MS = 24 * 60 * 60 * 1000

/**
 * What is wrong after a step.
 *
 * @param served the Regions that there are
 * @throws DrillError where it names no Region here, too many or too few, or no delay; nothing has changed then
 */
export function takeStep(faults: Faults, step: DrillStep, served: readonly Region[]): Faults {
  requireServed(step.regions, served)
  if (step.delay !== undefined && step.action !== 'delay') throw new DrillError(`A ${step.action} has no duration.`)
  switch (step.action) {
    case 'down':
      return { ...faults, down: new Set([...faults.down, requireOne(step)]) }
    case 'up':
      return { ...faults, down: without(faults.down, [requireOne(step)]) }
    case 'partition':
      return { ...faults, cuts: new Set([...faults.cuts, ...linesOf(step, served)]) }
    case 'delay': {
      const late = requireDelay(step.delay)
      const delays = linesOf(step, served).map((line) => [line, late] as const)
      return { ...faults, delays: new Map([...faults.delays, ...delays]) }
    }
    case 'heal': {
      const lines = linesOf(step, served)
      if (step.regions.length === 0) return NO_FAULTS
      const delays = [...faults.delays].filter(([line]) => !lines.includes(line))
      return { ...faults, cuts: without(faults.cuts, lines), delays: new Map(delays) }
    }
  }
}

function linesOf({ regions, oneWay = false }: DrillStep, served: readonly Region[]): readonly Line[] {
  const [one, other, more] = regions
  if (more !== undefined) throw new DrillError('A line is between two Regions: name two, or one, or none for all.')
  if (one === undefined) {
    if (oneWay) throw new DrillError('One way is from a Region: name the one that is not heard.')
    return linesBetween(served)
  }
  if (one === other) throw new DrillError(`${one} is at both ends: name two Regions.`)
  const others = other === undefined ? served.filter((region) => region !== one) : [other]
  const out = others.map((region) => lineOf(one, region))
  return oneWay ? out : [...out, ...others.map((region) => lineOf(region, one))]
}

function requireOne({ action, regions, oneWay = false }: DrillStep): Region {
  if (oneWay) throw new DrillError(`A Region that goes ${action} does so for everybody, not one way.`)
  const [region] = regions
  if (region !== undefined && regions.length === 1) return region
  throw new DrillError(`Name the one Region that is to be ${action}.`)
}

function requireDelay(text: string | undefined): number {
  const milliseconds = text === undefined ? null : parseDuration(text)
  if (milliseconds !== null && milliseconds <= LONGEST_DELAY_MS) return milliseconds
  throw new DrillError(
    `${text === undefined ? 'Nothing' : JSON.stringify(text)} is no delay. Give a number and a unit, such as 500s, ` +
      '5m or 1h, up to 24h; heal takes a delay back.',
  )
}

function requireServed(regions: readonly string[], served: readonly Region[]): void {
  const unknown = regions.find((region) => !served.includes(region))
  if (unknown === undefined) return
  throw new DrillError(`This server has no Region ${JSON.stringify(unknown)}. It has ${served.join(', ')}.`)
}

function without<Item>(items: ReadonlySet<Item>, gone: readonly Item[]): ReadonlySet<Item> {
  return new Set([...items].filter((item) => !gone.includes(item)))
}
