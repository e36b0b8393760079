import { setImmediate } from 'node:timers/promises'
import { keyState } from '../../domain/key-state.ts'
import { currentGeneration, stagedMaterial, type KeyRecord } from '../../domain/key.ts'
import type { Region } from '../../domain/region.ts'
import type { RegionStore, Touched } from '../../storage/store.ts'

/** How many keys are looked at before others have their turn. */
const PAGE = 50

/** How many keys there are in a Region. */
export interface KeyCounts {
  readonly states: ReadonlyMap<string, number>
  /** Keys whose next material waits for other Regions to hold it. */
  readonly waitingRotations: number
}

/**
 * Counts the keys of one Region without looking at all of them each time: all are read once, in the background, and
 * then those that commits have touched. It remembers a number for each key, some 100 bytes with its name.
 */
export interface KeyTally {
  readonly region: Region
  /** Takes in what has changed; null while the first reading goes on. */
  counts(): Promise<KeyCounts | null>
  /** Ends the first reading. */
  stop(): Promise<void>
}

interface Seen {
  readonly state: string
  readonly waits: boolean
}

/** Begins to count. @param onError told once, where the keys cannot be read */
export function createKeyTally(store: RegionStore, onError: (error: unknown) => void): KeyTally {
  const seen = new Map<string, Seen>()
  const touched = new Map<string, Touched>()
  const tallies = createTallies()
  let isComplete = false
  let isStopped = false
  store.onCommit((commit) => {
    for (const each of commit.touched) touched.set(nameOf(each), each)
  })

  function put(name: string, key: KeyRecord | null): void {
    const before = seen.get(name)
    if (before !== undefined) tallies.add(before, -1)
    if (key === null) return void seen.delete(name)
    const now = tallies.same({ state: keyState(key), waits: waits(key) })
    seen.set(name, now)
    tallies.add(now, 1)
  }
  async function readAll(): Promise<void> {
    let after: Touched | null = null
    for (;;) {
      const keys: readonly KeyRecord[] = await store.reads.keysOfAll(after, PAGE)
      for (const key of keys) {
        after = { account: key.account, keyId: key.id }
        put(nameOf(after), key)
      }
      if (isStopped) return
      if (keys.length < PAGE) break
      await setImmediate()
    }
    isComplete = true
  }
  async function catchUp(): Promise<void> {
    let count = 0
    for (const [name, { account, keyId }] of touched) {
      touched.delete(name)
      put(name, await store.reads.key(account, keyId))
      count += 1
      if (count % PAGE === 0) await setImmediate()
    }
  }
  const reading = readAll().catch(onError)

  return {
    region: store.region,
    async counts() {
      if (!isComplete) return null
      await catchUp()
      return tallies.counts()
    },
    async stop() {
      isStopped = true
      await reading
    },
  }
}

/** How many keys are seen alike. What is alike is one object, however many keys there are. */
function createTallies() {
  const kinds = new Map<string, { readonly seen: Seen; count: number }>()
  const kindOf = (seen: Seen) => {
    const name = `${seen.state} ${seen.waits}`
    const known = kinds.get(name) ?? { seen, count: 0 }
    kinds.set(name, known)
    return known
  }
  return {
    same: (seen: Seen): Seen => kindOf(seen).seen,
    add(seen: Seen, difference: number): void {
      kindOf(seen).count += difference
    },
    counts(): KeyCounts {
      const states = new Map<string, number>()
      let waitingRotations = 0
      for (const { seen, count } of kinds.values()) {
        states.set(seen.state, (states.get(seen.state) ?? 0) + count)
        if (seen.waits) waitingRotations += count
      }
      return { states, waitingRotations }
    },
  }
}

function waits(key: KeyRecord): boolean {
  return currentGeneration(key) > 0 && stagedMaterial(key) !== null
}

function nameOf({ account, keyId }: Touched): string {
  return `${account}/${keyId}`
}
