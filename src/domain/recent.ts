/** A map of bounded size, which forgets what was not used for longest. */
export interface Recent<Key, Value> {
  get(key: Key): Value | undefined
  set(key: Key, value: Value): void
  delete(key: Key): void
  /** Has a value weigh so much more than when it was put in, where it is still kept. */
  grow(key: Key, value: Value, by: number): void
  clear(): void
}

/**
 * Keeps the values that were used last: so many that they weigh `least`, and at most twice as much and one more.
 *
 * Empty it costs nothing: there is one for each purpose of each Region. There are two generations; what is used moves
 * to the younger one, and when that is full, the older one is forgotten.
 *
 * @param weigh what a value weighs now: the same until it is said to have grown; 1 unless told otherwise
 */
export function createRecent<Key, Value>(least: number, weigh: (value: Value) => number = () => 1): Recent<Key, Value> {
  let young = new Map<Key, Value>()
  let old = new Map<Key, Value>()
  /** What the younger ones weigh. */
  let weight = 0

  function age(): void {
    if (weight < least) return
    old = young
    young = new Map()
    weight = 0
  }

  function set(key: Key, value: Value): void {
    if (!young.has(key)) age()
    remove(key)
    weight += weigh(value)
    young.set(key, value)
  }

  function remove(key: Key): void {
    const known = young.get(key)
    if (known === undefined) return
    weight -= weigh(known)
    young.delete(key)
  }

  return {
    get(key) {
      const found = young.get(key)
      if (found !== undefined) return found
      const value = old.get(key)
      if (value !== undefined) {
        old.delete(key)
        set(key, value)
      }
      return value
    },
    set(key, value) {
      old.delete(key)
      set(key, value)
    },
    delete(key) {
      remove(key)
      old.delete(key)
    },
    grow(key, value, by) {
      // What an older one weighs counts when it is used again.
      if (young.get(key) !== value) return
      weight += by
      age()
    },
    clear() {
      young.clear()
      old.clear()
      weight = 0
    },
  }
}
