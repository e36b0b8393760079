import { setImmediate } from 'node:timers/promises'
import type { DataDirectory } from '../data/data-directory.ts'
import type { Engine } from '../engine.ts'
import type { OpenRegion } from '../regions/open-region.ts'
import { auditMetrics } from './audit-metrics.ts'
import { gauge, metricsText, type Family } from './families.ts'
import { keyCounts, keyDeadlines } from './key-metrics.ts'
import { createKeyTally, type KeyTally } from './key-tally.ts'
import { measureLoop, processMetrics, storeMetrics } from './machine-metrics.ts'
import { drillMetrics, peerMetrics, replicationLag } from './replication-metrics.ts'
import type { RequestCounts } from './request-counts.ts'

/** What is looked at. */
export interface CollectorPlace {
  readonly engine: Engine
  readonly data: DataDirectory
  readonly counts: RequestCounts
  /** What else is counted. */
  readonly more: () => readonly Family[]
  /** The version of Keyspan. */
  readonly release: string
  readonly onError: (error: unknown, what: string) => void
}

/** Gathers what `/metrics` shows. */
export interface Collector {
  /** In Prometheus' text format. Those who ask meanwhile get the same. */
  text(): Promise<string>
  stop(): Promise<void>
}

/** Begins to watch an engine. No look at it goes through all keys; between its parts others have their turn. */
export function createCollector(place: CollectorPlace): Collector {
  const { engine, counts, more } = place
  const { regions } = engine
  const tallies = new Map<string, KeyTally>()
  const meet = ({ region, store }: OpenRegion): void => {
    tallies.set(
      region,
      createKeyTally(store, (error) => place.onError(error, `count the keys of ${region}`)),
    )
  }
  for (const host of regions) meet(host)
  regions.onOpen(meet)
  const loop = measureLoop()
  let running: Promise<string> | null = null

  async function collect(): Promise<string> {
    const families = [...counts.families(), loop.family(), ...more(), ...stateMetrics(engine), ...auditMetrics(engine)]
    const now = engine.clock.now()
    const open = [...regions]
    for (const part of [
      () => keyCounts(tallies.values()),
      () => keyDeadlines(open, now),
      () => replicationLag(engine, now),
      () => (engine.peers === null ? [] : peerMetrics(engine.peers.report())),
      () => storeMetrics(place.data, engine),
      () => processMetrics(place.release),
    ]) {
      families.push(...(await part()))
      await setImmediate()
    }
    return metricsText(families)
  }

  return {
    text() {
      running ??= collect().finally(() => {
        running = null
      })
      return running
    },
    async stop() {
      loop.stop()
      for (const tally of tallies.values()) await tally.stop()
      await running?.catch(() => {})
    },
  }
}

function stateMetrics({ watch, isHealthy, loop }: Engine): readonly Family[] {
  return [
    gauge('keyspan_healthy', '1 while requests can be answered: their records can be written.', Number(isHealthy())),
    gauge(
      'keyspan_clock_leap',
      '1 while the clock waits for an operator to confirm it.',
      Number(watch.notice() !== null),
    ),
    drillMetrics(loop.lines),
  ]
}
