import { backlogs } from '../regions/backlogs.ts'
import type { Lines } from '../regions/lines.ts'
import type { OpenRegion } from '../regions/open-region.ts'
import { gauge, type Family, type Sample } from './families.ts'

/** How far Regions are behind each other: one that has never said anything to another is left out. */
export async function replicationLag(regions: readonly OpenRegion[], now: number): Promise<readonly Family[]> {
  const messages: Sample[] = []
  const seconds: Sample[] = []
  for await (const { source, destination, messages: count, since } of backlogs(regions)) {
    const labels = { source: source.region, destination: destination.region }
    messages.push({ labels, value: count })
    seconds.push({ labels, value: since === null ? 0 : Math.max(0, now - since) / 1000 })
  }
  return [
    gauge('keyspan_replication_lag_messages', 'What a Region has yet to hear from another.', messages),
    gauge('keyspan_replication_lag_seconds', 'Since when the first of that waits; 0 where all was heard.', seconds),
  ]
}

/** What a drill does to Regions and to the lines between them. */
export function drillMetrics({ faults }: Lines): Family {
  const { down, cuts, delays } = faults()
  const counts = { down: down.size, cut: cuts.size, delay: delays.size }
  return gauge(
    'keyspan_drill_faults',
    'Regions that a drill has taken down, and lines that it has cut or made late; each direction is a line.',
    Object.entries(counts).map(([kind, value]) => ({ labels: { kind }, value })),
  )
}
