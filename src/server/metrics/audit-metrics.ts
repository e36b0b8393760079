import type { Engine } from '../engine.ts'
import { gauge, type Family, type Sample } from './families.ts'

/** How far audit logs are synced, and vouched for. What belongs to no Region is `global`. */
export function auditMetrics({ regions, global, transparency, clock }: AuditParts): readonly Family[] {
  const delays = [...regions, global].map((host): Sample => {
    const region = 'region' in host ? host.region : 'global'
    return { labels: { region }, value: host.audit.delay() / 1000 }
  })
  const ages: Sample[] = []
  const witnesses: Sample[] = []
  for (const { place, at, witnesses: value } of transparency.checkpoints()) {
    const labels = { region: place }
    if (at !== null) ages.push({ labels, value: (clock.now() - at) / 1000 })
    witnesses.push({ labels, value })
  }
  const troubles = transparency.notices().length
  return [
    gauge('keyspan_audit_delay_seconds', 'For how long the oldest record has waited to be synced.', delays),
    gauge('keyspan_audit_checkpoint_age_seconds', 'The age of the newest checkpoint of an audit log.', ages),
    gauge('keyspan_audit_checkpoint_witnesses', 'Other Regions that vouch for what they last saw.', witnesses),
    gauge(
      'keyspan_audit_troubles',
      'Audit logs that are not what they were: keyspan audit verify says more.',
      troubles,
    ),
  ]
}

type AuditParts = Pick<Engine, 'regions' | 'global' | 'transparency' | 'clock'>
