import type { Matcher } from '../patterns/match.ts'
import { compileOrdered } from './compare.ts'
import { readNumber } from './numeric.ts'
import type { Operator } from './operator.ts'

const DAY = /([+-]?\d{1,9})(?:-(\d{1,2})(?:-(\d{1,2}))?)?/
const TIME = /(?:(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?)?)?/
const ZONE = /(Z|[+-]\d{2}(?::?\d{2})?)?/
const ISO = new RegExp(`^${DAY.source}(?:T${TIME.source}${ZONE.source})?$`, 'i')

/**
 * Reads a date as milliseconds since 1970: ISO 8601, of which everything behind the year may be left out and is then
 * as small as it can be, or seconds since 1970. Finer than a millisecond is cut off. A bare year would be a number of
 * seconds; before a `T` it is none.
 */
export function readDate(text: string): number | undefined {
  const seconds = readNumber(text)
  if (seconds !== undefined) return Math.trunc(seconds * 1000)
  const found = ISO.exec(text)
  if (found === null) return undefined
  const [, year, month = '1', day = '1', hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = found
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  // A day that the month does not have would roll over into the next month.
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  date.setUTCHours(Number(hour), Number(minute), Number(second), Number(fraction.padEnd(3, '0').slice(0, 3)))
  const offset = readZone(zone)
  return offset === undefined ? undefined : date.getTime() - offset
}

function readZone(zone: string): number | undefined {
  if (zone.toUpperCase() === 'Z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = zone.length > 3 ? Number(zone.slice(-2)) : 0
  if (hours > 23 || minutes > 59) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

/** `DateEquals`, `DateLessThan` and their kin, at a precision of one millisecond. */
export function compileDate(values: readonly string[], operator: Operator): Matcher {
  return compileOrdered(values, operator, readDate)
}
