import SpaceBetween from '@cloudscape-design/components/space-between'
import { useRegion } from '../../shell/place.ts'
import { words } from '../../words/en.ts'
import { AuditLogs } from './audit-logs.tsx'
import { Timeline } from './timeline.tsx'

/** What has happened in a Region. */
export function AuditPage() {
  const region = useRegion()
  return (
    <SpaceBetween size="l">
      <Timeline
        variant="full-page"
        title={words.audit.title}
        description={words.audit.about}
        regions={[region]}
        attributeOf={() => null}
      />
      <AuditLogs regions={[region]} />
    </SpaceBetween>
  )
}
