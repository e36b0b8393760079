import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { isAsymmetric } from '../../../../src/domain/key-spec.ts'
import {
  Reviewed,
  ReviewedAdministrators,
  ReviewedLabels,
  ReviewedPolicy,
  ReviewedUsers,
} from '../../parts/key-wizard/review.tsx'
import { words } from '../../words/en.ts'
import type { Draft } from './draft.ts'

const text = words.wizard

interface ReviewStepProps {
  readonly draft: Draft
  readonly policy: string
  readonly goTo: (step: number) => void
}

/** Shows all that was chosen, before the key is made. */
export function ReviewStep({ draft: { key, labels, choices }, policy, goTo }: ReviewStepProps) {
  return (
    <SpaceBetween size="l">
      <Reviewed title={text.configure.step} onEdit={() => goTo(0)}>
        <KeyValuePairs
          columns={3}
          minColumnWidth={200}
          items={[
            { label: words.keys.type, value: isAsymmetric(key.spec) ? words.asymmetric : words.symmetric },
            { label: words.keys.usage, value: words.usages[key.usage] },
            { label: words.keys.spec, value: key.spec },
            { label: words.key.cryptography.origin, value: words.origins[key.origin] },
            { label: words.keys.regionality, value: key.multiRegion ? text.configure.multi : text.configure.single },
          ]}
        />
      </Reviewed>
      <ReviewedLabels labels={labels} onEdit={() => goTo(1)} />
      <ReviewedAdministrators choices={choices} onEdit={() => goTo(2)} />
      <ReviewedUsers choices={choices} onEdit={() => goTo(3)} />
      <ReviewedPolicy policy={policy} onEdit={() => goTo(4)} />
    </SpaceBetween>
  )
}
