import { isCommercialRegion, type Region } from '../../domain/region.ts'
import { recordDeploymentEvent } from '../../kernel/audit.ts'
import type { GlobalStore } from '../../storage/global-store.ts'
import { heardAtOf, marksToBeginAnew } from '../peers/global-copy.ts'
import { parseClaim } from '../peers/home-claims.ts'
import { lossLines, readLoss, type HomeLoss } from '../peers/home-loss.ts'
import { putSeat, readNewer, readSeat, type HomeSeat } from '../peers/home-seat.ts'
import { trustedPeers } from '../peers/trusted-peers.ts'
import type { DatabaseConfig } from '../config/database.ts'
import { DataDirectoryError, type DataDirectory } from './data-directory.ts'
import { openKeptRoot } from '../trust/open-root.ts'
import { openDeployment } from './deployment.ts'
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
    const step = isHere
      ? await stepToTake(data.path, store, seat, region)
      : await stepToFollow(data.path, store, seat, region, isAgreed)
    if (step.next === null) return { home: region, epoch: seat.epoch, text: step.text }
    if (step.loses !== null && !isAgreed) throw new DataDirectoryError(`${step.loses} To go on, add --yes.`)
    await keep(step.next, step.marks)
    return { home: region, epoch: step.next.epoch, text: step.text }
  } finally {
    await store.close()
  }
}

/** What is to be done. */
interface Step {
  /** Null where nothing is. */
  readonly next: HomeSeat | null
  readonly marks?: ReadonlyMap<string, string>
  /** What is lost by it, in sentences; null where nothing is. */
  readonly loses: string | null
  /** What is said once it is done. */
  readonly text: string
}

/** Makes the accounts those of another. A copy goes on following its home, unless that was put back. */
async function stepToFollow(
  path: string,
  { reads }: GlobalStore,
  { home, epoch }: HomeSeat,
  region: Region,
  isAgreed: boolean,
): Promise<Step> {
  const loss = home === region ? await readLoss(reads, region) : null
  if (home === region && loss === null && !isAgreed) {
    return { next: null, loses: null, text: `The accounts of ${path} are a copy of those of ${region} already.` }
  }
  return {
    next: { home: region, epoch, givenTo: null },
    marks: marksToBeginAnew(region),
    loses: home === null ? ownLossText(path, region) : loss && putBackLossText(region, loss),
    text: `The accounts of ${path} are a copy of those of ${region} now.`,
  }
}

/** Makes the accounts here the home's. */
async function stepToTake(path: string, store: GlobalStore, seat: HomeSeat, region: Region): Promise<Step> {
  const others = `On every other server, stopped: keyspan region home ${region}`
  const to = (epoch: number, loses: string, what: string): Step => ({
    next: { home: null, epoch, givenTo: null },
    loses,
    text: `${path} has the accounts now: ${what}. ${others}`,
  })
  if (seat.home !== null) {
    const age = ageText(await heardAtOf(store))
    const loses =
      `The accounts of ${path} are a copy of those of ${seat.home}, which ${age}. What was changed there since is lost if ` +
      `this becomes the home. If ${seat.home} can be reached, start this server first, so that it hears the rest.`
    return to(seat.epoch + 1, loses, `the copy that ${age}`)
  }
  if (seat.givenTo !== null) {
    const loses =
      `The accounts of ${path} are being given to ${seat.givenTo}, which may have them already. What was changed there is ` +
      `lost if they are taken back. If ${seat.givenTo} can be reached, start both servers instead.`
    // Whoever was given them may have the next one.
    return to(seat.epoch + 2, loses, 'as they were when they were given away')
  }
  const newer = parseClaim(await readNewer(store))
  if (newer === null || newer.epoch <= seat.epoch || newer.home === region) {
    return { next: null, loses: null, text: `${path} has the accounts already.` }
  }
  const loses =
    `${newer.home} has taken over the accounts of ${path}. What was changed there is lost if they are taken back. To ` +
    `follow ${newer.home}: keyspan region home ${newer.home}.`
  return to(newer.epoch + 1, loses, `as they were before ${newer.home} took them over`)
}

function ownLossText(path: string, region: Region): string {
  return (
    `The accounts of ${path} are its own. Users, roles, policies, access keys and organizations that ${region} does not ` +
    `have are lost if they become a copy of those of ${region}, and so is what was changed here and not heard there.`
  )
}

function putBackLossText(home: Region, loss: HomeLoss): string {
  return (
    `The accounts of ${home} were put back from a backup, as was seen ${new Date(loss.at).toISOString()}. What is known ` +
    `here and has been forgotten there is lost if they are followed: ${lossLines(loss)}Do these things again there where ` +
    'they still matter.'
  )
}

function ageText(heardAt: number | null): string {
  return heardAt === null ? 'has never been as new' : `was last as new ${new Date(heardAt).toISOString()}`
}
