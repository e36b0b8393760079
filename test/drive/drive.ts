import { appendFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { perform } from './calls.ts'
import { checkKeys, checkRecords, settle } from './check.ts'
import { createClient } from './client.ts'
import { bringBack, expectPutBack, lose } from './disasters.ts'
import { houseOfOne } from './house.ts'
import { houseOfMany } from './house-of-many.ts'
import { planOf, type Step } from './plan.ts'
import { count, Violation, type Figures, type World } from './world.ts'

const REGIONS = ['us-east-1', 'eu-west-1', 'ap-southeast-2', 'eu-central-1', 'us-west-2']
const CHECK_EVERY = 30
/** For how long Regions may miss each other after one was killed, in milliseconds. */
const RESTLESS_MS = 15_000

/** How a drive goes: its steps follow from the seed and the number of Regions. */
export interface Journey {
  readonly seed: number
  /** 3 to 5. */
  readonly regions: number
  /** Whether all Regions are in one process, in one each, or all but the last on two nodes with one database. */
  readonly housing: 'one' | 'apart' | 'nodes'
  /** Whichever comes first ends it. */
  readonly steps: number
  readonly seconds: number
  /** Where each step is written, a line of JSON each; null keeps none. */
  readonly log: string | null
}

/** What a drive has seen; `broken` says at which step what must never be was. */
export interface Drive {
  readonly steps: number
  readonly figures: Figures
  readonly broken: { readonly step: number; readonly what: string } | null
}

/** Drives a real server over its API, and looks from outside whether it keeps its promises. */
export async function drive({ seed, regions, housing, steps, seconds, log }: Journey): Promise<Drive> {
  const names = REGIONS.slice(0, regions)
  await using house = await (housing === 'one' ? houseOfOne(names) : houseOfMany(names, housing === 'nodes'))
  const figures: Figures = { outcomes: new Map(), kills: 0, restores: 0, losses: 0, pauses: 0, settled: 0, checks: 0 }
  const world: World = {
    house,
    regions: names,
    credentials: { accessKeyId: '', secretAccessKey: '' },
    clients: [],
    keys: [],
    sealed: [],
    answered: new Set(),
    offset: 0,
    putBack: new Set(),
    lost: new Set(),
    visitors: [],
    admitted: 0,
    isHomeOld: false,
    late: new Set(),
    broken: null,
    restlessUntil: 0,
    figures,
  }
  await connect(world)
  const end = Date.now() + seconds * 1000
  let done = 0
  try {
    for (const step of planOf(seed, regions)) {
      if (done >= steps || Date.now() >= end) break
      done += 1
      if (log !== null) await appendFile(log, `${JSON.stringify({ step: done, ...step })}\n`)
      await take(world, step)
      requireUnbroken(world)
      if (done % CHECK_EVERY === 0) await checkKeys(world)
    }
    await take(world, { do: 'settle' })
    await Promise.all(world.late)
    requireUnbroken(world)
    await checkKeys(world)
    await checkRecords(world)
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    return { steps: done, figures, broken: { step: done, what: error.message } }
  } finally {
    for (const client of world.clients) client.destroy()
  }
  return { steps: done, figures, broken: null }
}

function requireUnbroken({ broken }: World): void {
  if (broken !== null) throw broken
}

async function take(world: World, step: Step): Promise<void> {
  const { house, figures } = world
  switch (step.do) {
    case 'pause':
    case 'resume':
      if (step.do === 'pause') figures.pauses += 1
      return house.pause(step.do === 'pause')
    case 'advance':
      world.offset = (await house.advance(`${step.hours}h`)) - Date.now()
      return count(figures, 'advance', 'ok')
    case 'putBack': {
      if (world.lost.has(step.at)) return
      const region = world.regions[step.at] ?? ''
      if (await house.putBack(region, () => expectPutBack(world, step.at))) figures.restores += 1
      world.restlessUntil = performance.now() + RESTLESS_MS
      await connect(world)
      return checkKeys(world)
    }
    case 'lose':
      await lose(world, step.at)
      await connect(world)
      return checkKeys(world)
    case 'bringBack':
      await bringBack(world, step.isAnew)
      await connect(world)
      return checkKeys(world)
    case 'kill':
      await restart(world, 0)
      return checkKeys(world)
    case 'crash': {
      const calls = step.calls.map((call) => perform(world, call, true))
      await restart(world, step.after)
      await Promise.all(calls)
      return checkKeys(world)
    }
    case 'settle':
      await house.pause(false)
      if (world.isHomeOld) await house.followHome()
      world.isHomeOld = false
      await connect(world)
      return settle(world)
    default:
      return perform(world, step, false)
  }
}

async function restart(world: World, after: number): Promise<void> {
  await setTimeout(after)
  await world.house.restart()
  world.figures.kills += 1
  world.restlessUntil = performance.now() + RESTLESS_MS
  await connect(world)
}

async function connect(world: World): Promise<void> {
  for (const client of world.clients) client.destroy()
  const { house, regions } = world
  world.credentials = await house.credentials()
  world.clients = regions.map((region) => createClient(region, house.urlsOf(region), world.credentials))
}

/** The figures of a drive, a line each. */
export function tell({ steps, figures }: Drive): string {
  const { outcomes, kills, restores, losses, pauses, settled, checks } = figures
  const byName = (a: readonly [string, unknown], b: readonly [string, unknown]) => a[0].localeCompare(b[0])
  const lines = [...outcomes].toSorted(byName).map(([kind, of]) => {
    const parts = [...of].toSorted(byName).map(([outcome, times]) => `${times} ${outcome}`)
    return `  ${kind}: ${parts.join(', ')}`
  })
  const calls = [...outcomes.values()].flatMap((of) => [...of.values()]).reduce((sum, times) => sum + times, 0)
  return [
    `${steps} steps, ${calls} calls, ${kills} kills, ${restores} Regions put back, ${losses} lost, ${pauses} pauses, ${checks} checks of all keys, settled ${settled} times`,
    ...lines,
  ].join('\n')
}
