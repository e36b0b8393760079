import type { Degrees, MapWindow } from './land.ts'

/** The part of the world that there is to see, in degrees: without the Antarctic, and split in the Pacific. */
const WORLD: MapWindow = { west: -170, east: 190, south: -57, north: 80 }
/** So wide is what is seen around few Regions, in degrees. */
const LEAST_SPAN = 150
/** Around the outermost Regions, in degrees. */
const MARGIN = 22

/** A place on the picture, in pixels. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** What of the world a picture shows, and how. */
export interface Frame {
  readonly window: MapWindow
  readonly width: number
  readonly height: number
  /** Pixels to a degree. */
  readonly scale: number
  pointOf(place: Degrees): Point
}

/** A picture of a width that shows these places, and the world around them. */
export function frameOf(places: readonly Degrees[], width: number): Frame {
  const ratio = width < 600 ? 1.5 : 2.6
  const easts = places.map(({ east }) => east)
  const norths = places.map(({ north }) => north)
  const [west, east] = around(easts, LEAST_SPAN, WORLD.west, WORLD.east)
  const least = Math.min((east - west) / ratio, WORLD.north - WORLD.south)
  const [south, north] = around(norths, least, WORLD.south, WORLD.north)
  // What is tall is shown with more to its sides.
  const [left, right] = around([west, east], (north - south) * ratio, WORLD.west, WORLD.east, 0)
  const scale = width / (right - left)
  return {
    window: { west: left, east: right, south, north },
    width,
    height: Math.round((north - south) * scale),
    scale,
    pointOf: (place) => ({ x: (place.east - left) * scale, y: (north - place.north) * scale }),
  }
}

/** The span around values that is at least so long and within bounds. */
function around(
  values: readonly number[],
  least: number,
  low: number,
  high: number,
  margin = MARGIN,
): readonly [number, number] {
  const [first, last] = values.length === 0 ? [low, high] : [Math.min(...values) - margin, Math.max(...values) + margin]
  const span = Math.min(Math.max(last - first, least), high - low)
  const start = Math.min(Math.max((first + last - span) / 2, low), high - span)
  return [start, start + span]
}
