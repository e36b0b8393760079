import SpaceBetween from '@cloudscape-design/components/space-between'
import {
  Reviewed,
  ReviewedAdministrators,
  ReviewedLabels,
  ReviewedPolicy,
  ReviewedUsers,
} from '../../parts/key-wizard/review.tsx'
import { words } from '../../words/en.ts'
import type { Draft } from './draft.ts'

const text = words.wizard.replicas

interface ReviewStepProps {
  readonly draft: Draft
  readonly policy: string
  readonly policyStep: number
  readonly goTo: (step: number) => void
}

/** Shows all that was chosen, before the replicas are made. */
export function ReviewStep({ draft: { regions, labels, choices }, policy, policyStep, goTo }: ReviewStepProps) {
  return (
    <SpaceBetween size="l">
      <Reviewed title={text.step} onEdit={() => goTo(0)}>
        {regions.join(', ')}
      </Reviewed>
      <ReviewedLabels labels={labels} onEdit={() => goTo(1)} />
      {choices !== null && (
        <>
          <ReviewedAdministrators choices={choices} onEdit={() => goTo(2)} />
          <ReviewedUsers choices={choices} onEdit={() => goTo(3)} />
        </>
      )}
      <ReviewedPolicy policy={policy} onEdit={() => goTo(policyStep)} />
    </SpaceBetween>
  )
}
