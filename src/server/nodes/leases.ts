import { createFollowers } from './followers.ts'
import type { NodeCounts } from '../metrics/node-metrics.ts'
import type { News } from './news.ts'

/** For how long a follower may answer by what it has read. */
export interface Lease {
  /** In milliseconds, from before it asked. */
  readonly ms: number
  /** The last news that it has heard with this answer. */
  readonly upTo: number
  readonly news: readonly News[]
}

/** Who may not follow now, and why. */
export interface Refused {
  readonly refused: string
}

/**
 * The leases of those who read beside the one that changes things.
 *
 * INVARIANT: nobody who has a lease has not heard of a change that was answered. Whoever does not say in time that it has
 * heard one has no lease any more, and begins anew with nothing that it has read.
 */
export interface Leases {
  /** Lets one begin that has read nothing yet. */
  begin(id: string, node: string): Lease | Refused
  /**
   * Goes on with a lease, and waits a moment for news; null where it is over.
   *
   * @param heard the last news that it has heard and acts by
   */
  renew(id: string, heard: number): Promise<Lease | null>
  /** Tells everybody; resolves when nobody answers by what was before. */
  readonly tell: (news: News) => Promise<void>
  /** Works while nobody has a lease. */
  readonly alone: <Result>(work: () => Promise<Result>) => Promise<Result>
  /** How many have one. */
  readonly count: () => number
  /** Gives nobody a lease any more; resolves when nobody has one. */
  close(): Promise<void>
}

/** What leases are given by. */
export interface LeaseTerms {
  /** For how long at most, in milliseconds. */
  readonly ms: number
  /** For how long who renews one waits for news, in milliseconds. */
  readonly patience: number
  /** For how long this process can promise anything now, in milliseconds. */
  readonly most: () => number
  /** The name of its own audit logs. */
  readonly node: string
  /** Told how long those who have a lease took to hear of a change, and of each for which it has waited in vain. */
  readonly counts?: Pick<NodeCounts, 'heard' | 'lost'> | undefined
}

export function createLeases({ ms, patience, most, node: own, counts }: LeaseTerms): Leases {
  const followers = createFollowers(counts?.lost)
  let seq = 0
  /** How many work alone. */
  let alone = 0

  const length = () => (alone > 0 ? 0 : Math.max(0, Math.min(ms, most())))
  async function tell(news: News): Promise<void> {
    seq += 1
    const begun = performance.now()
    const isAlone = followers.count() === 0
    await followers.tell(seq, news)
    if (!isAlone) counts?.heard(performance.now() - begun)
  }
  async function endAll(): Promise<void> {
    alone += 1
    await tell({ place: 'all' })
    followers.dropAll()
  }

  return {
    begin(id, node) {
      const namesake = followers.findNamed(node)
      const isTaken = namesake !== undefined && namesake.id !== id && performance.now() < namesake.until
      if (node === own || isTaken) {
        return { refused: `another process has logs of the name ${node}: its data directory was copied` }
      }
      for (const former of [namesake, followers.find(id)]) if (former !== undefined) followers.drop(former)
      const granted = length()
      if (granted === 0) return { refused: 'it lets nobody read beside it now' }
      followers.add({ id, node, until: performance.now() + granted })
      return { ms: granted, upTo: seq, news: [] }
    },
    async renew(id, heard) {
      const follower = followers.find(id)
      if (follower === undefined) return null
      followers.heard(follower, heard)
      // One whose lease was over is here still: there were no news since.
      const granted = length()
      follower.until = Math.max(follower.until, performance.now() + granted)
      if (!(await followers.rest(follower, patience))) return null
      return { ms: granted, upTo: seq, news: follower.queue.map(({ news }) => news) }
    },
    tell,
    count: followers.count,
    async alone(work) {
      try {
        await endAll()
        return await work()
      } finally {
        alone -= 1
      }
    },
    close: endAll,
  }
}
