/** A map of bounded size, which forgets what was not used for longest. */
export interface Recent<Key, Value> {
  get(key: Key): Value | undefined
  set(key: Key, value: Value): void
  delete(key: Key): void
  clear(): void
}

/**
 * Keeps the `least` values that were used last, and at most twice as many.
 *
 * Empty it costs nothing: there is one for each purpose of each Region. There are two generations; what is used moves
 * to the younger one, and when that is full, the older one is forgotten.
 */
export function createRecent<Key, Value>(least: number): Recent<Key, Value> {
  let young = new Map<Key, Value>()
  let old = new Map<Key, Value>()

  function set(key: Key, value: Value): void {
    if (young.size >= least && !young.has(key)) {
      old = young
      young = new Map()
    }
    young.set(key, value)
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
      young.delete(key)
      old.delete(key)
    },
    clear() {
      young.clear()
      old.clear()
    },
  }
}
