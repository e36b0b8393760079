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

/** The values for patterns without variables. */
export const NO_VALUES: Values = []

/** What is kept of a factor, number by number. */
export const Field = {
  /** The first factor of a pair, or the number of a variable. */
  Left: 0,
  /** The second factor of a pair, or `NONE`. */
  Right: 1,
  /** How many unknown units are between the two. */
  Gap: 2,
  /** Of it all, or `UNKNOWN` where it depends on variables. */
  Length: 3,
  /** Where it is spelt, and of how many tokens. */
  Spelling: 4,
  Tokens: 5,
  /** When it was last found in a text, and where that is kept. */
  Time: 6,
  Place: 7,
} as const

/** How many fields there are. */
export const FIELDS = 8

/** In place of the second factor of a variable. */
export const NONE = -0x20000

/** A length that depends on variables. */
export const UNKNOWN = -1

/**
 * What the patterns of one policy are made of, each thing once.
 *
 * What stands between two `*` of a pattern is a factor: a unit, a variable, or two factors with unknown units between
 * them. Factors are split in the middle, and equal ones are one: so patterns that look alike share most of their
 * factors, and what is found out about a factor counts for all of them. A factor is a number: the index of its fields,
 * or the complement of a unit.
 */
export interface Lexicon {
  readonly variables: readonly Variable[]
  /** How many searches there are in all patterns of the policy. */
  searches: number
  /** The number of a variable. */
  variable(variable: Variable): number
  /** The factor of tokens the first and last of which are known. */
  factor(tokens: readonly Token[]): number
  /** All factors. From then on nothing new can come in. */
  factors(): Factors
}

/** The factors of a policy. */
export interface Factors {
  readonly fields: Int32Array<ArrayBuffer>
  /** Of each token that a factor is spelt of, the token and its place among the others. */
  readonly spelling: Int32Array<ArrayBuffer>
  /** What time it is: what was found earlier was in another text, or for other values. */
  now: number
}

/** A lexicon with nothing in it, for one policy. */
export function createLexicon(): Lexicon {
  const fields: number[] = []
  const spelling: number[] = []
  const variables: Variable[] = []
  const numbers = new Map<string, number>()
  /** By the gap, then by the two factors, each of which has 26 bits. */
  const pairs = new Map<number, Map<number, number>>()
  let factors: Factors | undefined

  function add(
    left: number,
    right: number,
    gap: number,
    make: () => readonly [length: number, tokens: number, at: number],
  ): number {
    const alike = pairs.get(gap) ?? new Map<number, number>()
    const name = (left + 2 ** 25) * 2 ** 26 + (right + 2 ** 25)
    const known = alike.get(name)
    if (known !== undefined) return known
    if (factors !== undefined) throw new Error('A lexicon that is in use cannot grow')
    const [length, tokens, at] = make()
    const factor = fields.push(left, right, gap, length, at, tokens, 0, 0) - FIELDS
    pairs.set(gap, alike.set(name, factor))
    return factor
  }

  function lengthOf(factor: number): number {
    return factor < 0 ? 1 : (fields[factor + Field.Length] ?? 0)
  }

  /** The factor of some tokens of a spelling; it is split where all others that begin alike are split too. */
  function factorOf(from: number, to: number): number {
    const count = (to - from) / 2
    if (count === 1) {
      const token = spelling[from] ?? 0
      return token < VARIABLE ? ~token : add(token - VARIABLE, NONE, 0, () => [UNKNOWN, 1, from])
    }
    const middle = from + 2 * 2 ** (31 - Math.clz32(count - 1))
    const gap = (spelling[middle + 1] ?? 0) - (spelling[middle - 1] ?? 0) - 1
    const left = factorOf(from, middle)
    const right = factorOf(middle, to)
    return add(left, right, gap, () => {
      const [before, after] = [lengthOf(left), lengthOf(right)]
      return [before < 0 || after < 0 ? UNKNOWN : before + gap + after, count, from]
    })
  }

  return {
    variables,
    searches: 0,
    variable(variable) {
      const name = JSON.stringify([variable.key, variable.fallback, variable.fold?.name])
      const number = numbers.get(name) ?? variables.push(variable) - 1
      numbers.set(name, number)
      return number
    },
    factor(tokens) {
      const from = spelling.length
      for (const [place, token] of tokens.entries()) if (token !== ANY_UNIT) spelling.push(token, place)
      return factorOf(from, spelling.length)
    },
    factors() {
      if (factors !== undefined) return factors
      factors = { fields: Int32Array.from(fields), spelling: Int32Array.from(spelling), now: 0 }
      fields.length = 0
      spelling.length = 0
      numbers.clear()
      pairs.clear()
      return factors
    },
  }
}
