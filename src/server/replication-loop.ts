import type { Region } from '../domain/region.ts'
import { createDriver, type Driver, type Peer } from '../replication/driver.ts'
import type { OpenRegion } from './open-region.ts'

/** How often what is due is looked for: deletions, rotations, and exchanges that failed. */
const SWEEP_MS = 1000
/** How often what others have not confirmed is said again. */
const REPEAT_MS = 10_000

/** Keeps the Regions of this process in step: wakes them after commits, and looks after what time brings. */
export interface ReplicationLoop {
  /** Does now what is due, and returns when no Region has anything new to hear. */
  settle(): Promise<void>
  /** Holds the movement between Regions, or lets it go on. */
  pause(paused: boolean): void
  stop(): Promise<void>
}

/** Starts the loop over Regions that know each other. */
export function startReplicationLoop(
  regions: readonly OpenRegion[],
  now: () => number,
  onError: (error: unknown, what: string) => void,
): ReplicationLoop {
  const drivers = new Map<Region, Driver>(regions.map((region) => [region.region, createDriver(region, now)]))
  const links = regions.flatMap(({ region: destination }) =>
    regions.filter(({ region }) => region !== destination).map(({ region }) => createLink(destination, region)),
  )
  let isPaused = false
  let isStopped = false

  function createLink(destination: Region, source: Region) {
    const follower = driverOf(destination)
    const peer: Peer = { region: source, exchange: (pull) => driverOf(source).answer(pull) }
    const link = { destination, source, running: null as Promise<void> | null, isBehind: true, wake }
    async function run(): Promise<void> {
      while (link.isBehind && !isPaused && !isStopped) {
        link.isBehind = false
        try {
          await follower.follow(peer)
        } catch (error) {
          link.isBehind = true
          onError(error, `${destination} follows ${source}`)
          return
        }
      }
    }
    function wake(): Promise<void> {
      link.running ??= run().finally(() => {
        link.running = null
      })
      return link.running
    }
    return link
  }

  function driverOf(region: Region): Driver {
    const driver = drivers.get(region)
    if (driver === undefined) throw new Error(`INVARIANT: ${region} is served here`)
    return driver
  }

  async function attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      onError(error, what)
    }
  }

  async function followAll(): Promise<void> {
    while (!isPaused && !isStopped) {
      const busy = links.filter((link) => link.isBehind || link.running !== null)
      if (busy.length === 0) return
      const before = busy.filter((link) => link.isBehind && link.running === null)
      await Promise.all(busy.map((link) => link.wake()))
      // What fails again is left to the next sweep.
      if (busy.every((link) => link.isBehind && before.includes(link))) return
    }
  }

  async function sweepAll(): Promise<void> {
    for (const [region, driver] of drivers) await attempt(`sweep of ${region}`, () => driver.sweep())
    await followAll()
  }

  for (const { region, store } of regions) {
    store.onCommit(({ said }) => {
      for (const link of links) {
        if (link.source !== region || !said.includes(link.destination)) continue
        link.isBehind = true
        void link.wake()
      }
    })
  }
  let sweeping: Promise<void> | null = null
  const sweep = setInterval(() => {
    sweeping ??= sweepAll().finally(() => {
      sweeping = null
    })
  }, SWEEP_MS)
  const repeat = setInterval(() => {
    if (isPaused) return
    for (const [region, driver] of drivers) void attempt(`repeat of ${region}`, () => driver.repeat())
  }, REPEAT_MS)
  void followAll()

  return {
    async settle() {
      await sweeping
      await sweepAll()
      for (const [region, driver] of drivers) await attempt(`repeat of ${region}`, () => driver.repeat())
      await sweepAll()
    },
    pause(paused) {
      isPaused = paused
      if (!paused) void followAll()
    },
    async stop() {
      isStopped = true
      clearInterval(sweep)
      clearInterval(repeat)
      await sweeping
      await Promise.all(links.map((link) => link.running))
    },
  }
}
