/** Sides of a comparison: they take turns, so that what disturbs the machine disturbs both. */
import { load, type Load } from '../http-load.ts'
import type { ServerUnderTest } from '../server-under-test.ts'

/** A server, and the requests that it is asked. */
export interface Side {
  readonly name: string
  readonly server: Pick<ServerUnderTest, 'url' | 'cpuSeconds'>
  readonly requests: readonly Buffer[]
}

/** What a turn has measured. */
export interface Measured extends Load {
  /** Processor time of the server, of all its threads. */
  readonly cpuMicroseconds: number
}

/** How long it is measured, and how often. */
export interface Turns {
  readonly seconds: number
  readonly rounds: number
}

/** Measures sides in turn, and gives of each the turn with the median of requests a second. */
export async function compare(
  sides: readonly Side[],
  connections: number,
  { seconds, rounds }: Turns,
): Promise<readonly Measured[]> {
  const turns = sides.map((): Measured[] => [])
  for (let round = 0; round < rounds; round += 1) {
    for (const [place, side] of sides.entries()) turns[place]?.push(await measure(side, connections, seconds))
  }
  return turns.map(middle)
}

async function measure({ server, requests }: Side, connections: number, seconds: number): Promise<Measured> {
  const before = server.cpuSeconds()
  const result = await load(server.url, requests, connections, seconds)
  return { ...result, cpuMicroseconds: ((server.cpuSeconds() - before) / result.requests) * 1e6 }
}

function middle(turns: readonly Measured[]): Measured {
  const sorted = turns.toSorted((a, b) => a.perSecond - b.perSecond)
  const found = sorted[Math.floor((sorted.length - 1) / 2)]
  if (found === undefined) throw new Error('There was no turn.')
  return found
}
