import { pointOn, type Arc } from './arc.ts'
import type { Frame, Point } from './frame.ts'

/** Of the letters, in pixels: what there is room for is decided before they are drawn. */
const LETTER = 7
const LINE = 15
/** Between a sign and its label. */
const GAP = 13
/** Around a sign, and around the mark on an arc. */
const SIGN = 7
const MARK = 11
/** Of a picture in which there is room for second lines. */
const WIDE = 600

interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** What is to be written beside a point. */
export interface LabelText {
  readonly point: Point
  readonly title: string
  readonly detail: string
}

/** Where it is written; one that finds no room is left out. */
export interface Label extends LabelText {
  readonly x: number
  readonly y: number
  readonly anchor: 'start' | 'middle' | 'end'
  /** Whether there is room for the second line. */
  readonly isWhole: boolean
}

/** So many points of an arc are kept free, where that can be. */
const ARC_POINTS = 24

/** What labels keep clear of. */
interface Obstacles {
  /** They are covered where there is no room elsewhere. */
  readonly arcs: readonly Arc[]
  readonly marks: readonly Point[]
}

/** Labels beside their points, none of which covers another, a point or a mark. */
export function placeLabels(
  texts: readonly LabelText[],
  { arcs, marks }: Obstacles,
  { width, height }: Frame,
): readonly Label[] {
  const onArcs = arcs.flatMap((arc) =>
    Array.from({ length: ARC_POINTS }, (_, index) => pointOn(arc, (index + 0.5) / ARC_POINTS)),
  )
  const taken: Box[] = [...texts.map(({ point }) => around(point, SIGN)), ...marks.map((mark) => around(mark, MARK))]
  const labels: Label[] = []
  for (const text of texts) {
    const isFree = ({ box }: Candidate) =>
      box.left >= 0 &&
      box.right <= width &&
      box.top >= 0 &&
      box.bottom <= height &&
      taken.every((each) => !isAcross(each, box))
    const isClear = (each: Candidate) => isFree(each) && !onArcs.some((point) => isWithin(point, each.box))
    const [whole, short] = [candidates(text, true), candidates(text, false)]
    const found =
      width < WIDE
        ? (short.find(isClear) ?? short.find(isFree))
        : (whole.find(isClear) ?? whole.find(isFree) ?? short.find(isFree))
    if (found === undefined) continue
    taken.push(found.box)
    labels.push({ ...text, ...found.place })
  }
  return labels
}

interface Candidate {
  readonly box: Box
  readonly place: Pick<Label, 'x' | 'y' | 'anchor' | 'isWhole'>
}

/** The places for a label, the best first. */
function candidates({ point: { x, y }, title, detail }: LabelText, isWhole: boolean): readonly Candidate[] {
  const wide = LETTER * (isWhole ? Math.max(title.length, detail.length) : title.length)
  const high = isWhole ? 2 * LINE : LINE
  const at = (anchor: Label['anchor'], left: number, top: number): Candidate => ({
    box: { left, top, right: left + wide, bottom: top + high },
    place: {
      x: { start: left, middle: left + wide / 2, end: left + wide }[anchor],
      y: top + LINE - 3,
      anchor,
      isWhole,
    },
  })
  return [
    at('start', x + GAP, y - high / 2),
    at('end', x - GAP - wide, y - high / 2),
    at('middle', x - wide / 2, y + GAP),
    at('middle', x - wide / 2, y - GAP - high),
    at('start', x + GAP, y),
    at('start', x + GAP, y - high),
    at('end', x - GAP - wide, y),
    at('end', x - GAP - wide, y - high),
  ]
}

function around({ x, y }: Point, by: number): Box {
  return { left: x - by, right: x + by, top: y - by, bottom: y + by }
}

function isWithin({ x, y }: Point, { left, top, right, bottom }: Box): boolean {
  return x > left && x < right && y > top && y < bottom
}

function isAcross(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}
