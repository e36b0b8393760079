/**
 * The thread that keeps the index of the audit logs and looks events up in it, so that no request waits for either. It is
 * started by `event-index.ts`, and nothing else speaks to it.
 */
import { setImmediate } from 'node:timers/promises'
import { parentPort } from 'node:worker_threads'
import type { LogPlace } from '../audit/files.ts'
import { findEvents, type EventQuery, type FoundEvents } from './find-events.ts'
import { openLogIndex, type IndexedLog, type LogIndex } from './log-index.ts'
import { DamagedSegmentError } from './segment.ts'

/** How far a log goes. */
export interface LogState extends IndexedLog {
  readonly place: LogPlace
}

/** What the thread is told: how far the logs go, and what is to be looked up, if anything is. */
export interface Told {
  readonly logs: readonly LogState[]
  /** The first day that can be looked up, as `YYYY-MM-DD`. */
  readonly since: string
  readonly lookup: Lookup | null
}

interface Lookup {
  readonly id: number
  readonly query: EventQuery
  /** The first day that is asked for. */
  readonly day: string
  /** How long it may wait for the index, in milliseconds. */
  readonly patience: number
}

/** What it answers to a lookup, or null. `missing` is how many files of the logs the index still lacks. */
export interface LookupAnswer {
  /** Null where the index could not be kept. */
  readonly id: number | null
  readonly result: FoundEvents | { readonly missing: number } | Error
}

interface Waiting extends Lookup {
  readonly until: number
}

const logs = new Map<string, LogIndex>()
const told: Told[] = []
const waiting: Waiting[] = []
let since = ''
let isWorking = false

const answer = (id: number | null, result: LookupAnswer['result']): void =>
  parentPort?.postMessage({ id, result } satisfies LookupAnswer)
const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

async function hear({ logs: states, since: day, lookup }: Told): Promise<void> {
  since = day
  try {
    for (const state of states) {
      let log = logs.get(state.name)
      if (log === undefined) logs.set(state.name, (log = await openLogIndex(state)))
      await log.follow(state.place, since)
    }
  } catch (error) {
    answer(lookup?.id ?? null, asError(error))
    return
  }
  if (lookup !== null) waiting.push({ ...lookup, until: performance.now() + lookup.patience })
}

/** Looks up, or takes in a portion of what the lookup needs and lets it wait. */
async function serve(lookup: Waiting): Promise<void> {
  const { id, query, day, until } = lookup
  const asked = query.sources.flatMap(({ log }) => logs.get(log) ?? [])
  try {
    const behind = asked.find((log) => log.missing(day).length > 0)
    if (behind === undefined) {
      answer(
        id,
        findEvents(query, (log) => logs.get(log)?.files ?? []),
      )
    } else if (performance.now() > until) {
      answer(id, { missing: new Set(asked.flatMap((log) => log.missing(day))).size })
    } else {
      await behind.advance(day)
      waiting.push(lookup)
    }
  } catch (error) {
    // What is damaged was forgotten, and is made again for it.
    if (error instanceof DamagedSegmentError) waiting.push(lookup)
    else answer(id, asError(error))
  }
}

/** Takes in a portion of what is missing, if anything is. What fails is tried again with the next news. */
async function takeIn(): Promise<boolean> {
  try {
    for (const log of logs.values()) if (await log.advance(since)) return true
  } catch (error) {
    answer(null, asError(error))
  }
  return false
}

/** One thing at a time: what was told, lookups, and else the index. */
async function work(): Promise<void> {
  if (isWorking) return
  isWorking = true
  for (;;) {
    const news = told.shift()
    if (news !== undefined) await hear(news)
    const lookup = waiting.shift()
    if (lookup !== undefined) await serve(lookup)
    else if (news === undefined && !(await takeIn())) break
    // Let what has come be heard.
    await setImmediate()
  }
  isWorking = false
}

parentPort?.on('message', (news: Told) => {
  told.push(news)
  void work()
})
