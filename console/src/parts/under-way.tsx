import './under-way.css'
import Alert from '@cloudscape-design/components/alert'
import Box from '@cloudscape-design/components/box'
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator'
import type { KeyFamily, Wait } from '../api/family.ts'
import { Moment } from './moment.tsx'
import { family as text } from '../words/family.ts'

interface Line {
  readonly id: string
  readonly type: StatusIndicatorProps.Type
  readonly said: string
  readonly since: number | undefined
}

/** What moves between the Regions of a key now, and what waits for whom, each since when. */
export function UnderWay({ family }: { readonly family: KeyFamily }) {
  const lines = [...family.Waits.map(waitLine), ...family.Unheard.map(unheardLine)]
  return (
    <section aria-label={text.underWay}>
      {family.Troubles.map((trouble) => (
        <Alert key={trouble} type="error">
          {trouble}
        </Alert>
      ))}
      {/* What changes by itself is told to who does not see it. */}
      <div role="status">
        {lines.length === 0 ? (
          <StatusIndicator type="success">{text.inStep}</StatusIndicator>
        ) : (
          <>
            <Box variant="h3">{text.underWay}</Box>
            <ul className="family-lines">
              {lines.map(({ id, type, said, since }) => (
                <li key={id}>
                  <StatusIndicator type={type} iconAriaLabel={text.types[type] ?? type} />
                  <span>
                    {said}{' '}
                    {since !== undefined && (
                      <Box variant="span" color="text-body-secondary">
                        {text.since} <Moment seconds={since} isExact />
                      </Box>
                    )}
                  </span>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </section>
  )
}

const TYPES: Partial<Record<Wait['What'], StatusIndicatorProps.Type>> = {
  DELETION: 'pending',
  IMPORT: 'pending',
  UPGRADE: 'error',
}

function waitLine(wait: Wait): Line {
  const { Region, What, For, Since, Text } = wait
  return {
    id: [What, Region, ...For].join('/'),
    type: TYPES[What] ?? 'in-progress',
    said: text.waits[What]?.(wait) ?? Text,
    since: Since,
  }
}

function unheardLine({ From, To, Messages, Says, Since, Connected }: KeyFamily['Unheard'][number]): Line {
  return {
    id: `${From}>${To}`,
    type: Connected ? 'in-progress' : 'warning',
    said: `${text.unheard(From, To, Messages, Says)}${Connected ? '' : ` ${text.held}`}`,
    since: Since,
  }
}
