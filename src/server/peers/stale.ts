import { WireError } from '../../kernel/errors.ts'
import type { DispatcherHome } from '../../protocol/dispatch.ts'
import type { PeersConfig } from '../config/peers.ts'
import { putBackText } from './notice-texts.ts'
import type { Home } from './home.ts'

/** Whether a copy is older than it may be to decide by. @param staleMs null for any age */
export function isTooOld(heardAt: number | null, staleMs: number | null): boolean {
  return heardAt === null || (staleMs !== null && Date.now() - heardAt > staleMs)
}

/** The home as the dispatcher asks it: a copy that is older than the bound decides nothing. */
export function dispatcherHome(home: Home | null, { staleMs }: Pick<PeersConfig, 'staleMs'>): DispatcherHome | null {
  if (home === null) return null
  return {
    relay: home.relay,
    refuseStale() {
      const heardAt = home.heardAt()
      if (!isTooOld(heardAt, staleMs)) return null
      const since = heardAt === null ? 'was never as new' : `was last as new ${new Date(heardAt).toISOString()}`
      const isPutBack = home.loss() !== null
      return new WireError(
        'ServiceUnavailable',
        503,
        `The accounts and policies here are a copy of those of ${home.region}, which ${since}: that is too long ago to ` +
          `decide by it (--accounts-stale).${isPutBack ? ` What is to be done: ${putBackText(home.region)}` : ''}`,
      )
    },
  }
}
