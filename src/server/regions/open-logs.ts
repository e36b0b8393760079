import type { AuditLog } from '../../storage/audit/log.ts'
import { GLOBAL } from '../../storage/event-index/log-index.ts'

/** What has an audit log. */
interface Host {
  readonly audit: AuditLog
}

/** The logs that are open now, by their names: that of what belongs to no Region, and each Region's. */
export function openLogs(
  regions: Iterable<Host & { readonly region: string }>,
  global: Host,
): readonly (readonly [name: string, audit: AuditLog])[] {
  return [[GLOBAL, global.audit], ...[...regions].map(({ region, audit }) => [region, audit] as const)]
}
