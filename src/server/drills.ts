import pLimit from 'p-limit'
import { lineOf, type Faults } from '../domain/drill/faults.ts'
import { faultSentences } from '../domain/drill/sentences.ts'
import { DrillError } from '../domain/drill/step.ts'
import { durationText, LONGEST, parseDuration } from '../domain/duration.ts'
import type { DescribedDrill, DescribedLine, Drills } from '../services/keyspan/drills.ts'
import type { Clock } from './clock.ts'
import { FIRST_ACCOUNT } from './data/accounts.ts'
import { table } from './inspect/family/table.ts'
import { backlogs, type BacklogSources } from './regions/backlogs.ts'
import type { OpenGlobal } from './regions/open-global.ts'
import type { Regions } from './regions/regions.ts'
import type { ReplicationLoop } from './regions/replication-loop.ts'

/** What drills are about. */
interface DrillParts {
  readonly dev: boolean
  readonly regions: Regions
  readonly global: Pick<OpenGlobal, 'store'>
  readonly loop: ReplicationLoop
  readonly clock: Clock
}

/** Drills with the Regions of this process and its clock. */
export function createDrills({ dev, regions, global, loop, clock }: DrillParts): Drills {
  const { lines } = loop
  const faults = () => faultSentences(lines.faults(), [...regions.served, ...regions.elsewhere()])
  const requireDevelopment = (): void => {
    if (!dev) throw new DrillError('That works in development mode only. Start the server with --dev.')
  }
  const inTurn = pLimit(1)
  /** Looked up once for all who ask meanwhile: there is a look for each line. */
  let waits: Promise<Waits> | null = null
  return {
    operator: FIRST_ACCOUNT,
    development: dev,
    faults,
    async describe() {
      const open = [...regions]
      waits ??= waitsOf({ regions, loop }).finally(() => {
        waits = null
      })
      const waiting = await waits
      return {
        development: dev,
        now: clock.now(),
        faults: faults(),
        regions: open.map(({ region }) => ({ region, down: lines.isDown(region) })),
        lines: describeLines(regions, lines.faults(), waiting),
      }
    },
    async step(step) {
      requireDevelopment()
      await loop.drill(step)
    },
    async advanceClock(duration) {
      requireDevelopment()
      // One after the other: what is kept is what the clock says.
      await inTurn(async () => {
        const offset = offsetAfter(duration, clock)
        await global.store.transaction((writes) => writes.putMeta('clock-offset', String(offset)))
        clock.advance(offset - clock.offset())
      })
      await loop.settle()
    },
  }
}

/** How far ahead a clock is, once it is moved. @throws DrillError */
function offsetAfter(duration: string, clock: Clock): number {
  const milliseconds = parseDuration(duration)
  if (milliseconds === null) {
    throw new DrillError(
      `${JSON.stringify(duration)} is no duration. Give a number and a unit, such as 30d, 12h, 5m or 90s.`,
    )
  }
  const offset = clock.offset() + milliseconds
  if (offset <= LONGEST) return offset
  throw new DrillError(
    `The clock goes a hundred years ahead at most, and it is ${new Date(clock.now()).toISOString()}. Begin with a new ` +
      '--data for a clock that is right.',
  )
}

/** What waits, by lines. */
type Waits = ReadonlyMap<string, Pick<DescribedLine, 'waiting' | 'since'>>

async function waitsOf(sources: BacklogSources): Promise<Waits> {
  const waits = new Map<string, Pick<DescribedLine, 'waiting' | 'since'>>()
  for await (const { source, destination, messages, since } of backlogs(sources)) {
    waits.set(lineOf(source, destination), { waiting: messages, since })
  }
  return waits
}

function describeLines(regions: Regions, { cuts, delays }: Faults, waits: Waits): readonly DescribedLine[] {
  const here = [...regions].map(({ region }) => region)
  const everywhere = [...here, ...regions.elsewhere()]
  return everywhere.flatMap((source) =>
    everywhere.flatMap((destination) => {
      // What passes between two other places is theirs to tell.
      if (source === destination || !(here.includes(source) || here.includes(destination))) return []
      const line = lineOf(source, destination)
      const heard = waits.get(line) ?? { waiting: 0, since: null }
      return [{ source, destination, cut: cuts.has(line), lateMs: delays.get(line) ?? 0, ...heard }]
    }),
  )
}

/** What is wrong, for people. @param more what is wrong besides, in sentences */
export function faultText({ faults }: DescribedDrill, more: readonly string[]): string {
  const all = [...faults, ...more]
  return all.length === 0 ? 'Every Region is up and hears all others.' : all.join('\n')
}

/** A drill for people: what is wrong, and the lines on which something is, or waits. */
export function drillText(drill: DescribedDrill, more: readonly string[]): string {
  const { regions, lines } = drill
  const isDown = (region: string) => regions.some((each) => each.region === region && each.down)
  const stateOf = ({ source, destination, cut, lateMs }: DescribedLine): string => {
    if (isDown(source) || isDown(destination)) return 'down'
    if (cut) return 'cut'
    return lateMs > 0 ? `${durationText(lateMs)} late` : 'open'
  }
  const rows = lines
    .filter((line) => line.waiting > 0 || stateOf(line) !== 'open')
    .map((line) => [
      line.source,
      line.destination,
      stateOf(line),
      String(line.waiting),
      line.since === null ? '-' : new Date(line.since).toISOString(),
    ])
  const head = faultText(drill, more)
  return rows.length === 0 ? head : `${head}\n\n${table([['from', 'to', 'line', 'waiting', 'since'], ...rows])}`
}
