import type { Logger } from 'pino'
import type { DataDirectory } from '../data/data-directory.ts'
import type { OpenGlobal } from '../regions/open-global.ts'
import { openLogs } from '../regions/open-logs.ts'
import type { Regions } from '../regions/regions.ts'
import type { Transparency } from '../transparency/transparency.ts'
import type { TrailsConfig } from '../config/trails.ts'
import { openTrailStore } from './delivery/open-trail-store.ts'
import { startTrailDelivery } from './delivery/trail-delivery.ts'
import type { TrailStore } from './delivery/trail-store.ts'
import { startEventLookup, type EventLookup } from './event-lookup.ts'
import { startRetention, type Retention, type RetentionLimits } from './retention.ts'

/** What is done with what was recorded. */
export interface Trail {
  readonly lookUp: EventLookup['lookUp']
  readonly locate: EventLookup['locate']
  readonly retention: Retention
  readonly checkBucket: TrailStore['check']
  stop(): Promise<void>
}

/** The logs of a server, and what they are kept by. */
export interface TrailPlace {
  readonly regions: Regions
  readonly global: OpenGlobal
  readonly data: DataDirectory
  readonly limits: RetentionLimits
  readonly trails: TrailsConfig
  readonly transparency: Pick<Transparency, 'deleteBefore'>
  readonly now: () => number
  /** Whether what time brings may be done. */
  readonly mayAct: () => Promise<boolean>
  readonly retry: (error: unknown, what: string) => void
  readonly log: Logger
}

/** Starts looking after the audit logs: they are indexed, delivered to trails, and kept within their limits. */
export function startTrail(place: TrailPlace): Trail {
  const { regions, global, data, transparency, now, retry } = place
  const store = openTrailStore(place.trails, data)
  const events = startEventLookup(regions, global, data, now, retry)
  const retention = startRetention({
    ...place,
    logs: () => openLogs(regions, global),
    deleteBefore: (log, file) => transparency.deleteBefore(log, file),
  })
  const pace = { filesMs: place.trails.interval * 1000, digestsMs: place.trails.digestInterval * 1000 }
  const delivery = startTrailDelivery({ regions, global, data, store, now, onError: retry }, pace)
  return {
    checkBucket: store.check,
    lookUp: events.lookUp,
    locate: events.locate,
    retention,
    async stop() {
      await delivery.stop()
      await retention.stop()
      await events.stop()
    },
  }
}
