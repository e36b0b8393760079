import type { Region } from '../../domain/region.ts'
import type { Driver } from '../../replication/driver.ts'
import type { Peer } from '../../replication/driver-host.ts'
import { LineCutError, type Lines } from './lines.ts'

/** One Region of this process following another. */
export interface Link {
  readonly source: Region
  readonly destination: Region
  /** There may be something that the destination has not heard. */
  isBehind(): boolean
  /** Notes that the source has said something. */
  note(): void
  /**
   * Follows until nothing is new; returns earlier where what is new comes late. One exchange runs at a time; what fails
   * is told and left to the next call.
   */
  follow(): Promise<void>
  /** Resolves when no exchange is under way. */
  idle(): Promise<void>
}

/** A Region of this process and what moves its keys. */
export interface Station {
  readonly region: Region
  readonly driver: Driver
}

/** Links two Regions by the line from one to the other; whether that is open is asked before each exchange. */
export function createLink(
  source: Station,
  destination: Station,
  lines: Lines,
  onError: (error: unknown, what: string) => void,
): Link {
  const ends = [source.region, destination.region] as const
  const peer: Peer = {
    region: source.region,
    async exchange(pull) {
      if (lines.isSlow(...ends)) late.resolve()
      const reply = await lines.carry(...ends, () => source.driver.answer(pull))
      late = Promise.withResolvers()
      return reply
    },
  }
  // After a start nobody knows what the last run has left unheard.
  let isBehind = true
  let isKnownToSpeak = false
  let running: Promise<void> | null = null
  /** Resolved while those who wait for the run under way would wait for what is late. */
  let late = Promise.withResolvers<void>()

  async function run(): Promise<void> {
    while (isBehind && lines.isHeard(...ends)) {
      isBehind = false
      try {
        // An exchange costs signatures, and most Regions have never said anything to each other.
        isKnownToSpeak ||=
          (await source.driver.hasSpokenTo(destination.region)) || (await destination.driver.isLostTo(source.region))
        if (isKnownToSpeak) await destination.driver.follow(peer)
      } catch (error) {
        isBehind = true
        if (!(error instanceof LineCutError)) onError(error, `${destination.region} follows ${source.region}`)
        return
      }
    }
  }

  return {
    source: source.region,
    destination: destination.region,
    isBehind: () => isBehind || running !== null,
    note() {
      isBehind = true
    },
    idle: async () => running ?? undefined,
    follow() {
      if (running === null) {
        late = Promise.withResolvers()
        running = run().finally(() => {
          running = null
        })
      }
      return Promise.race([running, late.promise])
    },
  }
}
