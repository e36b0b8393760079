import type { Logger } from 'pino'
import type { DataDirectory } from '../data/data-directory.ts'
import type { OpenGlobal } from '../regions/open-global.ts'
import type { Regions } from '../regions/regions.ts'
import type { Transparency } from '../transparency/transparency.ts'
import { startEventLookup, type EventLookup } from './event-lookup.ts'
import { startRetention, type Retention, type RetentionLimits } from './retention.ts'

/** What is done with what was recorded. */
export interface Trail {
  readonly lookUp: EventLookup['lookUp']
  readonly retention: Retention
  stop(): Promise<void>
}

/** The logs of a server, and what they are kept by. */
export interface TrailPlace {
  readonly regions: Regions
  readonly global: OpenGlobal
  readonly data: DataDirectory
  readonly limits: RetentionLimits
  readonly transparency: Pick<Transparency, 'deleteBefore'>
  readonly now: () => number
  /** Whether what time brings may be done. */
  readonly mayAct: () => Promise<boolean>
  readonly retry: (error: unknown, what: string) => void
  readonly log: Logger
}

/** Starts looking after the audit logs: they are indexed, and kept within their limits. */
export function startTrail(place: TrailPlace): Trail {
  const { regions, global, data, transparency, now, retry } = place
  const events = startEventLookup(regions, global, data, now, retry)
  const retention = startRetention({
    ...place,
    logs: () => [['global', global.audit], ...[...regions].map(({ region, audit }) => [region, audit] as const)],
    deleteBefore: (log, file) => transparency.deleteBefore(log, file),
  })
  return {
    lookUp: events.lookUp,
    retention,
    async stop() {
      await retention.stop()
      await events.stop()
    },
  }
}
