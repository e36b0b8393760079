import { setTimeout as sleep } from 'node:timers/promises'
import pLimit, { type LimitFunction } from 'p-limit'
import type { Region } from '../../domain/region.ts'
import { recordDeploymentEvent } from '../../kernel/audit.ts'
import type { GlobalHome } from '../../kernel/global-host.ts'
import type { Journal } from '../../kernel/journal.ts'
import type { GlobalWrites } from '../../storage/global-store.ts'
import { CommandError } from '../command-error.ts'
import { ConfigError } from '../config/config-error.ts'
import type { Deployment } from '../data/deployment.ts'
import type { Regions } from '../regions/regions.ts'
import { marksToBeginAnew, marksToGoOn, openGlobalCopy } from './global-copy.ts'
import { claimText, createHomeClaims, type HomeClaim, type HomeClaims } from './home-claims.ts'
import { keepEpoch, keepNewer, markGiven, putSeat, readNewer, readSeat, type HomeSeat } from './home-seat.ts'
import { beginSpan } from './home-spans.ts'
import { createHome, otherHome, type Home } from './home.ts'
import type { PeerClients } from './peer-clients.ts'
import { PeerError } from './peer-error.ts'
import { followText, forgottenText } from './notice-texts.ts'
import type { TrustedRegions } from './trusted-regions.ts'

/** How long somebody who gives the accounts away waits until they are there, in milliseconds. */
const PATIENCE_MS = 20_000
/** How often whoever was given the accounts is asked whether they are there, in milliseconds. */
const ASK_MS = 500

/** Where accounts, IAM and Organizations are changed. It can move while servers run. */
export interface HomePlace {
  /** The home that is followed; null for here. */
  readonly home: () => Home | null
  /** Where changes are made now; null for here. */
  readonly now: () => GlobalHome | null
  readonly seat: () => HomeSeat
  readonly claims: HomeClaims
  /** Who has taken over the accounts that were here, without being given them; null for nobody. */
  readonly superseded: () => HomeClaim | null
  /** Copies that know what the home, which is here and was put back, has forgotten. */
  readonly putBack: PutBackCopies
  readonly clients: PeerClients
  /**
   * Gives the accounts to the server of another Region. Nothing is changed here from then on; whoever is given them
   * first takes all that was changed.
   *
   * INVARIANT: authority is given up here, durably, before anybody else takes it.
   *
   * @throws CommandError where that cannot be, or is not known to have happened yet: it is gone on with then
   */
  give(to: Region): Promise<void>
  /**
   * Takes the accounts from the home that is followed, which has given them; the same may be said again.
   *
   * @param isTrial only says whether it could be done
   * @returns why not; null where it is done
   */
  take(from: Region, epoch: number, isTrial: boolean): Promise<string | null>
  stop(): void
}

/** What it is opened with. */
export interface HomePlaceParts {
  readonly deployment: Pick<Deployment, 'store' | 'secrets'>
  readonly regions: Regions
  /** The Region that speaks for this server. */
  readonly speaker: Region
  /** Makes what others are asked by. */
  readonly connect: (claims: HomeClaims) => PeerClients
  readonly trusted: TrustedRegions['trusted']
  readonly journal: Journal<GlobalWrites>
  readonly now: () => number
  readonly onError: (error: unknown, what: string) => void
}

/** What is known while the server runs. */
interface Stage extends HomePlaceParts {
  readonly claims: HomeClaims
  readonly clients: PeerClients
  /** One move at a time. */
  readonly inTurn: LimitFunction
  readonly stopped: AbortSignal
  seat: HomeSeat
  home: Home | null
}

/** @throws ConfigError where the home cannot be found */
export async function openHomePlace(parts: HomePlaceParts): Promise<HomePlace> {
  const stopped = new AbortController()
  const stage = await beginStage(parts, stopped.signal)
  const { claims, clients, inTurn } = stage
  if (stage.seat.givenTo !== null) void goOnGiving(stage)
  return {
    home: () => stage.home,
    seat: () => stage.seat,
    claims,
    superseded: () => supersededIn(stage),
    putBack: createPutBackCopies((region) =>
      parts.onError(new PeerError(forgottenText([region])), 'the home of accounts'),
    ),
    clients,
    now() {
      const { home, seat } = stage
      if (home !== null) return home
      if (seat.givenTo !== null) return otherHome(seat.givenTo, 'in a moment, which is taking them over. Try again.')
      const claim = claims.superseding()
      return claim === null ? null : otherHome(claim.home, 'now, which took them over. Do this there.')
    },
    async give(to) {
      await inTurn(() => beginGiving(stage, to))
      await Promise.race([goOnGiving(stage), sleep(PATIENCE_MS, null, { ref: false })])
      if (stage.seat.home === to) return
      throw new CommandError(
        `${to} has not taken the accounts yet, and nothing of them is changed until it has: this server goes on asking ` +
          'it, also after a start. keyspan region status says how it goes.',
      )
    },
    take: (from, epoch, isTrial) => inTurn(() => take(stage, from, epoch, isTrial)),
    stop() {
      stopped.abort()
      stage.home?.stop()
    },
  }
}

/** Copies to which the home that is here is not the one that they have heard. */
export interface PutBackCopies {
  readonly all: () => readonly Region[]
  hear(copy: Region): void
  /** It follows. */
  agree(copy: Region): void
}

/** @param onNew called for each that is not known yet */
function createPutBackCopies(onNew: (copy: Region) => void): PutBackCopies {
  const copies = new Set<Region>()
  return {
    all: () => [...copies],
    hear(copy) {
      if (!copies.has(copy)) onNew(copy)
      copies.add(copy)
    },
    agree: (copy) => void copies.delete(copy),
  }
}

async function beginStage(parts: HomePlaceParts, stopped: AbortSignal): Promise<Stage> {
  const { speaker, onError } = parts
  const { store } = parts.deployment
  const claims = createHomeClaims(
    () => stage.seat,
    speaker,
    (epoch) => {
      stage.seat = { ...stage.seat, epoch }
      keepEpoch(store, epoch).catch((error: unknown) => onError(error, 'keep the epoch'))
    },
    (claim) => void lookAround(stage, claim),
  )
  const [seat, clients] = [await readSeat(store), parts.connect(claims)]
  const stage: Stage = { ...parts, claims, clients, inTurn: pLimit(1), stopped, seat, home: null }
  if (seat.home !== null) stage.home = await follow(stage, seat.home)
  else {
    await beginSpan(store)
    claims.hear(await readNewer(store))
  }
  return stage
}

/** Who is given the accounts has them in a moment by that. */
function supersededIn({ home, seat, claims }: Stage): HomeClaim | null {
  const claim = claims.superseding()
  return home === null && claim?.home !== seat.givenTo ? claim : null
}

/** Somebody says that another server has the accounts: it may have been given them, from here or by the home. */
async function lookAround(stage: Stage, claim: HomeClaim): Promise<void> {
  const { seat, home, claims, onError, deployment } = stage
  const { home: named, epoch } = claim
  if (named === seat.givenTo && epoch === seat.epoch + 1) return void (await handOver(stage))
  await home?.lookAgain()
  await stage.inTurn(() => {})
  if (claims.superseding() === null) return
  if (home === null) {
    await keepNewer(deployment.store, claimText(claim)).catch((error: unknown) =>
      onError(error, 'keep who has the accounts'),
    )
  }
  onError(new PeerError(`${named} has the accounts now: ${followText(named)}`), 'look for the home')
}

/** @throws ConfigError where the home is not trusted or has no address */
async function follow(stage: Stage, region: Region): Promise<Home> {
  const { deployment, regions, speaker, clients, trusted, onError } = stage
  const vault = regions.get(speaker)?.vault
  const client = clients.get(speaker, region)
  const keyOf = () => trusted().find((each) => each.region === region)?.publicKey
  if (client === undefined || vault === undefined) {
    throw new ConfigError(
      `${region} has the accounts of this data directory, and is not trusted or has no address: keyspan region ` +
        `trust, and --peer ${region}=https://HOST:PORT.`,
    )
  }
  const copy = await openGlobalCopy({ ...deployment, home: client, keyOf, region: speaker, vault })
  return createHome(client, copy, onError, (claim) => void stage.inTurn(() => followMoved(stage, region, claim)))
}

/** Follows a home from now on. */
async function become(stage: Stage, region: Region, epoch: number, marks: ReadonlyMap<string, string>): Promise<void> {
  const next: HomeSeat = { home: region, epoch, givenTo: null }
  await keep(stage, next, region, marks)
  const followed = await follow(stage, region)
  stage.home?.stop()
  stage.seat = next
  stage.home = followed
}

/** Keeps a seat, and its record with it. @param by whose server has brought it about */
function keep(
  { journal, now, speaker }: Stage,
  seat: HomeSeat,
  by: Region,
  marks: ReadonlyMap<string, string> = new Map(),
): Promise<void> {
  const requestParameters = { home: seat.home ?? speaker, epoch: seat.epoch }
  return journal.transaction(async (writes, note) => {
    await putSeat(writes, seat)
    for (const [name, value] of marks) await writes.putMeta(name, value)
    await note(recordDeploymentEvent({ eventName: 'MoveHome', now: now(), by, requestParameters }))
  })
}

/** SECURITY: only the home that is followed says to whom it has given the accounts. */
async function followMoved(stage: Stage, from: Region, { home, epoch }: HomeClaim): Promise<void> {
  const { seat, speaker, clients, onError } = stage
  if (seat.home !== from || epoch <= seat.epoch || home === speaker) return
  try {
    if (clients.get(speaker, home) === undefined) throw new PeerError(strangerText(home))
    await become(stage, home, epoch, marksToBeginAnew(home))
  } catch (error) {
    onError(error, `follow ${home}, which was given the accounts`)
  }
}

/** @throws CommandError where the accounts cannot be given */
async function beginGiving(stage: Stage, to: Region): Promise<void> {
  const { regions, seat, claims, journal, now } = stage
  if (regions.served.includes(to)) throw new CommandError(ownText(to, seat))
  if (seat.home !== null) throw new CommandError(theirsText(seat.home))
  const newer = claims.superseding()
  if (newer !== null) throw new CommandError(`${newer.home} has the accounts now: ${followText(newer.home)}`)
  if (seat.givenTo === to) return
  if (seat.givenTo !== null) throw new CommandError(`The accounts are being given to ${seat.givenTo} already.`)
  try {
    await askToTake(stage, to, true)
  } catch (error) {
    if (!(error instanceof PeerError)) throw error
    throw new CommandError(`The accounts cannot be given to ${to}, and nothing has changed. ${error.message}`)
  }
  await journal.transaction(async (writes, note) => {
    await markGiven(writes, to)
    const requestParameters = { home: to, epoch: seat.epoch + 1 }
    await note(recordDeploymentEvent({ eventName: 'MoveHome', now: now(), requestParameters }))
    // Whoever has waited for this transaction changes nothing any more.
    stage.seat = { ...stage.seat, givenTo: to }
  })
}

async function askToTake({ clients, speaker, seat }: Stage, to: Region, isTrial: boolean): Promise<void> {
  const client = clients.get(speaker, to)
  if (client === undefined) throw new PeerError(strangerText(to))
  await client.ask('/home', { epoch: seat.epoch + 1, isTrial })
}

/** Asks whoever was given the accounts to take them. Says whether they are there. */
function handOver(stage: Stage): Promise<boolean> {
  return stage.inTurn(async () => {
    const { givenTo, epoch } = stage.seat
    if (givenTo === null) return true
    try {
      await askToTake(stage, givenTo, false)
      await become(stage, givenTo, epoch + 1, marksToGoOn(givenTo))
      return true
    } catch (error) {
      stage.onError(error, `give the accounts to ${givenTo}`)
      return false
    }
  })
}

async function goOnGiving(stage: Stage): Promise<void> {
  while (!stage.stopped.aborted && !(await handOver(stage))) {
    await sleep(ASK_MS, null, { signal: stage.stopped }).catch(() => {})
  }
}

/** Takes the accounts once all that was changed of them is here. Says why it does not; null where it does, or did. */
async function take(stage: Stage, from: Region, epoch: number, isTrial: boolean): Promise<string | null> {
  const { seat, home } = stage
  if (seat.home === null || home === null) {
    return seat.epoch === epoch && seat.givenTo === null ? null : 'it has accounts of its own'
  }
  if (seat.home !== from) return `it has a copy of the accounts of ${seat.home}`
  if (epoch !== seat.epoch + 1) return `it knows of move ${seat.epoch} of the accounts, and is given move ${epoch}`
  await home.catchUp()
  if (isTrial) return null
  const next: HomeSeat = { home: null, epoch, givenTo: null }
  await keep(stage, next, from)
  await beginSpan(stage.deployment.store)
  home.stop()
  stage.seat = next
  stage.home = null
  return null
}

function strangerText(region: Region): string {
  return `${region} is not trusted here, or has no address: keyspan region trust, and --peer ${region}=https://HOST:PORT.`
}

function ownText(own: Region, { home }: HomeSeat): string {
  return home === null
    ? `This server has the accounts already. To give them away, name another Region than ${own}.`
    : theirsText(home)
}

function theirsText(home: Region): string {
  return `The accounts are those of ${home}: say this on its server. If that is lost, stop this one, and say it again.`
}
