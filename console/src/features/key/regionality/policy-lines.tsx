import type { DiffLine } from '../../../api/family.ts'
import { family as text } from '../../../words/family.ts'
import './policy-lines.css'

/** Around what differs, how many lines are shown. */
const AROUND = 3
const MARKS = { both: ' ', first: '-', second: '+' } as const

interface PolicyLinesProps {
  readonly lines: readonly DiffLine[]
  /** Whose lines they are. */
  readonly first: string
  readonly second: string
}

/** Two policies in one list of lines, with what only one of them has marked. */
export function PolicyLines({ lines, first, second }: PolicyLinesProps) {
  return (
    <>
      <ul className="policy-sides">
        <li className="line-first">- {text.diff.only(first)}</li>
        <li className="line-second">+ {text.diff.only(second)}</li>
      </ul>
      {/* It scrolls: the keyboard has to reach it. */}
      <div className="policy-lines" tabIndex={0} role="region" aria-label={text.policyLines}>
        {shownOf(lines).map(({ id, line, skipped }) =>
          line === null ? (
            <div key={id} className="line-skipped">
              {text.diff.skipped(skipped)}
            </div>
          ) : (
            <div key={id} className={`line-${line.In}`}>
              {MARKS[line.In]} {line.Text}
            </div>
          ),
        )}
      </div>
    </>
  )
}

interface Shown {
  readonly id: number
  readonly line: DiffLine | null
  /** How many lines are left out in its place. */
  readonly skipped: number
}

function shownOf(lines: readonly DiffLine[]): readonly Shown[] {
  const shown: Shown[] = []
  for (const [id, line] of lines.entries()) {
    const isNear = lines.slice(Math.max(0, id - AROUND), id + AROUND + 1).some(({ In }) => In !== 'both')
    const last = shown.at(-1)
    if (isNear) shown.push({ id, line, skipped: 0 })
    else if (last?.line === null) shown[shown.length - 1] = { ...last, skipped: last.skipped + 1 }
    else shown.push({ id, line: null, skipped: 1 })
  }
  return shown
}
