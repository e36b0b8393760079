import { useRegion } from '../../shell/place.ts'
import { words } from '../../words/en.ts'
import { Timeline } from './timeline.tsx'

/** What has happened in a Region. */
export function AuditPage() {
  const region = useRegion()
  return (
    <Timeline
      variant="full-page"
      title={words.audit.title}
      description={words.audit.about}
      regions={[region]}
      attributeOf={() => null}
    />
  )
}
