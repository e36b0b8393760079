import SpaceBetween from '@cloudscape-design/components/space-between'
import type { KeyMetadata } from '../../../api/kms.ts'
import { words } from '../../../words/en.ts'
import { AuditLogs } from '../../audit/audit-logs.tsx'
import { Timeline } from '../../audit/timeline.tsx'

/** What has happened to a key, in every Region where it is. */
export function AuditTab({ keyMetadata: key }: { readonly keyMetadata: KeyMetadata }) {
  const family = key.MultiRegionConfiguration
  const members =
    family === undefined ? [{ Arn: key.Arn, Region: regionOf(key.Arn) }] : [family.PrimaryKey, ...family.ReplicaKeys]
  const arns = new Map(members.map(({ Arn, Region }) => [Region, Arn]))
  return (
    <SpaceBetween size="l">
      <Timeline
        first="changes"
        title={words.audit.ofKey}
        description={words.audit.ofKeyAbout}
        regions={[...arns.keys()]}
        attributeOf={(region) => ({ AttributeKey: 'ResourceName', AttributeValue: arns.get(region) ?? key.Arn })}
      />
      <AuditLogs regions={[...arns.keys()]} />
    </SpaceBetween>
  )
}

function regionOf(arn: string): string {
  return arn.split(':')[3] ?? ''
}
