import type { Region } from '../../domain/region.ts'
import { AccountError } from '../data/accounts.ts'
import type { GlobalStore, GlobalWrites } from '../../storage/global-store.ts'

/** Where the global store says whose copy it is; nothing, or an empty text, where it is nobody's. */
const HOME = 'home'
/** How often the home was moved, and one. */
const EPOCH = 'home-epoch'
/** Who has the accounts by a newer word than this server's own, which had them, as it was heard; nothing where nobody. */
const NEWER = 'home-newer'
/** To whom the home is being given, as long as it is not known to be there; nothing, or an empty text, for nobody. */
const GIVEN = 'home-given'

/** Who has the accounts, as a server knows it. */
export interface HomeSeat {
  /** The Region that speaks for the home; null for here. */
  readonly home: Region | null
  /** It grows with each move: whoever knows the higher one is right. */
  readonly epoch: number
  /** To whom this server, which has them, is giving them: it changes nothing any more. Null for nobody. */
  readonly givenTo: Region | null
}

export async function readSeat({ reads }: Pick<GlobalStore, 'reads'>): Promise<HomeSeat> {
  const [home, givenTo] = [(await reads.meta(HOME)) ?? '', (await reads.meta(GIVEN)) ?? '']
  const epoch = Number((await reads.meta(EPOCH)) ?? '1')
  return { home: home === '' ? null : home, epoch, givenTo: givenTo === '' ? null : givenTo }
}

/** Keeps a seat. */
export async function putSeat(
  writes: Pick<GlobalWrites, 'putMeta'>,
  { home, epoch, givenTo }: HomeSeat,
): Promise<void> {
  await writes.putMeta(HOME, home ?? '')
  await writes.putMeta(EPOCH, String(epoch))
  await writes.putMeta(GIVEN, givenTo ?? '')
}

/** Keeps a newer epoch of the same home. */
export function keepEpoch(store: Pick<GlobalStore, 'transaction'>, epoch: number): Promise<void> {
  return store.transaction((writes) => writes.putMeta(EPOCH, String(epoch)))
}

/** Keeps a claim by which this server, which has the accounts, has them no more: it counts also after a start. */
export function keepNewer(store: Pick<GlobalStore, 'transaction'>, claim: string): Promise<void> {
  return store.transaction((writes) => writes.putMeta(NEWER, claim))
}

/** The claim that was kept last; it may be as old as what this server knows itself. */
export async function readNewer({ reads }: Pick<GlobalStore, 'reads'>): Promise<string | undefined> {
  return (await reads.meta(NEWER)) ?? undefined
}

/** Keeps that the accounts are given away: what is committed later changes nothing of them. */
export function markGiven(writes: Pick<GlobalWrites, 'putMeta'>, to: Region): Promise<void> {
  return writes.putMeta(GIVEN, to)
}

/** What a new global store keeps that is the copy of another. */
export function seatMarks(home: Region): readonly (readonly [string, string])[] {
  return [[HOME, home]]
}

/** @throws AccountError where the accounts are a copy of those of another place */
export async function requireOwnAccounts(store: Pick<GlobalStore, 'reads'>): Promise<void> {
  const { home } = await readSeat(store)
  if (home !== null) throw new AccountError(`The accounts here are a copy of those of ${home}. Do this there.`)
}
