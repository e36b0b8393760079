import Box from '@cloudscape-design/components/box'
import ButtonDropdown from '@cloudscape-design/components/button-dropdown'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import type { Drill, DrillLine, DrillStep } from '../../api/drills.ts'
import { drillWords } from '../../words/drills.ts'
import type { Delayed } from './delay-dialog.tsx'
import type { Take } from './drills-page.tsx'
import { stateOf } from './line-state.ts'

const text = drillWords.lines

const TYPES = { open: 'success', late: 'warning', cut: 'error', down: 'stopped' } as const

interface LineCellProps {
  readonly drill: Drill
  readonly line: DrillLine
  readonly take: Take
  readonly onDelay: (delayed: Delayed) => void
}

/** One line: how it is, what waits on it, and what can be done with it. */
export function LineCell({ drill, line, take, onDelay }: LineCellProps) {
  const { kind, said } = stateOf(drill, line)
  return (
    <div className="line-cell">
      <div>
        <StatusIndicator type={TYPES[kind]}>{said}</StatusIndicator>
        {line.Waiting > 0 && (
          <Box variant="small" color="text-body-secondary" display="block">
            {text.waiting(line.Waiting)}
          </Box>
        )}
      </div>
      {take !== null && <Menu {...{ line, take, onDelay }} />}
    </div>
  )
}

interface MenuProps extends Pick<LineCellProps, 'line' | 'onDelay'> {
  readonly take: NonNullable<Take>
}

function Menu({ line: { Source, Destination, Cut, DelaySeconds }, take, onDelay }: MenuProps) {
  const Regions = [Source, Destination]
  const isWhole = !Cut && DelaySeconds === 0
  const choose = (id: string): void => {
    const [action, way] = id.split(' ')
    const OneWay = way === 'one'
    if (action === 'delay') onDelay({ regions: Regions, oneWay: OneWay })
    else take({ step: { Action: action as DrillStep['Action'], Regions, OneWay }, told: text.changed })
  }
  return (
    <ButtonDropdown
      variant="inline-icon"
      expandToViewport
      ariaLabel={text.menu(Source, Destination)}
      items={[
        { id: 'partition one', text: text.cutOne, disabled: Cut },
        { id: 'partition both', text: text.cutBoth },
        { id: 'delay one', text: text.delayOne },
        { id: 'delay both', text: text.delayBoth },
        { id: 'heal one', text: text.healOne, disabled: isWhole },
        { id: 'heal both', text: text.healBoth },
      ]}
      onItemClick={({ detail }) => choose(detail.id)}
    />
  )
}
