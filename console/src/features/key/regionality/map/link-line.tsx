import type { FamilyLink } from '../links.ts'
import { arcOf, pointOn } from './arc.ts'
import type { Point } from './frame.ts'

/** Of the mark in the middle, in pixels. */
const BADGE = 10

interface LinkLineProps {
  readonly link: Pick<FamilyLink, 'state' | 'there' | 'back'>
  readonly from: Point
  readonly to: Point
}

/** What passes between two Regions: an arc, with a mark in its middle where it is not calm. */
export function LinkLine({ link: { state, there, back }, from, to }: LinkLineProps) {
  const arc = arcOf(from, to)
  const isBack = back > 0 && there === 0
  const angle = (Math.atan2(to.y - from.y, to.x - from.x) * 180) / Math.PI + (isBack ? 180 : 0)
  return (
    <>
      <path
        className={`link link-${state}${isBack ? ' is-back' : ''}`}
        d={`M${from.x} ${from.y}Q${arc.bend.x} ${arc.bend.y} ${to.x} ${to.y}`}
      />
      {state !== 'calm' && <Mark at={pointOn(arc, 0.5)} angle={angle} isHeld={state === 'held'} />}
    </>
  )
}

/** Two bars where nothing passes, an arrow where something is on its way. */
function Mark({
  at: { x, y },
  angle,
  isHeld,
}: {
  readonly at: Point
  readonly angle: number
  readonly isHeld: boolean
}) {
  return (
    <g transform={`translate(${x} ${y})`}>
      <circle className={`badge${isHeld ? ' badge-held' : ''}`} r={BADGE} />
      {isHeld ? (
        <path className="badge-mark" d="M-4 -4.5h2.8v9h-2.8zM1.2 -4.5h2.8v9h-2.8z" />
      ) : (
        <path className="badge-mark" d="M-4 -5L6 0L-4 5z" transform={`rotate(${angle})`} />
      )}
    </g>
  )
}
