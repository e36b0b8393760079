import { isCommercialRegion, type Region } from '../../domain/region.ts'
import { recordDeploymentEvent } from '../../kernel/audit.ts'
import { heardAtOf, marksToBeginAnew } from '../peers/global-copy.ts'
import { lossLines, readLoss } from '../peers/home-loss.ts'
import { putSeat, readSeat, type HomeSeat } from '../peers/home-seat.ts'
import { trustedPeers } from '../peers/trusted-peers.ts'
import type { DatabaseConfig } from '../config/database.ts'
import { DataDirectoryError, type DataDirectory } from './data-directory.ts'
import { openKeptRoot } from '../trust/open-root.ts'
import { openDeployment, type Deployment } from './deployment.ts'
import { takeStores } from './find-stores.ts'
import { withOfflineJournal } from './offline-journal.ts'

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
  database: DatabaseConfig | null = null,
): Promise<MovedHome> {
  if (!isCommercialRegion(region)) throw new DataDirectoryError(`"${region}" is not a commercial AWS Region.`)
  await using stores = await takeStores(data, database)
  const deployment = await openDeployment(data, await openRoot(), now, stores)
  const { store } = deployment
  const keep = (next: HomeSeat, marks: ReadonlyMap<string, string> = new Map()) =>
    withOfflineJournal(data, deployment, (journal) =>
      journal.transaction(async (writes, note) => {
        await putSeat(writes, next)
        for (const [name, value] of marks) await writes.putMeta(name, value)
        const requestParameters = { home: region, epoch: next.epoch }
        await note(recordDeploymentEvent({ eventName: 'MoveHome', now, requestParameters }))
      }),
    )
  try {
    const seat = await readSeat(store)
    const isPeer = (await trustedPeers(store)).some((peer) => peer.region === region)
    // A Region that is trusted or followed is another server's, whatever database there may be of its name.
    const isHere = !isPeer && region !== seat.home && (await stores.stores.places()).includes(region)
    if (!isHere && !isPeer) {
      throw new DataDirectoryError(
        `${region} is neither a Region of ${data.path} nor one that is trusted there. Start the server, and: keyspan ` +
          'region trust',
      )
    }
    if (isHere && seat.home === null && seat.givenTo === null) {
      return { home: region, epoch: seat.epoch, text: `${data.path} has the accounts already.` }
    }
    if (!isHere) {
      if (!isAgreed && seat.home === region) return await stay(data, deployment, seat, region)
      await keep({ home: region, epoch: seat.epoch, givenTo: null }, marksToBeginAnew(region))
      return {
        home: region,
        epoch: seat.epoch,
        text: `The accounts of ${data.path} are a copy of those of ${region} now.`,
      }
    }
    const age = ageText(await heardAtOf(store))
    if (!isAgreed && seat.home === null) {
      throw new DataDirectoryError(
        `The accounts of ${data.path} are being given to ${seat.givenTo}, which may have them already. What was changed ` +
          `there is lost if they are taken back. If ${seat.givenTo} can be reached, start both servers instead. To go on, ` +
          'add --yes.',
      )
    }
    if (!isAgreed) {
      throw new DataDirectoryError(
        `The accounts of ${data.path} are a copy of those of ${seat.home}, which ${age}. What was changed there since ` +
          `is lost if this becomes the home. If ${seat.home} can be reached, start this server first, so that it hears the ` +
          'rest. To go on, add --yes.',
      )
    }
    // Whoever was given them may have the next one.
    const epoch = seat.epoch + (seat.givenTo === null ? 1 : 2)
    await keep({ home: null, epoch, givenTo: null })
    const what = seat.home === null ? 'as they were when they were given away' : `the copy that ${age}`
    const text = `${data.path} has the accounts now: ${what}. On every other server, stopped: keyspan region home ${region}`
    return { home: region, epoch, text }
  } finally {
    await store.close()
  }
}

/**
 * A copy goes on following its home, unless that was put back.
 *
 * @throws DataDirectoryError where it was, with what is lost by following it
 */
async function stay(
  data: DataDirectory,
  { store }: Pick<Deployment, 'store'>,
  { epoch }: HomeSeat,
  home: Region,
): Promise<MovedHome> {
  const loss = await readLoss(store.reads, home)
  if (loss === null)
    return { home, epoch, text: `The accounts of ${data.path} are a copy of those of ${home} already.` }
  throw new DataDirectoryError(
    `The accounts of ${home} were put back from a backup, as was seen ${new Date(loss.at).toISOString()}. What is known ` +
      `here and has been forgotten there is lost if they are followed: ${lossLines(loss)}Do these things again there where ` +
      'they still matter. To go on, add --yes.',
  )
}

function ageText(heardAt: number | null): string {
  return heardAt === null ? 'has never been as new' : `was last as new ${new Date(heardAt).toISOString()}`
}
