import Button from '@cloudscape-design/components/button'
import Container from '@cloudscape-design/components/container'
import FormField from '@cloudscape-design/components/form-field'
import Header from '@cloudscape-design/components/header'
import Input from '@cloudscape-design/components/input'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState, type FormEvent } from 'react'
import { parseDuration } from '../../../../src/domain/duration.ts'
import { Moment } from '../../parts/moment.tsx'
import { drillWords } from '../../words/drills.ts'
import type { Take } from './drills-page.tsx'

const text = drillWords.clock

interface ClockProps {
  /** The server's time, in seconds since 1970. */
  readonly time: number
  readonly take: NonNullable<Take>
}

/** The server's clock, which can be moved forward. */
export function Clock({ time, take }: ClockProps) {
  const [duration, setDuration] = useState('10m')
  const Duration = duration.trim()
  const isGood = parseDuration(Duration) !== null
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (isGood) take({ step: { Action: 'advance-clock', Duration }, told: text.moved })
  }
  return (
    <Container
      header={
        <Header variant="h2" description={text.about}>
          {text.title}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <KeyValuePairs minColumnWidth={190} items={[{ label: text.now, value: <Moment seconds={time} isExact /> }]} />
        <form onSubmit={submit}>
          <FormField
            label={text.by}
            constraintText={`${text.hint} ${text.warning}`}
            secondaryControl={
              <Button formAction="submit" disabled={!isGood}>
                {text.move}
              </Button>
            }
          >
            <Input value={duration} spellcheck={false} onChange={({ detail }) => setDuration(detail.value)} />
          </FormField>
        </form>
      </SpaceBetween>
    </Container>
  )
}
