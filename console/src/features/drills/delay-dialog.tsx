import FormField from '@cloudscape-design/components/form-field'
import Input from '@cloudscape-design/components/input'
import { useState } from 'react'
import { parseDuration } from '../../../../src/domain/duration.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { drillWords } from '../../words/drills.ts'
import { useDrillStep } from './use-drill.ts'

const text = drillWords.delay

/** The lines that are to be late: between two Regions, one way or both, or all. */
export interface Delayed {
  readonly regions: readonly string[]
  readonly oneWay: boolean
}

/** Asks how late what passes is to be. */
export function DelayDialog({ delayed, onDone }: { readonly delayed: Delayed; readonly onDone: () => void }) {
  const [duration, setDuration] = useState('10s')
  const { mutate, error, isPending } = useDrillStep()
  const { regions, oneWay } = delayed
  const step = { Action: 'delay' as const, Regions: regions, OneWay: oneWay, Duration: duration.trim() }
  return (
    <Confirm
      title={text.title}
      error={error}
      isPending={isPending}
      isReady={parseDuration(step.Duration) !== null}
      onConfirm={() => mutate({ step, told: drillWords.lines.changed }, { onSuccess: onDone })}
      onDismiss={onDone}
    >
      <FormField label={text.duration} description={aboutOf(delayed)} constraintText={text.hint}>
        <Input autoFocus value={duration} spellcheck={false} onChange={({ detail }) => setDuration(detail.value)} />
      </FormField>
    </Confirm>
  )
}

function aboutOf({ regions: [source, destination], oneWay }: Delayed): string {
  if (source === undefined || destination === undefined) return text.all
  return oneWay ? text.from(source, destination) : text.between(source, destination)
}
