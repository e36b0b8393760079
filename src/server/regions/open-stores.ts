import { COMMERCIAL_REGIONS, homeRegion } from '../../domain/region.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import type { DataDirectory } from '../data/data-directory.ts'
import type { Deployment } from '../data/deployment.ts'
import type { Peers, PeersParts } from '../peers/peers.ts'
import { readSeat } from '../peers/home-seat.ts'
import { requirePlaces } from '../peers/require-places.ts'
import { introduce } from './acquaint.ts'
import { openGlobal, type OpenGlobal } from './open-global.ts'
import { openRegion } from './open-region.ts'
import { createRegions, type Regions } from './regions.ts'

type StoresConfig = Pick<Config, 'regions' | 'audit' | 'peers'>

interface StoresPlace {
  readonly data: DataDirectory
  readonly deployment: Deployment
  readonly clock: Clock
  readonly onRetry: PeersParts['onError']
}

/** Where everything is kept. */
interface Stores {
  readonly regions: Regions
  readonly global: OpenGlobal
  /** Null where all Regions are here. */
  readonly peers: Peers | null
}

/**
 * Opens the Regions that are there, what belongs to none, and the way to those of other places.
 *
 * @param opened closes them
 */
export async function openStores(
  config: StoresConfig,
  place: StoresPlace,
  opened: AsyncDisposableStack,
): Promise<Stores> {
  const { data, deployment, clock } = place
  await requirePlaces(deployment.store, config.regions, config.peers.urls)
  const served = config.regions ?? COMMERCIAL_REGIONS
  let peers: Peers | null = null
  const regions = createRegions(
    served,
    (name) => openRegion(name, data, deployment, config.audit, clock.now),
    () => peers?.remote.regions ?? [],
  )
  opened.defer(() => regions.close())
  regions.onOpen(introduce)
  // One is always there, as a witness of what the global store has done.
  await regions.open(homeRegion(served))
  for (const name of await deployment.stores.places()) if (served.includes(name)) await regions.open(name)
  await openAddressees(regions)
  const global = await openGlobal(data, deployment, config.audit, clock.now, () => peers?.place.now() ?? null)
  opened.defer(() => global.audit.close())
  peers = await openPeersOf(config, regions, place, global)
  opened.defer(() => peers?.stop())
  const home = peers?.place.home() ?? null
  const everywhere = [...(config.regions ?? []), ...config.peers.urls.keys()]
  if (home === null && everywhere.length > 0) await deployment.accounts.enableRegions(everywhere)
  return { regions, global, peers }
}

/** Where all Regions are here, nothing of peers is loaded. */
async function openPeersOf(
  { peers: { urls, listen, staleMs } }: StoresConfig,
  regions: Regions,
  { deployment, onRetry, clock }: StoresPlace,
  { ownJournal: journal }: OpenGlobal,
): Promise<Peers | null> {
  const isAlone = urls.size === 0 && listen === null && (await readSeat(deployment.store)).home === null
  if (isAlone) return null
  // Others may have spoken to any of them.
  for (const name of regions.served) await regions.open(name)
  const { openPeers } = await import('../peers/peers.ts')
  return openPeers({ urls, staleMs, deployment, regions, journal, now: clock.now, onError: onRetry })
}

/** Opens those that others have spoken to: a kill may have come before they were opened. */
async function openAddressees(regions: Regions): Promise<void> {
  for (const { store } of regions) {
    for (const region of await store.reads.addressees()) {
      if (regions.served.includes(region)) await regions.open(region)
    }
  }
}
