import type { Region } from '../../domain/region.ts'
import { AccountError } from '../data/accounts.ts'
import type { GlobalStore } from '../../storage/global-store.ts'

/** Where the global store says whose copy it is; nothing, or an empty text, where it is nobody's. */
const HOME = 'home'
/** How often the home was moved, and one. */
const EPOCH = 'home-epoch'

/** Who has the accounts, as a server knows it. */
export interface HomeSeat {
  /** The Region that speaks for the home; null for here. */
  readonly home: Region | null
  /** It grows with each move: whoever knows the higher one is right. */
  readonly epoch: number
}

export async function readSeat({ reads }: Pick<GlobalStore, 'reads'>): Promise<HomeSeat> {
  const home = (await reads.meta(HOME)) ?? ''
  return { home: home === '' ? null : home, epoch: Number((await reads.meta(EPOCH)) ?? '1') }
}

export function keepSeat(store: Pick<GlobalStore, 'transaction'>, { home, epoch }: HomeSeat): Promise<void> {
  return store.transaction(async (writes) => {
    await writes.putMeta(HOME, home ?? '')
    await writes.putMeta(EPOCH, String(epoch))
  })
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
