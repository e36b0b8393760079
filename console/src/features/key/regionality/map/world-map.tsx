import { useMemo } from 'react'
import type { FamilyMember, KeyFamily } from '../../../../api/family.ts'
import { family as text } from '../../../../words/family.ts'
import { words } from '../../../../words/en.ts'
import { leadOf, linksOf } from '../links.ts'
import { arcOf, pointOn } from './arc.ts'
import { frameOf, type Frame } from './frame.ts'
import { placeLabels, type Label } from './labels.ts'
import { landPoints, type Degrees } from './land.ts'
import { LinkLine } from './link-line.tsx'
import { placeOf } from './places.ts'
import { Sign, signOf } from './sign.tsx'
import { useWidth } from './use-width.ts'
import './map.css'

/** Between the points of the land, and how thick they are, in pixels. */
const LAND = { step: 7, thick: 3.6 }

interface Placed {
  readonly member: FamilyMember
  readonly place: Degrees
}

/** Where the Regions of a key are, and what passes between them. The table beside it says the same. */
export function WorldMap({ family }: { readonly family: KeyFamily }) {
  const [element, width] = useWidth<HTMLDivElement>()
  return <div ref={element}>{width > 0 && <Picture family={family} width={width} />}</div>
}

function Picture({ family, width }: { readonly family: KeyFamily; readonly width: number }) {
  const placed = family.Members.flatMap((member): Placed[] => {
    const place = placeOf(member.Region)
    return place === null ? [] : [{ member, place }]
  })
  const regions = placed.map(({ member }) => member.Region).join()
  // oxlint-disable-next-line react/exhaustive-deps -- places follow from the names of Regions
  const frame = useMemo(
    () =>
      frameOf(
        placed.map(({ place }) => place),
        width,
      ),
    [regions, width],
  )
  const lead = leadOf(family)
  const points = new Map(placed.map(({ member, place }) => [member.Region, frame.pointOf(place)]))
  const lines = linksOf(family).flatMap((link) => {
    const [from, to] = [points.get(link.from), points.get(link.to)]
    return from === undefined || to === undefined ? [] : [{ link, from, to }]
  })
  const arcs = lines.map(({ from, to }) => arcOf(from, to))
  const marks = arcs.flatMap((arc, index) => (lines[index]?.link.state === 'calm' ? [] : [pointOn(arc, 0.5)]))
  const texts = placed.map(({ member, place }) => ({
    point: frame.pointOf(place),
    title: member.Region,
    detail: `${text.roles[member.Role]} · ${stateOf(member)}`,
  }))
  return (
    <svg
      className="family-map"
      role="img"
      aria-label={text.map.label(family.Members.map(({ Region }) => Region))}
      width={width}
      height={frame.height}
      viewBox={`0 0 ${width} ${frame.height}`}
    >
      <Land frame={frame} />
      {lines.map(({ link, from, to }) => (
        <LinkLine key={link.to} link={link} from={from} to={to} />
      ))}
      {placed.map(({ member, place }) => (
        <Sign key={member.Region} at={frame.pointOf(place)} isPrimary={member === lead} kind={signOf(member)} />
      ))}
      {placeLabels(texts, { arcs, marks }, frame).map((label) => (
        <Writing key={label.title} label={label} />
      ))}
    </svg>
  )
}

function stateOf({ State }: FamilyMember): string {
  return text.states[State] ?? words.states[State] ?? State
}

function Land({ frame }: { readonly frame: Frame }) {
  const path = useMemo(() => {
    const points = landPoints(frame.window, LAND.step / frame.scale).map((each) => frame.pointOf(each))
    return points.map(({ x, y }) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join('')
  }, [frame])
  return <path className="land" strokeWidth={LAND.thick} d={path} />
}

function Writing({ label: { x, y, anchor, title, detail, isWhole } }: { readonly label: Label }) {
  return (
    <text className="label" x={x} y={y} textAnchor={anchor}>
      <tspan className="label-title">{title}</tspan>
      {isWhole && (
        <tspan className="label-detail" x={x} dy={15}>
          {detail}
        </tspan>
      )}
    </text>
  )
}
