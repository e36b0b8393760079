import { DAY_MS } from '../domain/limits.ts'
import type { GlobalStore } from '../storage/global-store.ts'
import type { RegionStore } from '../storage/store.ts'

/** How far the machine's clock may have moved since it was last seen before that is taken for a mistake. */
const LEAP_MS = DAY_MS
/** How often the time that was seen is kept, at most. */
const SAVE_MS = 10 * 60 * 1000
/** How often a leap is told again. */
const TELL_MS = 60 * 60 * 1000
/** Where the global store keeps the last time that was seen, in epoch milliseconds of the machine's clock. */
const SEEN = 'clock-seen'

/**
 * Watches the machine's clock: one that is wrong once must not destroy keys.
 *
 * After a leap of more than a day nothing that time brings is done, neither deletions of keys nor expiries of material
 * nor rotations, until an operator confirms the clock or it is back. Where no key waits for either, a leap is no matter.
 */
export interface ClockWatch {
  /** Looks at the clock. Says whether what time brings may be done now. */
  check(): Promise<boolean>
  /** What an operator must know and do about a leap; null where there is none. */
  notice(): string | null
  /** Takes the clock for right. Says whether there was a leap. */
  confirm(): Promise<boolean>
  /** Keeps the time that was seen last. */
  stop(): Promise<void>
}

/** Starts watching, from the time that was last seen by any server on this data. */
export async function watchClock(
  global: Pick<GlobalStore, 'reads' | 'transaction'>,
  regions: Iterable<{ readonly store: Pick<RegionStore, 'reads'> }>,
  tell: (notice: string) => void,
): Promise<ClockWatch> {
  let saved = Number((await global.reads.meta(SEEN)) ?? Date.now())
  let seen = saved
  let isLeaping = false
  let told = Number.NEGATIVE_INFINITY

  const save = async (): Promise<void> => {
    saved = seen
    await global.transaction((writes) => writes.putMeta(SEEN, String(saved)))
  }
  const hasDeadlines = async (): Promise<boolean> => {
    for (const { store } of regions) if (await store.reads.hasDeadlines()) return true
    return false
  }
  const notice = (): string | null => (isLeaping ? noticeOf(seen, Date.now()) : null)

  return {
    notice,
    async check() {
      const now = Date.now()
      isLeaping = now - seen > LEAP_MS && (isLeaping || (await hasDeadlines()))
      if (isLeaping) {
        if (now - told > TELL_MS) {
          told = now
          tell(noticeOf(seen, now))
        }
        return false
      }
      told = Number.NEGATIVE_INFINITY
      seen = now
      if (Math.abs(now - saved) > SAVE_MS) await save()
      return true
    },
    async confirm() {
      const wasLeaping = isLeaping
      isLeaping = false
      seen = Date.now()
      await save()
      return wasLeaping
    },
    async stop() {
      if (!isLeaping) await save()
    },
  }
}

function noticeOf(seen: number, now: number): string {
  const days = Math.floor((now - seen) / DAY_MS)
  return (
    `The machine's clock says ${new Date(now).toISOString()}, ${days} ${days === 1 ? 'day' : 'days'} after this ` +
    `server last saw it (${new Date(seen).toISOString()}). Until you say that it is right, no key is deleted, no ` +
    'imported material expires and no key rotates by time. If it is right: keyspan clock confirm. If it is wrong: ' +
    'set it, and everything goes on by itself.'
  )
}
