import { WireError } from '../../kernel/errors.ts'
import type { HomePlace } from './home-place.ts'
import { followText, putBackText } from './notice-texts.ts'

/**
 * For how long the accounts here may still decide, in milliseconds; less than 0 where they may not.
 *
 * SECURITY: accounts that another server has taken over are of an unknown age. Whatever was taken away since is still
 * here.
 */
export function decidesFor(place: Pick<HomePlace, 'home' | 'superseded'>, staleMs: number | null): number {
  const home = place.home()
  if (home !== null) return freshFor(home.heardAt(), staleMs)
  return staleMs === null || place.superseded() === null ? Infinity : -1
}

/** @param staleMs null for any age */
function freshFor(heardAt: number | null, staleMs: number | null): number {
  if (heardAt === null) return -1
  return staleMs === null ? Infinity : heardAt + staleMs - Date.now()
}

/** Why the accounts here decide nothing; null where they do. */
export function staleRefusal(place: Pick<HomePlace, 'home' | 'superseded'>, staleMs: number | null): WireError | null {
  if (decidesFor(place, staleMs) >= 0) return null
  return new WireError('ServiceUnavailable', 503, reasonOf(place))
}

function reasonOf({ home, superseded }: Pick<HomePlace, 'home' | 'superseded'>): string {
  const followed = home()
  if (followed === null) {
    const newer = superseded()?.home ?? ''
    return (
      `Accounts, IAM and Organizations are changed in ${newer} now. Those here are as they were before it took them ` +
      `over, and decide nothing any more (--accounts-stale): ${followText(newer)}`
    )
  }
  const heardAt = followed.heardAt()
  const since = heardAt === null ? 'was never as new' : `was last as new ${new Date(heardAt).toISOString()}`
  const isPutBack = followed.loss() !== null
  return (
    `The accounts and policies here are a copy of those of ${followed.region}, which ${since}: that is too long ago to ` +
    `decide by it (--accounts-stale).${isPutBack ? ` What is to be done: ${putBackText(followed.region)}` : ''}`
  )
}
