import { DAY_MS } from '../../domain/limits.ts'
import { homeRegion, type Region } from '../../domain/region.ts'
import type { LookupRequest, LookUpEvents } from '../../services/cloudtrail/event-lookup.ts'
import { LOOKUP_MS } from '../../services/cloudtrail/operations/lookup-events.ts'
import { dayAt, type LogPlace } from '../../storage/audit/files.ts'
import { LAST } from '../../storage/event-index/entries.ts'
import { createEventIndex } from '../../storage/event-index/event-index.ts'
import { GLOBAL_EVENTS } from '../../storage/event-index/event.ts'
import type { EventQuery } from '../../storage/event-index/find-events.ts'
import { GLOBAL } from '../../storage/event-index/log-index.ts'
import type { LogState } from '../../storage/event-index/event-index-worker.ts'
import type { DataDirectory } from '../data/data-directory.ts'
import type { OpenGlobal } from '../regions/open-global.ts'
import { openLogs } from '../regions/open-logs.ts'
import type { Regions } from '../regions/regions.ts'

/** How often the index is told how far the logs go, in milliseconds. */
const FOLLOW_MS = 1000
/** A server that lives for less has no thread for it, unless somebody looks something up. */
const FIRST_FOLLOW_MS = 5000

/** A record, and where it stands. */
export interface LocatedRecord {
  /** The name of its log: a Region, or `global`. */
  readonly log: string
  readonly place: LogPlace
  /** The line, without its end. */
  readonly line: string
}

/** Finds the record of an event that an account can look up in a Region; null where there is none. @throws IndexBehindError */
export type LocateEvent = (account: string, region: Region, eventId: string) => Promise<LocatedRecord | null>

/** Looks events up in the audit logs of a server, whose index it keeps. */
export interface EventLookup {
  readonly lookUp: LookUpEvents
  readonly locate: LocateEvent
  stop(): Promise<void>
}

/** Starts keeping the index of the Regions that are open, and of what belongs to none. */
export function startEventLookup(
  regions: Regions,
  global: OpenGlobal,
  data: DataDirectory,
  now: () => number,
  onError: (error: unknown, what: string) => void,
): EventLookup {
  const index = createEventIndex((error) => onError(error, 'index of the audit log'))
  const states = (): readonly LogState[] =>
    openLogs(regions, global).map(([name, audit]) => ({
      name,
      directory: data.audit(name),
      index: data.auditIndex(name),
      place: audit.place(),
    }))
  const since = (): string => dayAt(now() - LOOKUP_MS - DAY_MS)
  /** What the index was told last. */
  let told = ''
  const follow = (): void => {
    const logs = states()
    const places = JSON.stringify([since(), logs.map(({ place }) => place)])
    if (places === told) return
    told = places
    index.follow(logs, since())
  }
  let timer = setTimeout(() => {
    follow()
    timer = setInterval(follow, FOLLOW_MS)
  }, FIRST_FOLLOW_MS)

  return {
    lookUp: (request) => {
      const query = queryOf(request, homeRegion(regions.served))
      const day = dayAt(Math.max(request.oldest * 1000 - DAY_MS, 0))
      return index.find(states(), since(), query, day)
    },
    async locate(account, region, eventId) {
      const oldest = Math.max(now() - LOOKUP_MS, 0)
      const asked = { account, region, attribute: ['EventId', eventId] as const, limit: 1, after: null }
      const time = { oldest: Math.ceil(oldest / 1000), newest: LAST.time }
      const query = queryOf({ ...asked, ...time }, homeRegion(regions.served))
      const { records, places } = await index.find(states(), since(), query, dayAt(Math.max(oldest - DAY_MS, 0)))
      const [line, place] = [records[0], places[0]]
      const log = query.sources[place?.source ?? -1]?.log
      if (line === undefined || place === undefined || log === undefined) return null
      return { log, place: { file: place.file, offset: place.offset }, line }
    },
    async stop() {
      clearTimeout(timer)
      await index.stop()
    },
  }
}

/** In which logs the events of a Region are, and under which Region in each. */
function queryOf({ account, region, attribute, ...query }: LookupRequest, home: Region): EventQuery {
  const source = (log: string, shownIn: Region) => ({ log, filter: { account, region: shownIn, attribute } })
  // Where us-east-1 is not served, what belongs to no Region is looked up in the one that stands for it.
  const worldwide = region === home ? new Set([region, GLOBAL_EVENTS]) : new Set([region])
  return { ...query, sources: [source(region, region), ...[...worldwide].map((each) => source(GLOBAL, each))] }
}
