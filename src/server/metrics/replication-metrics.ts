import { backlogs, type BacklogSources } from '../regions/backlogs.ts'
import type { Lines } from '../regions/lines.ts'
import type { PeersReport } from '../peers/peers.ts'
import { gauge, type Family, type Sample } from './families.ts'

/** How far Regions are behind each other. */
export async function replicationLag(sources: BacklogSources, now: number): Promise<readonly Family[]> {
  const messages: Sample[] = []
  const seconds: Sample[] = []
  for await (const { source, destination, messages: count, since } of backlogs(sources)) {
    const labels = { source, destination }
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

/** Since when Regions of other places were not heard, and how old the copy of what is global is. */
export function peerMetrics({ home, peers }: PeersReport): readonly Family[] {
  const now = Date.now()
  const age = (heardAt: number | null) => (heardAt === null ? Infinity : Math.max(0, now - heardAt) / 1000)
  const silences = peers.flatMap(({ region, links }) =>
    links.map(({ by, heardAt }) => ({ labels: { source: region, destination: by }, value: age(heardAt) })),
  )
  return [
    gauge('keyspan_peer_silence_seconds', 'Since when a Region has not heard one of another place.', silences),
    ...(home === null
      ? []
      : [
          gauge(
            'keyspan_accounts_copy_age_seconds',
            'How old the copy of accounts and policies is.',
            age(home.heardAt),
          ),
        ]),
  ]
}
