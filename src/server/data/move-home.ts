import { existsSync } from 'node:fs'
import { isCommercialRegion, type Region } from '../../domain/region.ts'
import { beginAnew, heardAtOf } from '../peers/global-copy.ts'
import { keepSeat, readSeat } from '../peers/home-seat.ts'
import { trustedPeers } from '../peers/trusted-peers.ts'
import { DataDirectoryError, holdsDeployment, lockDataDirectory, type DataDirectory } from './data-directory.ts'
import { openKeptRoot } from '../trust/open-root.ts'
import { openDeployment } from './deployment.ts'

/** What has become of the home. */
export interface MovedHome {
  readonly home: Region
  readonly epoch: number
  readonly text: string
}

/**
 * Makes the accounts of a data directory the home's own, or the copy of another home's.
 *
 * @param isAgreed whether somebody has agreed that what was not heard is lost
 * @throws DataDirectoryError where that cannot be, or was not agreed to; nothing has changed then
 */
export async function moveHome(
  data: DataDirectory,
  region: Region,
  isAgreed: boolean,
  now: number,
  openRoot = () => openKeptRoot(data),
): Promise<MovedHome> {
  if (!isCommercialRegion(region)) throw new DataDirectoryError(`"${region}" is not a commercial AWS Region.`)
  if (!holdsDeployment(data)) throw new DataDirectoryError(`${data.path} holds no data. Give --data.`)
  using _lock = await lockDataDirectory(data)
  const { store } = await openDeployment(data, await openRoot(), now)
  try {
    const seat = await readSeat(store)
    const isHere = existsSync(data.region(region))
    const isPeer = (await trustedPeers(store)).some((peer) => peer.region === region)
    if (!isHere && !isPeer) {
      throw new DataDirectoryError(
        `${region} is neither a Region of ${data.path} nor one that is trusted there. Start the server, and: keyspan ` +
          'region trust',
      )
    }
    if (isHere && seat.home === null) {
      return { home: region, epoch: seat.epoch, text: `${data.path} has the accounts already.` }
    }
    if (!isHere) {
      // First: a kill in between leaves nothing that goes on from where another copy of that home once was.
      await beginAnew(store, region)
      await keepSeat(store, { home: region, epoch: seat.epoch })
      return {
        home: region,
        epoch: seat.epoch,
        text: `The accounts of ${data.path} are a copy of those of ${region} now.`,
      }
    }
    const age = ageText(await heardAtOf(store))
    if (!isAgreed) {
      throw new DataDirectoryError(
        `The accounts of ${data.path} are a copy of those of ${seat.home}, which ${age}. What was changed there since ` +
          `is lost if this becomes the home. If ${seat.home} can be reached, start this server first, so that it hears the ` +
          'rest. To go on, add --yes.',
      )
    }
    const epoch = seat.epoch + 1
    await keepSeat(store, { home: null, epoch })
    const text =
      `${data.path} has the accounts now: the copy that ${age}. On every other server, stopped: keyspan region ` +
      `home ${region}`
    return { home: region, epoch, text }
  } finally {
    await store.close()
  }
}

function ageText(heardAt: number | null): string {
  return heardAt === null ? 'has never been as new' : `was last as new ${new Date(heardAt).toISOString()}`
}
