/** Gives equal values the same small number. */
export interface Interner<Value> {
  idOf(value: Value): number
  valueOf(id: number): Value
  all(): readonly Value[]
}

export function createInterner<Value>(): Interner<Value> {
  const ids = new Map<string, number>()
  const values: Value[] = []
  return {
    idOf(value) {
      const name = canonical(value)
      const id = ids.get(name) ?? values.length
      if (id === values.length) {
        ids.set(name, id)
        values.push(value)
      }
      return id
    },
    valueOf(id) {
      const value = values[id]
      if (value === undefined) throw new Error('INVARIANT: only interned values have ids')
      return value
    },
    all: () => values,
  }
}

/** JSON with the members of every object in order, so that equal means equal. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
