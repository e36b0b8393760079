import { createLine, type Line } from '../places/line.ts'

/** How late a slow line is, in milliseconds. */
const LATE_MS = 150

/** The lines between Regions. */
export interface Ways extends AsyncDisposable {
  /** By which a Region reaches the others, each with its name. */
  from(region: string): readonly string[]
  /** In turn: cuts all lines, those to one Region, those from one; or none, and all are slow. Or lets all be again. */
  pause(isPaused: boolean): void
  isCut(): boolean
}

/** A line from one Region to another. */
interface Way {
  readonly from: string
  readonly to: string
  readonly line: Line
}

/** @param portOf where a Region is reached now */
export async function createWays(regions: readonly string[], portOf: (region: string) => number): Promise<Ways> {
  const ways: Way[] = []
  for (const from of regions) {
    for (const to of regions) {
      if (from !== to) ways.push({ from, to, line: await createLine(() => portOf(to)) })
    }
  }
  let cuts = 0
  let isCut = false
  return {
    from: (region) =>
      ways.filter(({ from }) => from === region).map(({ to, line }) => `${to}=https://127.0.0.1:${line.port}`),
    pause(isPaused) {
      isCut = isPaused
      if (isPaused) cuts += 1
      const victim = regions[cuts % regions.length]
      const isMeant = ({ from, to }: Way) => [true, to === victim, from === victim, false][cuts % 4] === true
      for (const way of ways) {
        way.line.cut(isPaused && isMeant(way))
        way.line.slow(isPaused && cuts % 4 === 3 ? LATE_MS : 0)
      }
    },
    isCut: () => isCut,
    async [Symbol.asyncDispose]() {
      for (const { line } of ways) await line[Symbol.asyncDispose]()
    },
  }
}
