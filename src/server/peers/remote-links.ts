import type { Region } from '../../domain/region.ts'
import type { Station } from '../regions/link.ts'
import type { PeerClient } from './peer-client.ts'
import { signedFromJson, signedToJson } from './wire-signed.ts'

/** How often a peer is asked that has not said that there is something. */
const POLL_MS = 5000
/** How long a peer that has failed is left alone at first, and at most. */
const FIRST_REST_MS = 500
const LONGEST_REST_MS = 30_000

/** A Region here that follows one of another place. */
export interface RemoteLink {
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

/**
 * Follows a Region of another place: at a hint, and every few seconds; after a failure later and later, up to half a
 * minute. Each link waits for its own peer alone.
 *
 * @param onError told of the first failure of a series
 */
export function createRemoteLink(
  { region: destination, driver }: Station,
  client: PeerClient,
  onError: (error: unknown, what: string) => void,
): RemoteLink {
  const { region: source } = client
  const peer = {
    region: source,
    exchange: async (pull: Parameters<Station['driver']['answer']>[0]) =>
      signedFromJson(await client.ask('/exchange', signedToJson(pull))),
  }
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> | null = null
  let isHinted = false
  let isStopped = false
  let failures = 0
  let failure: { since: number; reason: string } | null = null
  let heardAt: number | null = null

  async function exchange(): Promise<void> {
    isHinted = false
    try {
      await driver.follow(peer)
      failures = 0
      failure = null
      heardAt = Date.now()
    } catch (error) {
      if (failures === 0) onError(error, `${destination} follows ${source}`)
      failures += 1
      failure = { since: failure?.since ?? Date.now(), reason: error instanceof Error ? error.message : String(error) }
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
    failure: () => failure,
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
