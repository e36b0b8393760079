import Alert from '@cloudscape-design/components/alert'
import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { words } from '../../words/en.ts'

/** How long a key waits for its deletion, in days (AWS KMS API Reference, ScheduleKeyDeletion). */
const DAYS = { least: 7, most: 30, first: 30 }
const text = words.keyDeletion

/** A deletion that is not asked for yet, as it was typed. */
export interface DeletionDraft {
  readonly days: string
  readonly typed: string
}

/** Before anything was typed. */
export const NO_DELETION: DeletionDraft = { days: String(DAYS.first), typed: '' }

/** Whether it can be asked for: the word was typed, and the waiting period can be. */
export function isDeletionReady({ days, typed }: DeletionDraft): boolean {
  return isInRange(days) && typed === text.word
}

interface WaitingPeriodProps {
  readonly draft: DeletionDraft
  readonly onChange: (draft: DeletionDraft) => void
}

/** Asks for the waiting period, and for a word that nobody types by mistake. */
export function WaitingPeriod({ draft, onChange }: WaitingPeriodProps) {
  const range = text.range(DAYS.least, DAYS.most)
  return (
    <SpaceBetween size="m">
      <Alert type="warning">{text.warning}</Alert>
      <FormField label={text.days} constraintText={range} errorText={isInRange(draft.days) ? null : range}>
        <Input type="number" value={draft.days} onChange={({ detail }) => onChange({ ...draft, days: detail.value })} />
      </FormField>
      <FormField label={text.type(text.word)}>
        <Input
          value={draft.typed}
          onChange={({ detail }) => onChange({ ...draft, typed: detail.value })}
          autoComplete={false}
        />
      </FormField>
    </SpaceBetween>
  )
}

function isInRange(days: string): boolean {
  const number = Number(days)
  return Number.isInteger(number) && number >= DAYS.least && number <= DAYS.most
}
