/** What stands at one place of a pattern: a UTF-16 unit, `ANY_UNIT`, or, from `VARIABLE` on, a variable of the policy. */
export type Token = number

/** Any unit. */
export const ANY_UNIT = -1

/** The token of the variable 0. */
export const VARIABLE = 0x10000

/** A policy variable. */
export interface Variable {
  /** Lower-case. */
  readonly key: string
  readonly fallback: string | undefined
  /** What is done to its value. */
  readonly fold?: (value: string) => string
}

/** What the variables of one policy stand for in one request, by their numbers; `undefined` is not looked up yet. */
export type Values = (string | null | undefined)[]

/**
 * What the patterns of one policy are made of, each thing once.
 *
 * The text between two `*` of a pattern is a factor: a token, or two factors with unknown units between them. Factors
 * are split in the middle, and equal ones are one: so patterns that look alike share most of their factors, and what
 * is found out about a factor counts for all of them. A factor is a number: that of a pair, or the complement of a
 * token.
 */
export interface Lexicon {
  /** Of pairs, by their numbers. */
  readonly left: readonly number[]
  readonly right: readonly number[]
  /** How many unknown units are between the two. */
  readonly gap: readonly number[]
  readonly variables: readonly Variable[]
  /** How many searches there are in all patterns of the policy. */
  searches: number
  /** The number of a variable. */
  variable(variable: Variable): number
  /** The factor of tokens the first and last of which are known. */
  factor(tokens: readonly Token[]): number
  /** Forgets what only compiling needs. */
  close(): void
}

/** A lexicon with nothing in it, for one policy. */
export function createLexicon(): Lexicon {
  const left: number[] = []
  const right: number[] = []
  const gap: number[] = []
  const variables: Variable[] = []
  const numbers = new Map<string, number>()
  /** By the gap, then by the two factors, each of which has 26 bits. */
  const pairs = new Map<number, Map<number, number>>()

  function pair(first: number, second: number, between: number): number {
    const alike = pairs.get(between) ?? new Map<number, number>()
    const name = (first + 2 ** 25) * 2 ** 26 + (second + 2 ** 25)
    const known = alike.get(name)
    if (known !== undefined) return known
    const number = left.push(first) - 1
    right.push(second)
    gap.push(between)
    pairs.set(between, alike.set(name, number))
    return number
  }

  /** The factor of some of the known tokens; it is split where all others that begin alike are split too. */
  function factorOf(known: readonly Token[], places: readonly number[], from: number, to: number): number {
    const count = to - from
    if (count === 1) return ~(known[from] ?? 0)
    const middle = from + 2 ** (31 - Math.clz32(count - 1))
    const between = (places[middle] ?? 0) - (places[middle - 1] ?? 0) - 1
    return pair(factorOf(known, places, from, middle), factorOf(known, places, middle, to), between)
  }

  return {
    left,
    right,
    gap,
    variables,
    searches: 0,
    variable(variable) {
      const name = JSON.stringify([variable.key, variable.fallback, variable.fold?.name])
      const number = numbers.get(name) ?? variables.push(variable) - 1
      numbers.set(name, number)
      return number
    },
    factor(tokens) {
      const places: number[] = []
      const known: Token[] = []
      for (const [place, token] of tokens.entries()) {
        if (token === ANY_UNIT) continue
        places.push(place)
        known.push(token)
      }
      return factorOf(known, places, 0, known.length)
    },
    close() {
      numbers.clear()
      pairs.clear()
    },
  }
}

/** The values for patterns without variables. */
export const NO_VALUES: Values = []
