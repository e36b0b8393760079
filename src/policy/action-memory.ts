/**
 * How many actions are remembered. More than any service has; bounded, because callers choose the names.
 */
const PLACES = 256

interface Remembered<Value> {
  readonly action: string
  readonly value: Value
}

const places = new Map<string, number>()
// Of the last action: all policies of a question are asked about the same one.
let lastAction = ''
let lastPlace = 0

/** Where what is remembered of an action is: in the same place of every memory, so that it is looked up once for all. */
function placeOf(action: string): number {
  if (action === lastAction) return lastPlace
  let place = places.get(action)
  if (place === undefined) {
    // They are given anew; so what is found in a place may be of another action.
    if (places.size >= PLACES) places.clear()
    place = places.size
    places.set(action, place)
  }
  lastAction = action
  lastPlace = place
  return place
}

/** Remembers what was found for an action. A decision asks every policy that applies about one action. */
export function rememberByAction<Value>(find: (action: string) => Value): (action: string) => Value {
  const memory: (Remembered<Value> | undefined)[] = []
  return (action) => {
    const place = placeOf(action)
    const known = memory[place]
    if (known?.action === action) return known.value
    const value = find(action)
    memory[place] = { action, value }
    return value
  }
}
