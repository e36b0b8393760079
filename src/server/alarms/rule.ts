import { eventOf, type AlarmEvent } from './event.ts'
import { compilePattern, type EventMatcher } from './pattern.ts'
import { CHANGE_HINT, READY_MADE, type Flood, type ReadyMade } from './ready-made.ts'

/** When an alarm rings, and where it goes. */
export interface Rule {
  readonly name: string
  /** The names of its targets. */
  readonly to: readonly string[]
  /** Says whether a record's text can be of an event of the rule: cheap, and never wrong when it says no. */
  readonly mayMatch: (line: string) => boolean
  readonly matches: (event: AlarmEvent) => boolean
  /** Null where each event rings. */
  readonly flood: Flood | null
  /** How long before an imported material expires it rings, in milliseconds; null where it does not. */
  readonly ahead: number | null
}

/** A rule as it is configured. */
export interface RuleText {
  readonly name: string
  readonly when?: readonly string[] | undefined
  readonly pattern?: unknown
  /** Whether the pattern is asked about calls that change nothing, too. */
  readonly reads: boolean
  readonly count?: number | undefined
  /** In milliseconds. */
  readonly within?: number | undefined
  readonly to: readonly string[]
}

/** @throws PatternError */
export function createRule({ name, when, pattern, reads, count, within, to }: RuleText): Rule {
  const ready = when?.flatMap((each) => READY_MADE[each] ?? []) ?? []
  const parts: readonly Omit<ReadyMade, 'meaning'>[] = when === undefined ? [ofPattern(pattern, reads)] : ready
  const matchers = parts.map(compile)
  const known = ready.find(({ flood }) => flood !== undefined)?.flood
  const soon = ready.find(({ ahead }) => ahead !== undefined)?.ahead
  const hints = parts.filter(({ ahead }) => ahead === undefined).map(({ hint }) => hint)
  const counted = { count: count ?? known?.count, within: within ?? known?.within }
  return {
    name,
    to,
    mayMatch: (line) => hints.some((hint) => line.includes(hint)),
    matches: (event) => matchers.some((matches) => matches(event)),
    flood: soon === undefined ? floodOf(counted) : null,
    ahead: soon === undefined ? null : (within ?? soon),
  }
}

/** As EventBridge does, a pattern is asked about changes only, unless it is said otherwise. */
function ofPattern(pattern: unknown, reads: boolean): Omit<ReadyMade, 'meaning'> {
  if (reads) return { hint: '', pattern }
  return { hint: CHANGE_HINT, pattern, also: ({ detail }) => detail['readOnly'] !== true }
}

function compile({ pattern, also }: Omit<ReadyMade, 'meaning'>): EventMatcher {
  const matches = compilePattern(pattern)
  return (event) => matches(event) && (also?.(event as AlarmEvent) ?? true)
}

function floodOf({ count, within }: { count: number | undefined; within: number | undefined }): Flood | null {
  return count === undefined || within === undefined ? null : { count, within }
}

/** How many events of each account there were in the window of time that is running, by rule and account. */
export type FloodCounts = Record<string, { window: number; count: number }>

/** More accounts than these are not counted apart at once; the oldest are forgotten. */
const MOST_COUNTS = 1000

/** A record that rings, and the names of the alarms. */
export interface Ringing {
  readonly event: AlarmEvent
  readonly alarms: readonly string[]
}

/**
 * Says which alarms a record rings; null where it is none. Windows follow each other, and an alarm rings once in each,
 * with the event that makes it full: the same records give the same alarms, however often they are read.
 *
 * @param counts kept with the place to which the log was read
 * @param now by the clock of records, in milliseconds
 */
export function ringing(line: string, rules: readonly Rule[], counts: FloodCounts, now: number): Ringing | null {
  const asked = rules.filter((rule) => rule.mayMatch(line))
  if (asked.length === 0) return null
  const event = eventOf(line)
  if (event === null) return null
  const alarms = asked.filter((rule) => rule.matches(event) && isFull(rule, event, counts, now)).map(({ name }) => name)
  return alarms.length === 0 ? null : { event, alarms }
}

function isFull({ name, flood }: Rule, { account, time }: AlarmEvent, counts: FloodCounts, now: number): boolean {
  if (flood === null) return true
  const id = `${name} ${account}`
  const window = Math.floor(Date.parse(time) / flood.within)
  const last = counts[id]
  // A window that has yet to come was begun by a clock that was ahead.
  const known = last !== undefined && last.window * flood.within <= now ? last : undefined
  // A record that comes late, from another log, counts to the window that is running.
  const count = known !== undefined && known.window >= window ? known.count + 1 : 1
  delete counts[id]
  counts[id] = { window: Math.max(window, known?.window ?? 0), count }
  const [oldest = ''] = Object.keys(counts)
  if (Object.keys(counts).length > MOST_COUNTS) delete counts[oldest]
  return count === flood.count
}
