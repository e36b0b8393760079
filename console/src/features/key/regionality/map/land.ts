/**
 * The land of the world, drawn by hand: coarse outlines, each as longitudes and latitudes in turn. Where one lies within
 * another, it is water. The far east goes on beyond 180 degrees.
 */
const OUTLINES: readonly (readonly number[])[] = [
  // North America
  [
    -168, 66, -163, 69, -156, 71, -140, 70, -125, 70, -115, 68, -96, 68, -94, 72, -85, 69, -82, 67, -87, 64, -94, 60,
    -93, 57, -82, 55, -80, 51, -78, 56, -78, 62, -70, 61, -65, 58, -60, 55, -56, 52, -66, 50, -60, 46, -66, 44, -70, 43,
    -74, 40, -76, 35, -81, 31, -80, 25, -83, 29, -90, 29, -97, 27, -97, 21, -91, 18, -87, 21, -88, 16, -83, 15, -83, 9,
    -78, 8, -80, 7, -86, 11, -94, 16, -105, 20, -109, 25, -113, 31, -110, 24, -115, 28, -117, 33, -123, 38, -124, 46,
    -128, 51, -134, 57, -145, 60, -152, 59, -160, 55, -165, 60, -160, 64,
  ],
  // Its islands in the north, Greenland and Iceland
  [-118, 72, -105, 73, -103, 69, -116, 69],
  [-90, 73, -80, 73, -68, 68, -64, 64, -72, 63, -80, 70],
  [-95, 77, -82, 77, -80, 75, -95, 75],
  [-55, 82, -30, 83, -20, 78, -20, 73, -28, 69, -40, 65, -44, 60, -50, 62, -54, 68, -58, 75, -70, 77],
  [-24, 65, -22, 66.5, -15, 66.5, -14, 64.5, -19, 63.5],
  // The Caribbean
  [-84, 22, -78, 23, -74, 20.5, -78, 20.5],
  [-74, 19.8, -69, 19.8, -69, 18, -74, 18],
  // South America
  [
    -77, 7.8, -72, 12, -62, 10.5, -52, 5, -50, 0, -44, -2, -35, -6, -37, -12, -39, -18, -42, -22, -48, -26, -53, -33,
    -57, -38, -62, -39, -65, -43, -67, -48, -69, -52, -67, -55, -73, -52, -75, -46, -73, -38, -71, -30, -70, -19, -76,
    -14, -81, -6, -80, 0,
  ],
  // Africa, and Madagascar
  [
    -6, 35.5, 10, 37, 11, 33, 20, 31, 32, 31, 35, 27, 37, 21, 43, 12, 51, 12, 48, 5, 41, -2, 39, -7, 41, -15, 35, -20,
    35, -24, 32, -28, 27, -34, 19, -35, 15, -27, 12, -17, 13, -8, 9, -1, 9, 4, 4, 6, -8, 4, -13, 8, -17, 14, -17, 21,
    -13, 28, -10, 32,
  ],
  [49, -12, 50, -16, 47, -25, 44, -24, 44, -17],
  // Europe and Asia
  [
    -9, 37, -9, 43.5, -1.5, 43.5, -1, 46, -4.5, 48.5, 2, 51, 8, 54, 8, 57, 10.5, 57.5, 11, 54, 20, 55, 21, 57.5, 24, 59,
    30, 60, 28, 61, 22, 60.5, 21.5, 63, 25, 65.5, 22, 66, 17, 62, 18, 60, 16, 56.5, 13, 55.5, 11, 59, 7, 58, 5, 61, 10,
    64, 15, 68, 25, 71, 41, 67, 33, 66.5, 38, 64, 44, 66.5, 44, 68, 54, 68.5, 60, 69, 68, 69, 70, 73, 80, 73, 100, 77,
    113, 74, 130, 71, 140, 73, 160, 70, 178, 69, 190, 66, 180, 66, 179, 63, 170, 60, 163, 58, 162, 55, 157, 51, 155, 57,
    160, 61, 150, 59, 140, 57, 135, 54, 140, 50, 140, 46, 132, 43, 128, 39, 129, 35, 126, 35, 125, 39, 121, 40, 118, 38,
    122, 37, 119, 34, 122, 30, 119, 25, 114, 22, 110, 20, 108, 21.5, 106, 19, 109, 13, 105, 9, 100.5, 13, 100, 7, 104,
    1.5, 101, 3, 98, 8, 98, 15, 94, 16, 92, 22, 87, 21, 80, 15, 80, 10, 77, 8, 73, 16, 72, 21, 67, 25, 57, 26, 50, 30,
    48, 30, 51, 25, 56, 24, 59, 22, 55, 17, 45, 13, 42, 17, 35, 28, 34, 31, 36, 36, 30, 36.5, 27, 37, 26, 40, 30, 41,
    41, 41.5, 37, 45, 39, 47, 31, 46.5, 28, 43, 28, 41, 23, 40, 24, 38, 22, 36.5, 19, 42, 13, 45.5, 13, 43, 18, 40, 16,
    38, 12, 42, 9, 44, 3, 43, 0, 40, -2, 37, -5, 36,
  ],
  // The Caspian Sea is water
  [47, 45, 53, 47, 53, 41, 54, 37, 50, 37, 49, 41],
  // The islands of Europe, and those in the Arctic
  [-5, 50, 1, 51, 1, 53, -2, 56, -3, 58.5, -6, 58, -5, 55, -3, 54, -4, 52.5],
  [-10, 52, -6, 52, -6, 55, -8, 55.3, -10, 54],
  [8, 41, 9.8, 41, 9.8, 39, 8.3, 39],
  [12.5, 38, 15.5, 38, 15, 36.6],
  [52, 71, 56, 73.5, 68, 77, 58, 71.5],
  [11, 79, 20, 80, 25, 78, 16, 77],
  // Japan and Sakhalin
  [130, 33, 131, 31, 136, 34, 141, 36, 142, 40, 145, 43.5, 142, 45.5, 140, 42, 139, 38, 135, 35.5],
  [142, 46, 144, 50, 143, 54, 142, 54, 141.5, 50],
  // Taiwan, the Philippines, Sri Lanka
  [121, 25.3, 122, 25, 120.8, 22, 120, 23],
  [120, 18, 122, 18.5, 124, 13, 126, 7, 122, 7, 123, 11, 120, 14],
  [80, 9.5, 82, 7.5, 80.5, 6, 79.8, 7.5],
  // Indonesia and New Guinea
  [109, 1, 117, 7, 119, 5, 118, 1, 116, -4, 110, -3],
  [95, 5.5, 98, 4, 104, -1, 106, -4, 105, -6, 102, -4.5],
  [105, -6.2, 110, -6.4, 114, -7, 114, -8.7, 106, -7.5],
  [119, -5, 119.5, 0.5, 125, 1.5, 121, 0, 123, -4.5, 120.5, -3],
  [131, -1, 138, -2, 147, -6, 150, -10.5, 143, -8.5, 138, -8, 133, -4],
  // Australia with Tasmania, and New Zealand
  [
    114, -22, 122, -18, 129, -15, 136, -12, 136, -15, 140, -17.5, 142, -11, 146, -19, 153, -26, 153, -31, 150, -37, 146,
    -39, 140, -37.5, 136, -34.5, 131, -31.5, 124, -33, 118, -35, 115, -34, 114, -27,
  ],
  [145, -41, 148, -41, 147, -43.5],
  [173, -35, 178, -38, 175, -41.5, 174, -39],
  [172, -41, 174, -42, 170, -46, 167, -46],
]

/** A place on the map, in degrees. */
export interface Degrees {
  readonly east: number
  readonly north: number
}

/** An edge of an outline, from the south to the north. */
type Edge = readonly [Degrees, Degrees]

const EDGES: readonly Edge[] = OUTLINES.flatMap((outline) => {
  const corners = Array.from({ length: outline.length / 2 }, (_, index) => ({
    east: outline[2 * index] ?? 0,
    north: outline[2 * index + 1] ?? 0,
  }))
  return corners.map((corner, index): Edge => {
    const next = corners[(index + 1) % corners.length] ?? corner
    return corner.north <= next.north ? [corner, next] : [next, corner]
  })
})

/** What of the world is looked at, in degrees. */
export interface MapWindow {
  readonly west: number
  readonly east: number
  readonly south: number
  readonly north: number
}

/** Points on the land, in rows that are so many degrees apart; each row is half a step beside the one before. */
export function landPoints({ west, east, south, north }: MapWindow, step: number): readonly Degrees[] {
  const points: Degrees[] = []
  for (let row = Math.ceil(south / step); row * step <= north; row += 1) {
    const shift = row % 2 === 0 ? 0 : 0.5
    const shores = shoresAt(row * step)
    for (let index = 0; index + 1 < shores.length; index += 2) {
      const [from, to] = [Math.max(west, shores[index] ?? 0), Math.min(east, shores[index + 1] ?? 0)]
      for (let column = Math.ceil(from / step - shift); (column + shift) * step <= to; column += 1) {
        points.push({ east: (column + shift) * step, north: row * step })
      }
    }
  }
  return points
}

/** Where land begins and ends along a latitude, in turn, from the west. */
function shoresAt(north: number): readonly number[] {
  const crossed = EDGES.filter(([low, high]) => low.north <= north && north < high.north)
  const easts = crossed.map(
    ([low, high]) => low.east + ((north - low.north) / (high.north - low.north)) * (high.east - low.east),
  )
  return easts.toSorted((a, b) => a - b)
}
