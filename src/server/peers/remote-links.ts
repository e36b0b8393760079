import type { Region } from '../../domain/region.ts'
import type { Lines } from '../regions/lines.ts'
import type { Station } from '../regions/link.ts'
import type { PeerClient } from './peer-client.ts'
import type { PeerClients } from './peer-clients.ts'
import { signedFromJson, signedToJson } from './wire-signed.ts'

/** How often a peer is asked that has not said that there is something. */
const POLL_MS = 5000
/** How long a peer that has failed is left alone at first, and at most. */
const FIRST_REST_MS = 500
const LONGEST_REST_MS = 10_000
/** Who has not answered for so long is not heard: a process that is stopped keeps its connections. */
const SILENT_MS = 3000

/** A Region here that follows one of another place. */
interface RemoteLink {
  readonly source: Region
  readonly destination: Region
  /** There is something new: asks at once, or right after what is under way. */
  hint(): void
  /** Why the last exchange failed, and since when they do; null where it did not. */
  failure(): { readonly since: number; readonly reason: string } | null
  /** When the last exchange ended well, in epoch milliseconds; null for never. */
  heardAt(): number | null
  stop(): Promise<void>
}

/** How a Region here follows one of another place. Times are epoch milliseconds. */
export interface LinkStatus {
  readonly by: Region
  /** When the last exchange ended well; null for never. */
  readonly heardAt: number | null
  /** Why the last one failed, and since when they do; null where it did not. */
  readonly failure: { readonly since: number; readonly reason: string } | null
}

/** All Regions here, each following all of other places that can be asked. */
export interface RemoteLinks {
  /** Begins to follow others with a Region that is here. */
  follow(station: Station, lines: Pick<Lines, 'carry'>): void
  /** Begins to follow Regions that can be asked from now on. */
  add(regions: readonly Region[]): void
  /** Follows a Region no more. */
  drop(region: Region): Promise<void>
  /** A Region of another place has something new for one that is here. */
  hint(from: Region, of: Region): void
  /** A Region of another place has asked something: it can be reached again, it seems. */
  readonly heardOf: (region: Region) => void
  statusOf(region: Region): readonly LinkStatus[]
  stop(): Promise<void>
}

export function createRemoteLinks(clients: PeerClients, onError: (error: unknown, what: string) => void): RemoteLinks {
  const stations: (readonly [Station, Pick<Lines, 'carry'>])[] = []
  let links: readonly RemoteLink[] = []
  const add = (station: Station, lines: Pick<Lines, 'carry'>, region: Region): void => {
    const isLinked = links.some(({ source, destination }) => source === region && destination === station.region)
    const client = isLinked ? undefined : clients.get(station.region, region)
    if (client !== undefined) links = [...links, createRemoteLink(station, client, lines, onError)]
  }
  return {
    follow(station, lines) {
      stations.push([station, lines])
      for (const region of clients.reached()) add(station, lines, region)
    },
    add(regions) {
      for (const [station, lines] of stations) for (const region of regions) add(station, lines, region)
    },
    async drop(region) {
      const gone = links.filter(({ source }) => source === region)
      links = links.filter((link) => !gone.includes(link))
      await Promise.all(gone.map((link) => link.stop()))
    },
    hint(from, of) {
      for (const link of links) if (link.source === from && link.destination === of) link.hint()
    },
    heardOf(region) {
      for (const link of links) if (link.source === region && link.failure() !== null) link.hint()
    },
    statusOf: (region) =>
      links
        .filter(({ source }) => source === region)
        .map((link) => ({ by: link.destination, heardAt: link.heardAt(), failure: link.failure() })),
    async stop() {
      await Promise.all(links.map((link) => link.stop()))
    },
  }
}

/**
 * Follows a Region of another place: at a hint, and every few seconds; after a failure later and later, up to ten seconds,
 * or when the peer is heard of. Each link waits for its own peer alone.
 *
 * @param onError told of the first failure of a series
 */
function createRemoteLink(
  { region: destination, driver }: Station,
  client: PeerClient,
  lines: Pick<Lines, 'carry'>,
  onError: (error: unknown, what: string) => void,
): RemoteLink {
  const { region: source } = client
  const peer = {
    region: source,
    exchange: async (pull: Parameters<Station['driver']['answer']>[0]) =>
      signedFromJson(await lines.carry(source, destination, () => client.ask('/exchange', signedToJson(pull)))),
  }
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> | null = null
  let begunAt = 0
  let isHinted = false
  let isStopped = false
  let failures = 0
  let failure: { since: number; reason: string } | null = null
  let heardAt: number | null = null

  async function exchange(): Promise<void> {
    isHinted = false
    begunAt = Date.now()
    try {
      await driver.follow(peer)
      failures = 0
      failure = null
      heardAt = Date.now()
    } catch (error) {
      if (failures === 0) onError(error, `${destination} follows ${source}`)
      failures += 1
      failure = { since: failure?.since ?? begunAt, reason: error instanceof Error ? error.message : String(error) }
    }
  }

  function restMs(): number {
    const rest = failures === 0 ? POLL_MS : Math.min(FIRST_REST_MS * 2 ** (failures - 1), LONGEST_REST_MS)
    // Jitter: peers that lost each other together do not come back together.
    return rest * (0.75 + Math.random() / 2)
  }

  function go(): void {
    if (running !== null || isStopped) return
    if (timer !== null) clearTimeout(timer)
    running = exchange().finally(() => {
      running = null
      if (isStopped) return
      if (isHinted && failures === 0) go()
      else timer = setTimeout(go, restMs())
    })
  }

  go()
  return {
    source,
    destination,
    failure() {
      if (failure !== null || running === null || Date.now() - begunAt < SILENT_MS) return failure
      return { since: begunAt, reason: 'it was asked then, and has not answered yet' }
    },
    heardAt: () => heardAt,
    hint() {
      isHinted = true
      go()
    },
    async stop() {
      isStopped = true
      if (timer !== null) clearTimeout(timer)
      await running
    },
  }
}
