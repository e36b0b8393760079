import { setImmediate as nextTurn } from 'node:timers/promises'
import type { KeyUse, LastUse } from '../../domain/last-use.ts'
import type { RegionStore } from '../../storage/store.ts'

const SINCE = 'last-uses-since'

/** How many are written before requests have their turn: a few milliseconds. */
const AT_ONCE = 50

/**
 * Knows when each key of a Region was last used.
 *
 * Uses are noted in memory, for a cryptographic operation must not wait for a database, and written together. What
 * was noted since the last flush is lost where the process is killed; the audit log still has it.
 */
export interface LastUses {
  /** Since when uses are known, in epoch milliseconds. */
  readonly since: number
  /** The later one counts, in whichever order they are noted. */
  note(use: KeyUse): void
  /** Null where the key was never used, as far as is known. */
  lastUse(account: string, keyId: string): Promise<LastUse | null>
  /** Writes what was noted. Where that fails it is kept, to be written by the next flush. */
  flush(): Promise<void>
}

/** Opens what is known of the use of a Region's keys; where nothing is, it begins now. */
export async function openLastUses(store: RegionStore, now: number): Promise<LastUses> {
  const since = await beginning(store, now)
  let noted = new Map<string, KeyUse>()
  let writing: ReadonlyMap<string, KeyUse> = new Map()

  async function write(): Promise<void> {
    if (noted.size === 0) return
    const uses = inOrder(noted)
    noted = new Map()
    writing = uses
    try {
      for (let some = take(uses); some.length > 0; some = take(uses)) {
        // All of them are synced at once, with the last.
        const isLast = some.length === uses.size
        await store.transaction(async (writes) => {
          for (const [, use] of some) await writes.putLastUse(use)
        }, isLast)
        for (const [name] of some) uses.delete(name)
        await nextTurn()
      }
    } catch (error) {
      // What was noted meanwhile is later than what could not be written.
      noted = new Map([...uses, ...noted])
      throw error
    } finally {
      writing = new Map()
    }
  }

  let last: Promise<void> = Promise.resolve()
  return {
    since,
    note(use) {
      const name = nameOf(use.account, use.keyId)
      if (use.at >= (noted.get(name)?.at ?? 0)) noted.set(name, use)
    },
    async lastUse(account, keyId) {
      const name = nameOf(account, keyId)
      return noted.get(name) ?? writing.get(name) ?? store.reads.lastUse(account, keyId)
    },
    flush() {
      const done = last.then(write)
      last = done.catch(() => {})
      return done
    },
  }
}

async function beginning(store: RegionStore, now: number): Promise<number> {
  const known = await store.reads.meta(SINCE)
  if (known !== null) return Number(known)
  await store.transaction((writes) => writes.putMeta(SINCE, String(now)))
  return now
}

/** Those of keys that stand beside each other in the database are written together: they share its pages. */
function inOrder(uses: ReadonlyMap<string, KeyUse>): Map<string, KeyUse> {
  return new Map([...uses].toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

function take(uses: ReadonlyMap<string, KeyUse>): readonly (readonly [string, KeyUse])[] {
  return [...uses.entries().take(AT_ONCE)]
}

function nameOf(account: string, keyId: string): string {
  return `${account}/${keyId}`
}
