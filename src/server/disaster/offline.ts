import { existsSync } from 'node:fs'
import { COMMERCIAL_REGIONS, isCommercialRegion, type Region } from '../../domain/region.ts'
import type { RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import { DataDirectoryError, holdsDeployment, lockDataDirectory, type DataDirectory } from '../data/data-directory.ts'
import { openDeployment, type Deployment } from '../data/deployment.ts'
import { nameDamage } from '../data/name-damage.ts'
import { putBackSaid, sayPutBack } from '../data/put-back.ts'
import { forgetMark } from '../data/rollback-watch.ts'
import { openRegionStore } from '../../storage/open-region-store.ts'
import { forgetPeer } from '../peers/trusted-peers.ts'
import { openRegion, type OpenRegion } from '../regions/open-region.ts'
import { forgetRegion, lossOf } from './forget-region.ts'
import { forgottenText, lossText, recoverText } from './texts.ts'
import { takenBack } from './taken-back.ts'

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
): Promise<DoneOffline> {
  requireRegion(data, gone)
  using _lock = await lockDataDirectory(data)
  await using opened = new AsyncDisposableStack()
  const deployment = await openDeployment(data, await openRoot(), now)
  opened.defer(() => deployment.store.close())
  const hosts: OpenRegion[] = []
  for (const name of COMMERCIAL_REGIONS) {
    if (name === gone || !existsSync(data.region(name))) continue
    const host = await openRegion(name, data, deployment, 'normal', () => now)
    opened.defer(() => host.close())
    hosts.push(host)
  }
  if (existsSync(data.region(gone))) await requireAnother(data, deployment, hosts, gone)
  const loss = await lossOf(hosts, gone)
  if (!isAgreed) throw new DataDirectoryError(lossText(gone, loss))
  await forgetRegion(hosts, gone, now)
  await deployment.store.transaction((writes) => forgetPeer(writes, gone))
  await forgetMark(deployment.store, gone)
  return { text: forgottenText(gone, loss), region: gone }
}

/**
 * Says, on a server that is stopped, that a Region was put back: it begins another life at the next start, and asks all
 * others what it has forgotten.
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
): Promise<DoneOffline> {
  requireRegion(data, region)
  if (!existsSync(data.region(region))) throw new DataDirectoryError(`${data.path} has no data of ${region}.`)
  using _lock = await lockDataDirectory(data)
  const why = putBackSaid(data, region) ?? 'as you say'
  const events = since === null ? null : await takenBack(data.audits, region, since)
  if (!isAgreed) throw new DataDirectoryError(recoverText(region, why, events))
  await sayPutBack(data, [region], why)
  return { text: `${region} begins anew at the next start, and asks all other Regions what it has forgotten.`, region }
}

/** A database that a start has made in place of a lost one is not the Region that others know. */
async function requireAnother(
  data: DataDirectory,
  { root, id }: Deployment,
  hosts: readonly OpenRegion[],
  gone: Region,
): Promise<void> {
  const path = data.region(gone)
  const store = await nameDamage(path, () => openRegionStore(path, gone, { root, deployment: id, now: Date.now() }))
  const own = (await store.reads.identity())?.publicKey
  await store.close()
  for (const host of hosts) {
    const known = await host.store.reads.peer(gone)
    if (own === undefined || known?.publicKey.equals(own) !== true) continue
    throw new DataDirectoryError(`${path} is there: ${gone} is not gone. If nobody can use it any more, move it away.`)
  }
}

function requireRegion(data: DataDirectory, region: Region): void {
  if (!isCommercialRegion(region)) throw new DataDirectoryError(`"${region}" is not a commercial AWS Region.`)
  if (!holdsDeployment(data)) throw new DataDirectoryError(`${data.path} holds no data. Give --data.`)
}
