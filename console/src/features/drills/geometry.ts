/** A place in the picture. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** How large the picture is, and what stands for a Region in it: a unit is about a pixel. */
export interface Frame {
  readonly width: number
  readonly height: number
  readonly node: { readonly width: number; readonly height: number }
}

export const WIDE: Frame = { width: 560, height: 230, node: { width: 124, height: 34 } }
/** For a telephone: as readable, and closer together. */
export const NARROW: Frame = { width: 320, height: 250, node: { width: 104, height: 32 } }

/** How far the two lines between two Regions are apart, and how far they end from these. */
const APART = 10
const GAP = 10
const EDGE = 2
const HEAD = { length: 9, width: 4.5 } as const
/** Where on a line its label is: nearer to its source, so that those of two directions are apart. */
const LABEL_AT = 0.28

/** Where Regions stand: on an ellipse, the first one on top; two side by side. */
export function placesOf(count: number, { width, height, node }: Frame): readonly Point[] {
  if (count === 1) return [{ x: width / 2, y: height / 2 }]
  const first = count === 2 ? Math.PI : -Math.PI / 2
  const angles = Array.from({ length: count }, (_, index) => first + (2 * Math.PI * index) / count)
  const across = fill(angles.map(Math.cos), node.width / 2 + EDGE, width - node.width / 2 - EDGE)
  const down = fill(angles.map(Math.sin), node.height / 2 + EDGE, height - node.height / 2 - EDGE)
  return angles.map((_, index) => ({ x: across[index] ?? 0, y: down[index] ?? 0 }))
}

/** Spreads numbers so that they reach from one bound to the other; those that are one are in the middle. */
function fill(numbers: readonly number[], low: number, high: number): readonly number[] {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)]
  if (most - least < 1e-9) return numbers.map(() => (low + high) / 2)
  return numbers.map((number) => low + ((number - least) / (most - least)) * (high - low))
}

/** A line from one Region to another, beside that of the other direction. */
export interface Arrow {
  readonly from: Point
  readonly to: Point
  readonly label: Point
  readonly middle: Point
  /** The points of its head. */
  readonly head: string
}

/** The arrow between what stands at two places. */
export function arrowBetween(source: Point, destination: Point, { node }: Frame): Arrow {
  const length = Math.hypot(destination.x - source.x, destination.y - source.y)
  const along = { x: (destination.x - source.x) / length, y: (destination.y - source.y) / length }
  const aside = { x: -along.y * (APART / 2), y: along.x * (APART / 2) }
  const edge = Math.min(node.width / 2 / Math.abs(along.x), node.height / 2 / Math.abs(along.y)) + GAP
  const at = (distance: number): Point => ({
    x: source.x + along.x * distance + aside.x,
    y: source.y + along.y * distance + aside.y,
  })
  const [from, to, neck] = [at(edge), at(length - edge), at(length - edge - HEAD.length)]
  const wing = (side: number): string =>
    `${neck.x - along.y * HEAD.width * side},${neck.y + along.x * HEAD.width * side}`
  return {
    from,
    to: neck,
    label: at(edge + (length - 2 * edge) * LABEL_AT),
    middle: at(length / 2),
    head: `${to.x},${to.y} ${wing(1)} ${wing(-1)}`,
  }
}
