import Container from '@cloudscape-design/components/container'
import { durationText } from '../../../../src/domain/duration.ts'
import type { Drill, DrillLine } from '../../api/drills.ts'
import { drillWords } from '../../words/drills.ts'
import { arrowBetween, NARROW, placesOf, WIDE, type Arrow, type Frame, type Point } from './geometry.ts'
import { stateOf, type LineState } from './line-state.ts'

/** Below so many pixels a window is narrow. */
const NARROW_BELOW = 600
/** More Regions than these are a tangle: the table of lines has them all. */
const MOST = 6
/** How large the cross on a cut line is, and what is behind a label. */
const CROSS = 5
const LABEL = { height: 16, ofCharacter: 6.6, around: 8 } as const

/** The Regions and the lines between them, as a picture. What it says, the table of lines says as well. */
export function Picture({ drill }: { readonly drill: Drill }) {
  const { Regions, Lines, Faults } = drill
  if (Regions.length > MOST) return null
  const frame = window.innerWidth < NARROW_BELOW ? NARROW : WIDE
  const points = placesOf(Regions.length, frame)
  const places = new Map(Regions.map(({ Region }, index) => [Region, points[index] ?? { x: 0, y: 0 }]))
  const drawn = Lines.flatMap((line) => {
    const [source, destination] = [places.get(line.Source), places.get(line.Destination)]
    if (source === undefined || destination === undefined) return []
    return { line, arrow: arrowBetween(source, destination, frame), kind: stateOf(drill, line).kind }
  })
  return (
    <Container>
      <svg
        className="drill"
        viewBox={`0 0 ${frame.width} ${frame.height}`}
        role="img"
        aria-label={Faults.length === 0 ? drillWords.calm : Faults.join(' ')}
      >
        {drawn.map(({ line, arrow, kind }) => (
          <LineArrow key={`${line.Source} ${line.Destination}`} kind={kind} arrow={arrow} />
        ))}
        {drawn.map(({ line, arrow, kind }) => (
          <LineLabel key={`${line.Source} ${line.Destination}`} {...{ line, kind, arrow }} />
        ))}
        {Regions.map(({ Region, Down }) => (
          <Node key={Region} name={Region} isDown={Down} at={places.get(Region) ?? { x: 0, y: 0 }} frame={frame} />
        ))}
      </svg>
    </Container>
  )
}

interface LineArrowProps {
  readonly kind: LineState['kind']
  readonly arrow: Arrow
}

function LineArrow({ kind, arrow: { from, to, head, middle } }: LineArrowProps) {
  return (
    <g className={`line-${kind}`}>
      <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} />
      <polygon points={head} />
      {kind === 'cut' && (
        <path
          d={`M${middle.x - CROSS} ${middle.y - CROSS}l${2 * CROSS} ${2 * CROSS}m${-2 * CROSS} 0l${2 * CROSS} ${-2 * CROSS}`}
        />
      )}
    </g>
  )
}

/** What is said on a line: drawn after all lines, so that none goes through it. */
function LineLabel({ line, kind, arrow }: LineArrowProps & { readonly line: DrillLine }) {
  const told = [
    ...(kind === 'late' ? [durationText(line.DelaySeconds * 1000)] : []),
    ...(line.Waiting > 0 ? [drillWords.lines.waiting(line.Waiting)] : []),
  ].join(', ')
  if (told === '') return null
  return (
    <g className={`line-${kind}`}>
      <Label at={arrow.label} text={told} />
    </g>
  )
}

function Label({ at, text }: { readonly at: Point; readonly text: string }) {
  const width = text.length * LABEL.ofCharacter + LABEL.around
  return (
    <>
      <rect
        x={at.x - width / 2}
        y={at.y - LABEL.height / 2}
        width={width}
        height={LABEL.height}
        rx={LABEL.height / 2}
      />
      <text x={at.x} y={at.y}>
        {text}
      </text>
    </>
  )
}

interface NodeProps {
  readonly name: string
  readonly isDown: boolean
  readonly at: Point
  readonly frame: Frame
}

function Node({ name, isDown, at, frame: { node } }: NodeProps) {
  return (
    <g className={isDown ? 'region-down' : 'region-up'}>
      <rect x={at.x - node.width / 2} y={at.y - node.height / 2} width={node.width} height={node.height} rx={8} />
      <text x={at.x} y={at.y}>
        {name}
      </text>
    </g>
  )
}
