import { takeStep, type DrillStep } from '../../domain/drill/step.ts'
import { createRecent } from '../../domain/recent.ts'
import type { Region } from '../../domain/region.ts'
import type { Tracer } from '../../domain/tracing/span.ts'
import { createDriver, type Driver } from '../../replication/driver.ts'
import { createLines, type Lines } from './lines.ts'
import { createLink, type Link, type Station } from './link.ts'
import type { OpenRegion } from './open-region.ts'
import type { Regions } from './regions.ts'

/** How often what is due is looked for: deletions, rotations, and exchanges that failed. */
const SWEEP_MS = 1000
/** How often what others have not confirmed is said again. */
const REPEAT_MS = 10_000
/** What one Region says to a second may move a third, and so on; a key's longest chain of answers is far shorter. */
const MAX_ROUNDS = 100

/** The same alarm is not given again for so long. */
const ALARM_MS = 60 * 60 * 1000
/** So many alarms are remembered; then they begin to be given again. */
const ALARMS = 10_000

/** How an operator hears of what has failed. */
export interface Telling {
  /** What will be tried again, and may well succeed. */
  readonly retry: (error: unknown, what: string) => void
  /** What keeps one key from going on, until somebody looks after it. */
  readonly alarm: (error: unknown, what: string) => void
}

/** Keeps the Regions of this process in step: wakes them after commits, and looks after what time brings. */
export interface ReplicationLoop {
  /** What can pass between Regions now. */
  readonly lines: Lines
  /** Does now all that is due, and returns when no Region has anything new to hear that can be heard without delay. */
  settle(): Promise<void>
  /**
   * Does a step of a drill, once what is under way on the lines that it cuts has ended.
   *
   * @throws DrillError where it cannot be done; nothing has changed then
   */
  drill(step: DrillStep): Promise<void>
  /** What runs the keys of a Region that is served here, which is opened if it is not yet. */
  driverOf(region: Region): Promise<Driver>
  /** Calls `listener` with each Region that is open, and each that is opened from now on. */
  onStation(listener: (station: Station) => void): void
  stop(): Promise<void>
}

/**
 * Starts the loop over Regions that know each other, once it has done what became due while no server ran: nobody is
 * to find what has expired meanwhile.
 *
 * @param mayAct asked before each look for what time brings
 * @param tracer absent where nothing is traced
 */
export async function startReplicationLoop(
  regions: Regions,
  now: () => number,
  mayAct: () => Promise<boolean>,
  tell: Telling,
  tracer?: Tracer,
): Promise<ReplicationLoop> {
  let isStopped = false
  const lines = createLines(now)
  const alarm = onceInAWhile(tell.alarm, now)
  const { stations, links, follow, lookup } = createNetwork(regions, lines, tell, (host, onNewLife) =>
    createDriver({ ...host, alarm, onNewLife, ...(tracer !== undefined && { tracer }) }, now),
  )
  const each = async (what: string, work: (station: Station) => Promise<void>): Promise<void> => {
    for (const station of stations) {
      await work(station).catch((error: unknown) => tell.retry(error, `${what} of ${station.region}`))
    }
  }
  const doWhatIsDue = async (): Promise<void> => {
    if (await mayAct()) await each('sweep', ({ driver }) => driver.sweep(() => !isStopped))
  }
  const sweep = oneAtATime(async () => {
    await doWhatIsDue()
    await follow()
  })
  const repeat = oneAtATime(() => each('repeat', ({ driver }) => driver.repeat()))

  await doWhatIsDue()
  // What an older version could not take in, this one may.
  await repeat.run()
  const sweepTimer = setInterval(() => void sweep.run(), SWEEP_MS)
  const repeatTimer = setInterval(() => void repeat.run(), REPEAT_MS)
  void follow()

  return {
    lines,
    async settle() {
      lines.lookAgain()
      await sweep.idle()
      for (const { run } of [sweep, repeat, sweep]) await run()
    },
    async drill(step) {
      takeStep(lines.faults(), step, knownOf(regions))
      // A Region that somebody names is in use from now on.
      for (const region of step.regions) if (regions.served.includes(region)) await regions.open(region)
      // Taken anew: there may have been another step meanwhile.
      lines.set(takeStep(lines.faults(), step, knownOf(regions)))
      const closed = links.filter(({ source, destination }) => !lines.isHeard(source, destination))
      await Promise.all(closed.map((link) => link.idle()))
      void follow()
    },
    ...lookup,
    async stop() {
      isStopped = true
      lines.close()
      clearInterval(sweepTimer)
      clearInterval(repeatTimer)
      await sweep.idle()
      await repeat.idle()
      await Promise.all(links.map((link) => link.idle()))
    },
  }
}

/** The open Regions, each following all others. */
interface Network {
  readonly stations: readonly Station[]
  readonly links: readonly Link[]
  /** Returns when no Region has anything new to hear, or what it has cannot be heard now, or late only. */
  readonly follow: () => Promise<void>
  readonly lookup: Pick<ReplicationLoop, 'driverOf' | 'onStation'>
}

function createNetwork(
  regions: Regions,
  lines: Lines,
  { retry }: Telling,
  driverOf: (host: OpenRegion, onNewLife: () => void) => Driver,
): Network {
  const stations: Station[] = []
  const listeners: ((station: Station) => void)[] = []
  const links: Link[] = []
  /** Regions that are being opened because others have spoken to them. */
  const waking = new Set<Promise<void>>()
  /** A Region that others have spoken to is opened, so that it hears of it. */
  const wake = async (source: Region, said: readonly Region[]): Promise<void> => {
    for (const destination of said) if (regions.served.includes(destination)) await regions.open(destination)
    for (const link of links) {
      if (link.source !== source || !said.includes(link.destination)) continue
      link.note()
      void link.follow()
    }
  }
  /** A Region has to ask all others where their streams go on, though they have said nothing new. */
  const askAll = (region: Region): void => {
    for (const link of links) if (link.destination === region) link.note()
  }
  const add = (host: OpenRegion): void => {
    const { region, store } = host
    const station: Station = { region, driver: driverOf(host, () => askAll(region)) }
    links.push(...linksOf(station, stations, lines, retry))
    stations.push(station)
    for (const listener of listeners) listener(station)
    store.onCommit(({ said }) => {
      if (said.length === 0) return
      const wakes = wake(region, said)
        .catch((error: unknown) => retry(error, `${region} wakes others`))
        .finally(() => waking.delete(wakes))
      waking.add(wakes)
    })
  }
  for (const host of regions) add(host)
  regions.onOpen(add)
  return {
    stations,
    links,
    lookup: {
      async driverOf(region) {
        await regions.open(region)
        const station = stations.find((each) => each.region === region)
        if (station === undefined) throw new Error(`INVARIANT: ${region} is open and moves its keys`)
        return station.driver
      },
      onStation(listener) {
        for (const station of stations) listener(station)
        listeners.push(listener)
      },
    },
    async follow() {
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        await Promise.all(waking)
        const behind = links.filter((link) => link.isBehind())
        await Promise.all(behind.map((link) => link.follow()))
        // What has failed is left to the next sweep.
        if (behind.every((link) => link.isBehind())) return
      }
    },
  }
}

/** The Regions of the deployment, as far as they are known. */
function knownOf({ served, elsewhere }: Regions): readonly Region[] {
  return [...served, ...elsewhere()]
}

/** An alarm that is given when it is new, and again after a while. */
function onceInAWhile(alarm: Telling['alarm'], now: () => number): Telling['alarm'] {
  const given = createRecent<string, number>(ALARMS)
  return (error, what) => {
    const last = given.get(what)
    if (last !== undefined && now() - last < ALARM_MS) return
    given.set(what, now())
    alarm(error, what)
  }
}

/** Work of which one run is under way at a time: whoever asks for another meanwhile gets that one. */
function oneAtATime(work: () => Promise<void>): { readonly run: () => Promise<void>; idle(): Promise<void> } {
  let running: Promise<void> | null = null
  return {
    run() {
      running ??= work().finally(() => {
        running = null
      })
      return running
    },
    idle: async () => running ?? undefined,
  }
}

function linksOf(
  station: Station,
  others: readonly Station[],
  lines: Lines,
  onError: (error: unknown, what: string) => void,
): readonly Link[] {
  return others.flatMap((other) => [
    createLink(station, other, lines, onError),
    createLink(other, station, lines, onError),
  ])
}
