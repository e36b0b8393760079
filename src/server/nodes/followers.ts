import type { News } from './news.ts'

/** Somebody who has a lease, or had one. */
export interface Follower {
  readonly id: string
  /** The name of its audit logs. */
  readonly node: string
  /** When its lease is over, by the monotonic clock. */
  until: number
  /** What it has not said yet to have heard: it is sent again until it does. */
  queue: { readonly seq: number; readonly news: News }[]
  /** Wakes who waits for news. */
  wake: () => void
  /** Those who wait until it has heard something. */
  waiting: { readonly seq: number; readonly resolve: () => void }[]
  timer: NodeJS.Timeout | null
}

/** Those who are told of changes. */
export interface Followers {
  readonly find: (id: string) => Follower | undefined
  /** How many have a lease now. */
  readonly count: () => number
  readonly findNamed: (node: string) => Follower | undefined
  readonly add: (who: Pick<Follower, 'id' | 'node' | 'until'>) => void
  /** Tells nothing more to somebody. */
  readonly drop: (follower: Follower) => void
  readonly dropAll: () => void
  /** Tells news; resolves when each has heard them, or its lease is over: it is told nothing more then. */
  readonly tell: (seq: number, news: News) => Promise<void>
  /** Notes how far somebody has heard. */
  readonly heard: (follower: Follower, seq: number) => void
  /** Waits until there are news for somebody, or for so many milliseconds. Says whether it may hear them. */
  readonly rest: (follower: Follower, milliseconds: number) => Promise<boolean>
}

/** More news than somebody can have missed and go on. */
const MOST_NEWS = 10_000

/** @param onLost told of each for which somebody has waited until its lease was over */
export function createFollowers(onLost: () => void = () => {}): Followers {
  const followers = new Map<string, Follower>()

  function drop(follower: Follower): void {
    if (followers.get(follower.id) !== follower) return
    followers.delete(follower.id)
    if (follower.timer !== null) clearTimeout(follower.timer)
    for (const { resolve } of follower.waiting) resolve()
    follower.wake()
  }
  /** Goes on without somebody when its lease is over, if anybody still waits for it then. */
  function watch(follower: Follower): void {
    const look = (): void => {
      follower.timer = null
      if (follower.waiting.length === 0) return
      if (performance.now() < follower.until) return watch(follower)
      onLost()
      drop(follower)
    }
    follower.timer ??= setTimeout(look, Math.max(1, follower.until - performance.now()))
  }
  async function tellOne(follower: Follower, seq: number, news: News): Promise<void> {
    if (performance.now() >= follower.until) return drop(follower)
    if (follower.queue.length < MOST_NEWS) follower.queue.push({ seq, news })
    else follower.queue = [{ seq, news: { place: 'all' } }]
    const { promise, resolve } = Promise.withResolvers<void>()
    follower.waiting.push({ seq, resolve })
    watch(follower)
    follower.wake()
    await promise
  }

  return {
    count: () => [...followers.values()].filter(({ until }) => performance.now() < until).length,
    find: (id) => followers.get(id),
    findNamed: (node) => [...followers.values()].find((each) => each.node === node),
    add(who) {
      followers.set(who.id, { ...who, queue: [], wake: () => {}, waiting: [], timer: null })
    },
    drop,
    dropAll() {
      for (const follower of followers.values()) drop(follower)
    },
    async tell(seq, news) {
      await Promise.all([...followers.values()].map((follower) => tellOne(follower, seq, news)))
    },
    heard(follower, seq) {
      follower.queue = follower.queue.filter((each) => each.seq > seq)
      for (const each of follower.waiting) if (each.seq <= seq) each.resolve()
      follower.waiting = follower.waiting.filter((each) => each.seq > seq)
    },
    async rest(follower, milliseconds) {
      if (follower.queue.length === 0) await untilWoken(follower, milliseconds)
      return followers.get(follower.id) === follower
    },
  }
}

function untilWoken(follower: Follower, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(wake, milliseconds)
    follower.wake = wake
  })
}
