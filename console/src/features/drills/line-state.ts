import { durationText } from '../../../../src/domain/duration.ts'
import type { Drill, DrillLine } from '../../api/drills.ts'
import { drillWords } from '../../words/drills.ts'

const text = drillWords.lines

/** How a line is to those who look at it. */
export interface LineState {
  readonly kind: 'open' | 'late' | 'cut' | 'down'
  readonly said: string
}

/** How a line is: whatever is done to it, where one of its ends is down nothing passes. */
export function stateOf({ Regions }: Drill, { Source, Destination, Cut, DelaySeconds }: DrillLine): LineState {
  const isDown = Regions.some(({ Region, Down }) => Down && (Region === Source || Region === Destination))
  if (isDown) return { kind: 'down', said: text.down }
  if (Cut) return { kind: 'cut', said: text.cut }
  if (DelaySeconds > 0) return { kind: 'late', said: text.late(durationText(DelaySeconds * 1000)) }
  return { kind: 'open', said: text.open }
}
