import { durationText } from '../duration.ts'
import type { Region } from '../region.ts'
import { endsOf, lineOf, linesBetween, type Faults, type Line } from './faults.ts'

/** So many sentences are read; what is beyond them is counted. */
const MOST = 12

/** How something that is done to lines is said, from the widest that is meant to the narrowest. */
interface Sayings {
  readonly all: string
  readonly ofOne: (region: Region) => string
  readonly between: (one: Region, other: Region) => string
  readonly from: (source: Region, destination: Region) => string
}

const CUT: Sayings = {
  all: 'All Regions are cut off from each other.',
  ofOne: (region) => `${region} is cut off from all others.`,
  between: (one, other) => `${one} and ${other} are cut off from each other.`,
  from: (source, destination) => `${destination} does not hear ${source}.`,
}

const late = (delay: string): Sayings => ({
  all: `What passes between Regions is ${delay} late.`,
  ofOne: (region) => `What passes between ${region} and all others is ${delay} late.`,
  between: (one, other) => `What passes between ${one} and ${other} is ${delay} late.`,
  from: (source, destination) => `What ${source} says to ${destination} is ${delay} late.`,
})

/** What is wrong, in a few sentences; none where nothing is. */
export function faultSentences({ down, cuts, delays }: Faults, served: readonly Region[]): readonly string[] {
  const lengths = [...new Set(delays.values())].toSorted((one, other) => one - other)
  const sentences = [
    ...[...down].map((region) => `${region} is down.`),
    ...say(cuts, served, CUT),
    ...lengths.flatMap((length) => {
      const lines = new Set([...delays].flatMap(([line, each]) => (each === length ? [line] : [])))
      return say(lines, served, late(durationText(length)))
    }),
  ]
  const more = sentences.length - MOST
  return more <= 0 ? sentences : [...sentences.slice(0, MOST), `There ${more === 1 ? 'is' : 'are'} ${more} more.`]
}

function say(lines: ReadonlySet<Line>, served: readonly Region[], sayings: Sayings): readonly string[] {
  const isWhole = (wanted: readonly Line[]) => wanted.every((line) => lines.has(line))
  // Between two Regions there is no wider way to say it.
  const isWide = served.length > 2
  if (isWide && isWhole(linesBetween(served))) return [sayings.all]
  const alone = isWide ? served.filter((one) => isWhole(linesOfOne(one, served))) : []
  const rest = [...lines].filter((line) => !endsOf(line).some((end) => alone.includes(end)))
  return [
    ...alone.map((one) => sayings.ofOne(one)),
    ...rest.flatMap((line) => {
      const [source, destination] = endsOf(line)
      const back = lineOf(destination, source)
      if (!rest.includes(back)) return [sayings.from(source, destination)]
      return rest.indexOf(back) < rest.indexOf(line) ? [] : [sayings.between(source, destination)]
    }),
  ]
}

function linesOfOne(one: Region, served: readonly Region[]): readonly Line[] {
  return linesBetween(served).filter((line) => endsOf(line).includes(one))
}
