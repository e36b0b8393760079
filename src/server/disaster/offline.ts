import { isCommercialRegion, type Region } from '../../domain/region.ts'
import type { RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import type { DatabaseConfig } from '../config/database.ts'
import { DataDirectoryError, type DataDirectory } from '../data/data-directory.ts'
import { openDeployment, type Deployment } from '../data/deployment.ts'
import { takeStores, type FoundStores } from '../data/find-stores.ts'
import { nameDamage } from '../data/name-damage.ts'
import { putBackSaid, sayPutBack } from '../data/put-back.ts'
import { forgetMark } from '../data/rollback-watch.ts'
import { openRegionStore } from '../../storage/open-region-store.ts'
import { forgetPeer } from '../peers/trusted-peers.ts'
import { openRegion, type OpenRegion } from '../regions/open-region.ts'
import { forgetRegion, lossOf, whyNotForgotten } from './forget-region.ts'
import { forgottenText, lossText, recoverText } from './texts.ts'
import { takenBack } from './taken-back.ts'

/** Stores that are not in the data directory, and what opens them. */
interface InDatabase {
  readonly database: DatabaseConfig
  readonly openRoot: () => Promise<RootKeyProvider>
}

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
  database: DatabaseConfig | null = null,
): Promise<DoneOffline> {
  requireRegion(gone)
  await using stores = await takeStores(data, database)
  await using opened = new AsyncDisposableStack()
  const deployment = await openDeployment(data, await openRoot(), now, stores)
  opened.defer(() => deployment.store.close())
  const hosts: OpenRegion[] = []
  const places = await stores.stores.places()
  for (const name of places.filter((place) => place !== 'global' && place !== gone)) {
    const host = await openRegion(name, data, deployment, 'normal', () => now)
    opened.defer(() => host.close())
    hosts.push(host)
  }
  const missing = places.includes(gone) ? await whoMisses(deployment, hosts, gone) : hosts
  const whyNot = await whyNotForgotten(missing, gone)
  if (whyNot !== null) throw new DataDirectoryError(whyNot)
  const loss = await lossOf(missing, gone)
  if (!isAgreed) throw new DataDirectoryError(lossText(gone, loss))
  await forgetRegion(missing, gone, now)
  await deployment.store.transaction((writes) => forgetPeer(writes, gone))
  await forgetMark(deployment.store, gone)
  return { text: forgottenText(gone, loss), region: gone }
}

/**
 * Says, on a server that is stopped, that a Region was put back: it begins another life, where it is in files at the
 * next start, and asks all others what it has forgotten.
 *
 * @param since of when its data is, in epoch milliseconds; null where nobody says
 * @param isAgreed whether somebody has agreed to what that brings back
 * @throws DataDirectoryError where it cannot be, or was not agreed to; nothing has changed then
 */
export async function recoverOffline(
  data: DataDirectory,
  region: Region,
  since: number | null,
  isAgreed: boolean,
  inDatabase: InDatabase | null = null,
): Promise<DoneOffline> {
  requireRegion(region)
  await using stores = await takeStores(data, inDatabase?.database ?? null)
  if (!(await stores.stores.places()).includes(region)) {
    throw new DataDirectoryError(`There is no data of ${region}: ${stores.stores.nameOf(region)} is not there.`)
  }
  const why = putBackSaid(data, region) ?? 'as you say'
  const events = since === null ? null : await takenBack(data.audits, region, since)
  if (!isAgreed) throw new DataDirectoryError(recoverText(region, why, events))
  await sayPutBack(data, [region], why)
  if (inDatabase !== null) await beginNow(data, region, stores, await inDatabase.openRoot())
  const begins =
    inDatabase === null ? 'begins anew at the next start, and asks' : 'has begun anew. From the next start on it asks'
  return { text: `${region} ${begins} all other Regions what it has forgotten.`, region }
}

/**
 * The next start may be that of another process, which does not know of what is said in this data directory: the Region
 * begins its other life at once.
 */
async function beginNow(
  data: DataDirectory,
  region: Region,
  stores: FoundStores,
  root: RootKeyProvider,
): Promise<void> {
  await using opened = new AsyncDisposableStack()
  const deployment = await openDeployment(data, root, Date.now(), stores)
  opened.defer(() => deployment.store.close())
  const host = await openRegion(region, data, deployment, 'normal', Date.now)
  opened.defer(() => host.close())
}

/**
 * Those that know a Region as another than the one that is there: a start has made it in place of a lost one, which some
 * may have heard, and others not, or not any more.
 *
 * @throws DataDirectoryError where nobody does: it is not gone
 */
async function whoMisses(
  { root, id, stores, node }: Deployment,
  hosts: readonly OpenRegion[],
  gone: Region,
): Promise<readonly OpenRegion[]> {
  const path = stores.nameOf(gone)
  const opening = { root, deployment: id, now: Date.now(), node }
  const store = await nameDamage(path, () => openRegionStore(stores.opener(gone), gone, opening))
  const own = (await store.reads.identity())?.publicKey
  await store.close()
  const known = await Promise.all(hosts.map(async (host) => (await host.store.reads.peer(gone))?.publicKey))
  const isKnown = (key: Buffer | undefined) => own !== undefined && key?.equals(own) === true
  const missing = hosts.filter((_, place) => known[place] !== undefined && !isKnown(known[place]))
  if (missing.length > 0 || !known.some(isKnown)) return missing
  throw new DataDirectoryError(
    `${path} is there: ${gone} is not gone. If nobody can use it any more, ${
      stores.engine === 'sqlite' ? 'move it away' : 'drop that schema'
    }.`,
  )
}

function requireRegion(region: Region): void {
  if (!isCommercialRegion(region)) throw new DataDirectoryError(`"${region}" is not a commercial AWS Region.`)
}
