import { isCommercialRegion, type Region } from '../../domain/region.ts'
import type { RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import { DataDirectoryError, lockDataDirectory, type DataDirectory } from '../data/data-directory.ts'
import { openDeployment, type Deployment } from '../data/deployment.ts'
import { keptIn, type Kept } from '../data/kept.ts'
import { nameDamage } from '../data/name-damage.ts'
import { putBackSaid, sayPutBack } from '../data/put-back.ts'
import { forgetMark } from '../data/rollback-watch.ts'
import { openKeptRoot } from '../trust/open-root.ts'
import { openRegionStore } from '../../storage/open-region-store.ts'
import { forgetPeer } from '../peers/trusted-peers.ts'
import { openRegion, type OpenRegion } from '../regions/open-region.ts'
import { forgetRegion, lossOf } from './forget-region.ts'
import { forgottenText, lossText, recoverText } from './texts.ts'
import { takenBack } from './taken-back.ts'

const GLOBAL = 'global'

/** What was done while no server ran. */
export interface DoneOffline {
  readonly text: string
  readonly region: Region
}

/**
 * Declares a Region to be gone for good, on a server that is stopped: where all Regions are in one place, it may not
 * start without the one that is lost.
 *
 * @param isAgreed whether somebody has agreed to what is lost
 * @throws DataDirectoryError where it cannot be, or was not agreed to; nothing has changed then
 */
export async function forgetOffline(
  data: DataDirectory,
  gone: Region,
  isAgreed: boolean,
  now: number,
  openRoot: () => Promise<RootKeyProvider>,
  kept = keptIn(data),
): Promise<DoneOffline> {
  const places = await placesIn(data, gone, kept)
  using _lock = await lockDataDirectory(data)
  await using opened = new AsyncDisposableStack()
  const deployment = await openDeployment(data, await openRoot(), now, kept)
  opened.defer(() => deployment.store.close())
  const hosts: OpenRegion[] = []
  for (const name of places) {
    if (name === gone || name === GLOBAL) continue
    const host = await openRegion(name, data, deployment, 'normal', () => now)
    opened.defer(() => host.close())
    hosts.push(host)
  }
  const missing = places.includes(gone) ? await whoMisses(deployment, hosts, gone) : hosts
  const loss = await lossOf(missing, gone)
  if (!isAgreed) throw new DataDirectoryError(lossText(gone, loss))
  await forgetRegion(missing, gone, now)
  await deployment.store.transaction((writes) => forgetPeer(writes, gone))
  await forgetMark(deployment.store, gone)
  return { text: forgottenText(gone, loss), region: gone }
}

/**
 * Says, on a server that is stopped, that a Region was put back: it begins another life, and asks all others what it has
 * forgotten. In files it does so at the next start, in a database at once: nobody knows who is started next.
 *
 * @param since of when its data is, in epoch milliseconds; null where nobody says
 * @param isAgreed whether somebody has agreed to what that brings back
 * @param openRoot asked where the data is in a database
 * @throws DataDirectoryError where it cannot be, or was not agreed to; nothing has changed then
 */
export async function recoverOffline(
  data: DataDirectory,
  region: Region,
  since: number | null,
  isAgreed: boolean,
  openRoot = () => openKeptRoot(data),
  kept = keptIn(data),
): Promise<DoneOffline> {
  const places = await placesIn(data, region, kept)
  if (!places.includes(region)) throw new DataDirectoryError(`${data.path} has no data of ${region}.`)
  using _lock = await lockDataDirectory(data)
  const why = putBackSaid(data, region) ?? 'as you say'
  const events = since === null ? null : await takenBack(data.audits, region, since)
  if (!isAgreed) throw new DataDirectoryError(recoverText(region, why, events))
  await sayPutBack(data, [region], why)
  const inFiles = kept.stores.engine === 'sqlite'
  if (!inFiles) await beginAnother(data, region, await openRoot(), kept)
  const when = inFiles ? 'begins anew at the next start' : 'has begun anew'
  return { text: `${region} ${when}, and asks all other Regions what it has forgotten.`, region }
}

/** A Region of which that was said begins another life when it is opened. */
async function beginAnother(data: DataDirectory, region: Region, root: RootKeyProvider, kept: Kept): Promise<void> {
  const deployment = await openDeployment(data, root, Date.now(), kept)
  try {
    await (await openRegion(region, data, deployment, 'normal', Date.now)).close()
  } finally {
    await deployment.store.close()
  }
}

/**
 * Those that know a Region as another than the one that is there: a start has made it in place of a lost one, which some
 * may have heard, and others not, or not any more.
 *
 * @throws DataDirectoryError where nobody does: it is not gone
 */
async function whoMisses(
  { root, id, stores }: Deployment,
  hosts: readonly OpenRegion[],
  gone: Region,
): Promise<readonly OpenRegion[]> {
  const name = stores.nameOf(gone)
  const opening = { root, deployment: id, now: Date.now() }
  const store = await nameDamage(name, () => openRegionStore(stores.opener(gone), gone, opening))
  const own = (await store.reads.identity())?.publicKey
  await store.close()
  const known = await Promise.all(hosts.map(async (host) => (await host.store.reads.peer(gone))?.publicKey))
  const isKnown = (key: Buffer | undefined) => own !== undefined && key?.equals(own) === true
  const missing = hosts.filter((_, place) => known[place] !== undefined && !isKnown(known[place]))
  if (missing.length > 0 || !known.some(isKnown)) return missing
  throw new DataDirectoryError(`${name} is there: ${gone} is not gone. If nobody can use it any more, move it away.`)
}

/** What there is. @throws DataDirectoryError where that is no deployment, or no Region is named */
async function placesIn(data: DataDirectory, region: Region, { stores }: Kept): Promise<readonly string[]> {
  if (!isCommercialRegion(region)) throw new DataDirectoryError(`"${region}" is not a commercial AWS Region.`)
  const places = await stores.places()
  if (places.length > 0) return places
  throw new DataDirectoryError(`${data.path} holds no data. Give --data.`)
}
