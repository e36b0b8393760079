import type { RefusedCall } from './refused-call.ts'

/** How many of one account wait at most: no more are kept of it when they have been explained. */
export const MOST_PENDING = 1000

/** Refusals that are not explained yet. An account's oldest make room for its new ones, and for nobody else's. */
export interface PendingRefusals {
  add(refused: RefusedCall): void
  find(requestId: string): RefusedCall | null
  /** Those of which some wait. */
  accounts(): readonly string[]
  /** The oldest of an account, up to `limit`; they stay until `remove`. */
  next(account: string, limit: number): readonly RefusedCall[]
  remove(refused: readonly RefusedCall[]): void
}

export function createPendingRefusals(): PendingRefusals {
  const accounts = new Map<string, Map<string, RefusedCall>>()
  return {
    add(refused) {
      const { caller, requestId } = refused.call
      const waiting = accounts.get(caller.account) ?? new Map<string, RefusedCall>()
      accounts.set(caller.account, waiting)
      // The last one of a request is the one that its caller was told of.
      waiting.delete(requestId)
      waiting.set(requestId, refused)
      const [oldest] = waiting.keys()
      if (waiting.size > MOST_PENDING && oldest !== undefined) waiting.delete(oldest)
    },
    find(requestId) {
      for (const waiting of accounts.values()) {
        const refused = waiting.get(requestId)
        if (refused !== undefined) return refused
      }
      return null
    },
    accounts: () => [...accounts.keys()],
    next: (account, limit) => accounts.get(account)?.values().take(limit).toArray() ?? [],
    remove(refusals) {
      for (const refused of refusals) {
        const { requestId, caller } = refused.call
        const waiting = accounts.get(caller.account)
        // Another may have taken its place meanwhile.
        if (waiting?.get(requestId) === refused) waiting.delete(requestId)
        if (waiting?.size === 0) accounts.delete(caller.account)
      }
    },
  }
}
