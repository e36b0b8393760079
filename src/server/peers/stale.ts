import { WireError } from '../../kernel/errors.ts'
import type { DispatcherHome } from '../../protocol/dispatch.ts'
import type { PeersConfig } from '../config/peers.ts'
import type { Home } from './home.ts'

/** The home as the dispatcher asks it: a copy that is older than the bound decides nothing. */
export function dispatcherHome(home: Home | null, { staleMs }: Pick<PeersConfig, 'staleMs'>): DispatcherHome | null {
  if (home === null) return null
  return {
    relay: home.relay,
    refuseStale() {
      const heardAt = home.heardAt()
      if (heardAt !== null && (staleMs === null || Date.now() - heardAt <= staleMs)) return null
      const since = heardAt === null ? 'never' : new Date(heardAt).toISOString()
      return new WireError(
        'ServiceUnavailable',
        503,
        `The accounts and policies here are a copy of those of ${home.region}, which was last heard ${since}: that is ` +
          'too long ago to decide by it (--accounts-stale).',
      )
    },
  }
}
