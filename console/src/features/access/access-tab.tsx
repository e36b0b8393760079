import SpaceBetween from '@cloudscape-design/components/space-between'
import type { KeyMetadata } from '../../api/kms.ts'
import { Refusals } from './refusals.tsx'
import { Simulate } from './simulate.tsx'
import { WhoCan } from './who-can.tsx'

/** Who may use a key, who was refused of late, and who would be. */
export function AccessTab({ keyMetadata: key }: { readonly keyMetadata: KeyMetadata }) {
  return (
    <SpaceBetween size="l">
      <WhoCan keyMetadata={key} />
      <Refusals keyArn={key.Arn} />
      <Simulate keyArn={key.Arn} />
    </SpaceBetween>
  )
}
