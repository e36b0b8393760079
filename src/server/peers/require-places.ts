import type { Region } from '../../domain/region.ts'
import type { GlobalStore } from '../../storage/global-store.ts'
import { ConfigError } from '../config/config-error.ts'
import { readSeat } from './home-seat.ts'
import { trustedPeers } from './trusted-peers.ts'

/**
 * Requires that a server serves no Region that another one has, and can find the home of its accounts. Asked before any
 * Region is opened: a Region that is begun by mistake would be a second one of its name.
 *
 * @param served null for every one
 * @throws ConfigError
 */
export async function requirePlaces(
  store: Pick<GlobalStore, 'reads'>,
  served: readonly Region[] | null,
  urls: ReadonlyMap<Region, URL>,
): Promise<void> {
  const { home } = await readSeat(store)
  if (home === null && urls.size === 0) return
  if (served === null) {
    throw new ConfigError(
      'This data directory is a part of a deployment whose other Regions are elsewhere. Name its own: --regions',
    )
  }
  const theirs = (await trustedPeers(store)).find(({ region }) => served.includes(region))
  if (theirs !== undefined) {
    throw new ConfigError(
      `${theirs.region} is served by another server, which is trusted here. A Region can be in one place: leave it out of ` +
        '--regions.',
    )
  }
  if (home === null || urls.has(home)) return
  throw new ConfigError(
    `The accounts of this data directory are a copy of those of ${home}. Say where it is: --peer ${home}=https://ADDRESS:PORT`,
  )
}
