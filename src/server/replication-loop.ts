import { createDriver } from '../replication/driver.ts'
import { createLink, type Link, type Station } from './link.ts'
import type { OpenRegion } from './open-region.ts'

/** How often what is due is looked for: deletions, rotations, and exchanges that failed. */
const SWEEP_MS = 1000
/** How often what others have not confirmed is said again. */
const REPEAT_MS = 10_000
/** What one Region says to a second may move a third, and so on; a key's longest chain of answers is far shorter. */
const MAX_ROUNDS = 100

/** Keeps the Regions of this process in step: wakes them after commits, and looks after what time brings. */
export interface ReplicationLoop {
  /** Does now what is due, and returns when no Region has anything new to hear. */
  settle(): Promise<void>
  /** Holds the movement between Regions once what is under way has ended, or lets it go on. */
  pause(paused: boolean): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts the loop over Regions that know each other, once it has done what became due while no server ran: nobody is
 * to find what has expired meanwhile.
 *
 * @param mayAct asked before each look for what time brings
 */
export async function startReplicationLoop(
  regions: readonly OpenRegion[],
  now: () => number,
  mayAct: () => Promise<boolean>,
  onError: (error: unknown, what: string) => void,
): Promise<ReplicationLoop> {
  let isPaused = false
  let isStopped = false
  const isOpen = () => !isPaused && !isStopped
  const stations = regions.map((host): Station => ({ region: host.region, driver: createDriver(host, now) }))
  const links = linkAll(stations, isOpen, onError)

  const follow = async (): Promise<void> => {
    for (let round = 0; isOpen() && round < MAX_ROUNDS; round += 1) {
      const behind = links.filter((link) => link.isBehind())
      await Promise.all(behind.map((link) => link.follow()))
      // What has failed is left to the next sweep.
      if (behind.every((link) => link.isBehind())) return
    }
  }
  const each = async (what: string, work: (station: Station) => Promise<void>): Promise<void> => {
    for (const station of stations) {
      await work(station).catch((error: unknown) => onError(error, `${what} of ${station.region}`))
    }
  }
  const doWhatIsDue = async (): Promise<void> => {
    if (await mayAct()) await each('sweep', ({ driver }) => driver.sweep())
  }
  const sweep = async (): Promise<void> => {
    await doWhatIsDue()
    await follow()
  }
  const repeat = () => each('repeat', ({ driver }) => driver.repeat())

  await doWhatIsDue()
  wakeAfterCommits(regions, links)
  let sweeping: Promise<void> | null = null
  const sweepTimer = setInterval(() => {
    sweeping ??= sweep().finally(() => {
      sweeping = null
    })
  }, SWEEP_MS)
  const repeatTimer = setInterval(() => {
    if (isOpen()) void repeat()
  }, REPEAT_MS)
  void follow()

  return {
    async settle() {
      await sweeping
      await sweep()
      await repeat()
      await sweep()
    },
    async pause(paused) {
      isPaused = paused
      if (paused) await Promise.all(links.map((link) => link.idle()))
      else void follow()
    },
    async stop() {
      isStopped = true
      clearInterval(sweepTimer)
      clearInterval(repeatTimer)
      await sweeping
      await Promise.all(links.map((link) => link.follow()))
    },
  }
}

function linkAll(
  stations: readonly Station[],
  isOpen: () => boolean,
  onError: (error: unknown, what: string) => void,
): readonly Link[] {
  return stations.flatMap((destination) =>
    stations
      .filter((source) => source !== destination)
      .map((source) => createLink(source, destination, isOpen, onError)),
  )
}

function wakeAfterCommits(regions: readonly OpenRegion[], links: readonly Link[]): void {
  for (const { region, store } of regions) {
    store.onCommit(({ said }) => {
      for (const link of links) {
        if (link.source !== region || !said.includes(link.destination)) continue
        link.note()
        void link.follow()
      }
    })
  }
}
