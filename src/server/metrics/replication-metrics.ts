import { setImmediate } from 'node:timers/promises'
import type { OpenRegion } from '../regions/open-region.ts'
import { gauge, type Family, type Sample } from './families.ts'

/** After so many lines others have their turn. */
const LINES = 8

/** How far Regions are behind each other: one that has never said anything to another is left out. */
export async function replicationLag(regions: readonly OpenRegion[], now: number): Promise<readonly Family[]> {
  const messages: Sample[] = []
  const seconds: Sample[] = []
  let count = 0
  for (const source of regions) {
    for (const destination of regions) {
      if (source === destination) continue
      count += 1
      if (count % LINES === 0) await setImmediate()
      const followed = (await destination.store.reads.cursor(source.region))?.seq ?? 0
      const backlog = await source.store.reads.backlog(destination.region, followed)
      if (backlog === null) continue
      const labels = { source: source.region, destination: destination.region }
      messages.push({ labels, value: backlog.messages })
      seconds.push({ labels, value: backlog.since === null ? 0 : Math.max(0, now - backlog.since) / 1000 })
    }
  }
  return [
    gauge('keyspan_replication_lag_messages', 'What a Region has yet to hear from another.', messages),
    gauge('keyspan_replication_lag_seconds', 'Since when the first of that waits; 0 where all was heard.', seconds),
  ]
}
