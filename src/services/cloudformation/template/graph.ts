import { ValidationError } from './errors.ts'

/** What needs what, by name. Names in the sets that are no keys are not looked at. */
export type Needs = ReadonlyMap<string, ReadonlySet<string>>

/** @throws ValidationError where resources need each other in a circle */
export function refuseCircle(needs: Needs): void {
  const circle = findCycle(needs)
  if (circle !== null) throw ValidationError(`Circular dependency between resources: [${circle.join(', ')}]`)
}

/** The names that are in a circle or between circles, in order of the map; null where there is none. */
export function findCycle(needs: Needs): readonly string[] | null {
  const rest = new Set(needs.keys())
  for (const name of inOrder(needs)) rest.delete(name)
  if (rest.size === 0) return null
  // What only waits for a circle is not part of it: from the other end it can be taken away too.
  const users = new Map([...rest].map((name) => [name, new Set<string>()]))
  for (const name of rest) for (const each of needs.get(name) ?? []) users.get(each)?.add(name)
  for (const name of inOrder(users)) rest.delete(name)
  return [...rest]
}

/**
 * All names, each after what it needs; of those that could be next, the one that stands first in the map. Those that
 * need each other in a circle, and those that need them, are left out.
 */
export function inOrder(needs: Needs): readonly string[] {
  const waiting = new Map<string, number>()
  const users = new Map<string, string[]>()
  for (const [name, set] of needs) {
    const known = [...set].filter((each) => needs.has(each))
    waiting.set(name, known.length)
    for (const each of known) users.set(each, [...(users.get(each) ?? []), name])
  }
  const places = new Map([...needs.keys()].map((name, place) => [name, place]))
  const order: string[] = []
  let ready = [...needs.keys()].filter((name) => waiting.get(name) === 0)
  while (ready.length > 0) {
    const next: string[] = []
    for (const name of ready) {
      order.push(name)
      for (const user of users.get(name) ?? []) {
        const left = (waiting.get(user) ?? 0) - 1
        waiting.set(user, left)
        if (left === 0) next.push(user)
      }
    }
    ready = next.toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0))
  }
  return order
}
