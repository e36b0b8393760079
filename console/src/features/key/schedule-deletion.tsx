import Alert from '@cloudscape-design/components/alert'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import { useState } from 'react'
import type { KeyMetadata } from '../../api/kms.ts'
import { words } from '../../words/en.ts'
import { ConfirmChange } from './confirm-change.tsx'

/** How long a key waits for its deletion, in days (AWS KMS API Reference, ScheduleKeyDeletion). */
const DAYS = { least: 7, most: 30, first: 30 }
const text = words.key.deletion

interface ScheduleDeletionProps {
  readonly keyMetadata: KeyMetadata
  readonly onDone: () => void
}

/** Asks for the waiting period, and for a word that nobody types by mistake. */
export function ScheduleDeletion({ keyMetadata: key, onDone }: ScheduleDeletionProps) {
  const [days, setDays] = useState(String(DAYS.first))
  const [typed, setTyped] = useState('')
  const number = Number(days)
  const isInRange = Number.isInteger(number) && number >= DAYS.least && number <= DAYS.most
  const replicas =
    key.MultiRegionConfiguration?.MultiRegionKeyType === 'PRIMARY' ? key.MultiRegionConfiguration.ReplicaKeys : []
  return (
    <ConfirmChange
      title={words.key.actions.schedule}
      operation="ScheduleKeyDeletion"
      input={{ KeyId: key.KeyId, PendingWindowInDays: number }}
      done={words.key.actions.done.schedule}
      isReady={isInRange && typed === text.word}
      onDone={onDone}
    >
      <Alert type="warning">{text.warning}</Alert>
      {replicas.length > 0 && (
        <Alert type="info" header={text.replicasFirst}>
          {text.replicasWait(replicas.map(({ Region }) => Region).join(', '))}
        </Alert>
      )}
      <FormField
        label={text.days}
        constraintText={text.range(DAYS.least, DAYS.most)}
        errorText={isInRange ? null : text.range(DAYS.least, DAYS.most)}
      >
        <Input type="number" value={days} onChange={({ detail }) => setDays(detail.value)} />
      </FormField>
      <FormField label={text.type(text.word)}>
        <Input value={typed} onChange={({ detail }) => setTyped(detail.value)} autoComplete={false} />
      </FormField>
    </ConfirmChange>
  )
}
