import type { ConditionKeys } from '../context.ts'

/** Something that decides and is not known yet: a condition on a key that a question leaves open, for example. */
export interface Open {
  /** Two of the same id are the same. */
  readonly id: string
  readonly holds: (keys: ConditionKeys) => boolean
  /** In words, as it is or negated; of a list not more than `most` values. */
  readonly phrase: (negated: boolean, most: number) => string
  /** For programs. */
  readonly data: Readonly<Record<string, unknown>>
}

/** What is left of an answer when everything that is known was looked at. */
export type Rest =
  | boolean
  | { readonly kind: 'open'; readonly id: string; readonly open: Open }
  | { readonly kind: 'not'; readonly id: string; readonly of: Rest }
  | { readonly kind: 'all' | 'any'; readonly id: string; readonly of: readonly Exclude<Rest, boolean>[] }

type Formula = Exclude<Rest, boolean>

/** The rest that is one open thing. */
export function open(what: Open): Rest {
  return { kind: 'open', id: what.id, open: what }
}

/** The contrary. */
export function not(of: Rest): Rest {
  if (typeof of === 'boolean') return !of
  return of.kind === 'not' ? of.of : { kind: 'not', id: `!${of.id}`, of }
}

/** True where all are: simplified, so that nothing stands in it twice. */
export function allOf(rests: readonly Rest[]): Rest {
  return join('all', false, rests)
}

/** True where any is: simplified, so that nothing stands in it twice. */
export function anyOf(rests: readonly Rest[]): Rest {
  return join('any', true, rests)
}

/** @param decisive the answer that one member gives for all */
function join(kind: 'all' | 'any', decisive: boolean, rests: readonly Rest[]): Rest {
  const found = new Map<string, Formula>()
  for (const rest of rests) {
    if (rest === decisive) return decisive
    if (typeof rest === 'boolean') continue
    for (const each of rest.kind === kind ? membersOf(rest) : [rest]) found.set(each.id, each)
  }
  for (const each of found.values()) if (each.kind === 'not' && found.has(each.id.slice(1))) return decisive
  // What holds wherever another does adds nothing: x or (x and y) is x.
  const of = [...found.values()].filter((each) => !membersOf(each, dual(kind)).some(({ id }) => found.has(id)))
  const [only] = of
  if (only === undefined) return !decisive
  if (of.length === 1) return only
  const ids = of.map(({ id }) => id).toSorted()
  return { kind, id: `${kind}(${ids.join(',')})`, of }
}

function dual(kind: 'all' | 'any'): 'all' | 'any' {
  return kind === 'all' ? 'any' : 'all'
}

function membersOf(formula: Formula, kind: Formula['kind'] = formula.kind): readonly Formula[] {
  return (formula.kind === 'all' || formula.kind === 'any') && formula.kind === kind ? formula.of : []
}

/** Two rests of the same id are the same; two that are the same may be written differently. */
export function idOf(rest: Rest): string {
  return typeof rest === 'boolean' ? String(rest) : rest.id
}

/** The answer once all is known. */
export function settle(rest: Rest, keys: ConditionKeys): boolean {
  if (typeof rest === 'boolean') return rest
  switch (rest.kind) {
    case 'open':
      return rest.open.holds(keys)
    case 'not':
      return !settle(rest.of, keys)
    case 'all':
      return rest.of.every((each) => settle(each, keys))
    case 'any':
      return rest.of.some((each) => settle(each, keys))
  }
}
