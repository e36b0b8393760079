import type { Budget } from './budget.ts'

const WILD = /[*?]/

/**
 * Whether every text that the one pattern matches is matched by the other; `*` and `?` are wildcards.
 *
 * INVARIANT: true is certain. False may be wrong, where only the two together say so, or the budget is spent.
 */
export function isWithin(inner: string, outer: string, budget: Budget): boolean {
  if (outer === '*' || inner === outer) return true
  if (!WILD.test(outer) || differAtAnEnd(inner, outer)) return false
  if (!budget.take(inner.length * outer.length)) return false
  // What is left of the inner pattern, a letter after the other: its wildcards fit only under those of the outer one.
  let fits = atEnd(outer)
  for (let i = inner.length - 1; i >= 0; i -= 1) {
    const next = fits
    const given = inner[i]
    fits = new Uint8Array(outer.length + 1)
    for (let j = outer.length - 1; j >= 0; j -= 1) {
      const wanted = outer[j]
      const isUnder = wanted === '?' ? given !== '*' : given === wanted
      const isFit = wanted === '*' ? next[j] === 1 || fits[j + 1] === 1 : isUnder && next[j + 1] === 1
      if (isFit) fits[j] = 1
    }
  }
  return fits[0] === 1
}

/** Of each rest of a pattern, whether it matches nothing more: 1 or 0. */
function atEnd(pattern: string): Uint8Array {
  const ends = new Uint8Array(pattern.length + 1)
  for (let at = pattern.length; at >= 0 && (at === pattern.length || pattern[at] === '*'); at -= 1) ends[at] = 1
  return ends
}

/** Whether two patterns begin or end with different letters, before either has a wildcard: most differ there. */
function differAtAnEnd(one: string, other: string): boolean {
  return [1, -1].some((step) => {
    for (let i = 0; i < one.length && i < other.length; i += 1) {
      const at = step > 0 ? i : -1 - i
      const [a = '', b = ''] = [one.at(at), other.at(at)]
      if (WILD.test(a) || WILD.test(b)) return false
      if (a !== b) return true
    }
    return false
  })
}

/**
 * Whether there is a text that both patterns match.
 *
 * INVARIANT: false is certain.
 */
export function canMeet(one: string, other: string, budget: Budget): boolean {
  if (one === other || one === '*' || other === '*') return true
  if ((!WILD.test(one) && !WILD.test(other)) || differAtAnEnd(one, other)) return false
  if (!budget.take(one.length * other.length)) return true
  let meets = atEnd(other)
  for (let i = one.length - 1; i >= 0; i -= 1) {
    const next = meets
    const a = one[i]
    meets = new Uint8Array(other.length + 1)
    if (a === '*') meets[other.length] = next[other.length] ?? 0
    for (let j = other.length - 1; j >= 0; j -= 1) {
      const b = other[j]
      // A star stands for nothing, or takes the other side's letter and stays.
      const byStar = (a === '*' || b === '*') && (next[j] === 1 || meets[j + 1] === 1)
      const isAlike = a === b || a === '?' || b === '?'
      if (byStar || (isAlike && next[j + 1] === 1)) meets[j] = 1
    }
  }
  return meets[0] === 1
}

const COMPONENTS = 6

/** The six components of the pattern of an ARN; undefined where it is none. */
function componentsOf(arn: string): readonly string[] | undefined {
  const parts = arn.split(':')
  if (parts.length < COMPONENTS) return undefined
  return [...parts.slice(0, COMPONENTS - 1), parts.slice(COMPONENTS - 1).join(':')]
}

function everyComponent(one: string, other: string, holds: (a: string, b: string) => boolean): boolean | undefined {
  const [ones, others] = [componentsOf(one), componentsOf(other)]
  if (ones === undefined || others === undefined) return undefined
  return ones.every((component, index) => holds(component, others[index] ?? ''))
}

/** The same for patterns of ARNs, whose wildcards stay within a component; `*` alone is everything. */
export function isArnWithin(inner: string, outer: string, budget: Budget): boolean {
  if (outer === '*' || inner === outer) return true
  if (inner === '*' || !budget.take(inner.length + outer.length)) return false
  return everyComponent(inner, outer, (a, b) => isWithin(a, b, budget)) ?? false
}

/** The same for patterns of ARNs. */
export function canArnsMeet(one: string, other: string, budget: Budget): boolean {
  if (one === '*' || other === '*' || !budget.take(one.length + other.length)) return true
  return everyComponent(one, other, (a, b) => canMeet(a, b, budget)) ?? one === other
}
