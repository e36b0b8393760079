/** From the start of a process to its first signed answer. */
import { performance } from 'node:perf_hooks'
import { ask } from '../requests.ts'
import { table, type Plan, type Section } from './section.ts'
import { newData, startBare, startKeyspan } from './servers.ts'

const RUNS_A_ROUND = 2

export async function startsSection({ rounds }: Plan): Promise<Section> {
  await using data = await newData()
  const times = { bare: [] as number[], first: [] as number[], again: [] as number[] }
  // The first of all compiles, and warms the client up.
  await startedIn(data.path)
  for (let run = 0; run < rounds * RUNS_A_ROUND; run += 1) {
    await using other = await newData()
    times.bare.push(await bare())
    times.first.push(await startedIn(other.path))
    times.again.push(await startedIn(data.path))
  }
  const middle = median(times.bare)
  const share = (of: readonly number[]) => (median(of) / middle).toFixed(2)
  const row = (name: string, of: readonly number[]) => [name, `${median(of).toFixed(0)} ms`, share(of)]
  return {
    title: 'Start',
    text: table(
      ['what', 'median', 'of bare'],
      [
        row('a bare `node:http`', times.bare),
        row('Keyspan, the first start', times.first),
        row('Keyspan, later starts', times.again),
      ],
    ),
    charts: new Map(),
    reach: [{ what: 'start to first signed answer, against bare', figure: share(times.again), aim: 'at most 1.5' }],
  }
}

async function bare(): Promise<number> {
  const begun = performance.now()
  await using server = await startBare(60)
  await (await fetch(server.url, { method: 'POST', body: '{}' })).text()
  return performance.now() - begun
}

/** How long a start on a data directory takes, in milliseconds. */
export async function startedIn(path: string): Promise<number> {
  const begun = performance.now()
  await using server = await startKeyspan(path)
  await ask(server.url, server.credentials, 'ListKeys', {})
  return performance.now() - begun
}

/** The middle one of times. */
export function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
}
