import { LRUCache } from 'lru-cache'
import type { Region } from '../../domain/region.ts'
import { createDriver, type Driver } from '../../replication/driver.ts'
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
  /** Does now all that is due, and returns when no Region has anything new to hear. */
  settle(): Promise<void>
  /** Holds the movement between Regions once what is under way has ended, or lets it go on. */
  pause(paused: boolean): Promise<void>
  isPaused(): boolean
  stop(): Promise<void>
}

/**
 * Starts the loop over Regions that know each other, once it has done what became due while no server ran: nobody is
 * to find what has expired meanwhile.
 *
 * @param mayAct asked before each look for what time brings
 */
export async function startReplicationLoop(
  regions: Regions,
  now: () => number,
  mayAct: () => Promise<boolean>,
  tell: Telling,
): Promise<ReplicationLoop> {
  let isPaused = false
  let isStopped = false
  const isOpen = () => !isPaused && !isStopped
  const alarm = onceInAWhile(tell.alarm, now)
  const { stations, links, follow } = createNetwork(regions, isOpen, tell, (host) =>
    createDriver({ ...host, alarm }, now),
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
  const repeatTimer = setInterval(() => {
    if (isOpen()) void repeat.run()
  }, REPEAT_MS)
  void follow()

  return {
    async settle() {
      await sweep.idle()
      await sweep.run()
      await repeat.run()
      await sweep.run()
    },
    async pause(paused) {
      isPaused = paused
      if (paused) await Promise.all(links.map((link) => link.idle()))
      else void follow()
    },
    isPaused: () => isPaused,
    async stop() {
      isStopped = true
      clearInterval(sweepTimer)
      clearInterval(repeatTimer)
      await sweep.idle()
      await repeat.idle()
      await Promise.all(links.map((link) => link.follow()))
    },
  }
}

/** The open Regions, each following all others. */
interface Network {
  readonly stations: readonly Station[]
  readonly links: readonly Link[]
  /** Returns when no Region has anything new to hear, or what it has cannot be heard now. */
  readonly follow: () => Promise<void>
}

function createNetwork(
  regions: Regions,
  isOpen: () => boolean,
  { retry }: Telling,
  driverOf: (host: OpenRegion) => Driver,
): Network {
  const stations: Station[] = []
  const links: Link[] = []
  /** A Region that others have spoken to is opened, so that it hears of it. */
  const wake = async (source: Region, said: readonly Region[]): Promise<void> => {
    for (const destination of said) if (regions.served.includes(destination)) await regions.open(destination)
    for (const link of links) {
      if (link.source !== source || !said.includes(link.destination)) continue
      link.note()
      void link.follow()
    }
  }
  const add = (host: OpenRegion): void => {
    const { region, store } = host
    const station: Station = { region, driver: driverOf(host) }
    links.push(...linksOf(station, stations, isOpen, retry))
    stations.push(station)
    store.onCommit(({ said }) => {
      if (said.length > 0) wake(region, said).catch((error: unknown) => retry(error, `${region} wakes others`))
    })
  }
  for (const host of regions) add(host)
  regions.onOpen(add)
  return {
    stations,
    links,
    async follow() {
      for (let round = 0; isOpen() && round < MAX_ROUNDS; round += 1) {
        const behind = links.filter((link) => link.isBehind())
        await Promise.all(behind.map((link) => link.follow()))
        // What has failed is left to the next sweep.
        if (behind.every((link) => link.isBehind())) return
      }
    },
  }
}

/** An alarm that is given when it is new, and again after a while. */
function onceInAWhile(alarm: Telling['alarm'], now: () => number): Telling['alarm'] {
  const given = new LRUCache<string, number>({ max: ALARMS })
  return (error, what) => {
    const last = given.get(what)
    if (last !== undefined && now() - last < ALARM_MS) return
    given.set(what, now())
    alarm(error, what)
  }
}

/** Work of which one run is under way at a time: whoever asks for another meanwhile gets that one. */
function oneAtATime(work: () => Promise<void>): { run(): Promise<void>; idle(): Promise<void> } {
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
  isOpen: () => boolean,
  onError: (error: unknown, what: string) => void,
): readonly Link[] {
  return others.flatMap((other) => [
    createLink(station, other, isOpen, onError),
    createLink(other, station, isOpen, onError),
  ])
}
