import type { Point } from './frame.ts'

/** How high an arc rises, as a part of its length, and at most; and how far it stays from the edge, in pixels. */
const RISE = { part: 0.22, most: 70, edge: 12 }

/** A quadratic curve from one point to another. */
export interface Arc {
  readonly from: Point
  readonly to: Point
  readonly bend: Point
}

/** The arc between two points: it rises to the north. */
export function arcOf(from: Point, to: Point): Arc {
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }
  const wanted = Math.hypot(to.x - from.x, to.y - from.y) * RISE.part
  const rise = Math.max(0, Math.min(wanted, RISE.most, middle.y - RISE.edge))
  return { from, to, bend: { x: middle.x, y: middle.y - 2 * rise } }
}

/** A point of it, from 0 at its beginning to 1 at its end. */
export function pointOn({ from, to, bend }: Arc, part: number): Point {
  const along = (a: number, b: number, c: number) => (1 - part) ** 2 * a + 2 * (1 - part) * part * b + part ** 2 * c
  return { x: along(from.x, bend.x, to.x), y: along(from.y, bend.y, to.y) }
}
