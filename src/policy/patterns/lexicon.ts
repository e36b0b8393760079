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
  /** Where its parts begin and end; or the number of a variable, and `NONE`. */
  From: 0,
  To: 1,
  /** Whether it is worth a bitmap: 1 or 0. */
  Shared: 2,
  /** Of a piece of a pattern: where its spelling and its seeds begin, and where these end. */
  Spelling: 3,
  Seeds: 4,
  /** When it was last found in a text, where its bitmap is, and how long it was. */
  Time: 5,
  Place: 6,
  Length: 7,
  SeedsEnd: 8,
} as const

/** How many fields there are. */
export const FIELDS = 9

/** In place of the end of the parts of a variable. */
export const NONE = -1

/** A piece has so many units of which one may be rare in a text. */
const SEEDS = 4

/** A factor that is part of so many others is shared. */
const SHARED = 3

/**
 * What the patterns of one policy are made of, each thing once.
 *
 * What stands between two `*` of a pattern is a factor: a unit, a variable, or two factors with unknown units between
 * them. Factors are split in the middle, and equal ones are one: so patterns that look alike share most of their
 * factors, and what is found out about a shared factor counts for all of them. One that is not shared is no more than
 * its parts. A factor is a number: the index of its fields, or the complement of a unit.
 */
export interface Lexicon {
  readonly variables: readonly Variable[]
  /** How many searches there are in all patterns of the policy. */
  searches: number
  /** The number of a variable. */
  variable(variable: Variable): number
  /** The factor of tokens the first and last of which are known. */
  factor(tokens: readonly Token[]): number
  /** Where tokens are spelt: where that begins and ends. */
  spell(tokens: readonly Token[]): readonly [from: number, to: number]
  /** All factors. From then on nothing new can come in. */
  factors(): Factors
}

/** The factors of a policy. */
export interface Factors {
  readonly fields: Int32Array<ArrayBuffer>
  /** The parts of factors, each a unit, a variable or shared: the unknown units before it, and the factor. */
  readonly parts: Int32Array<ArrayBuffer>
  /** Of each known token, the unknown units before it, and the token; for a variable, its factor from `VARIABLE` on. */
  readonly spelling: Int32Array<ArrayBuffer>
  /** What time it is: what was found earlier was in another text, or for other values. */
  now: number
}

/** What is kept of a factor while patterns are compiled. */
const Made = {
  Left: 0,
  /** The second factor of a pair, or `NO_FACTOR`. */
  Right: 1,
  /** How many unknown units are between the two. */
  Gap: 2,
  /** How many factors it is part of, and how many pieces of patterns it is. */
  Uses: 3,
  /** Of a piece of a pattern: as of the other fields. */
  Spelling: 4,
  Seeds: 5,
  SeedsEnd: 6,
} as const

/** In place of the second factor of a variable. */
const NO_FACTOR = -0x20000

/** A piece without the units but those that it has least often, once each. */
function seedsOf(piece: readonly Token[]): readonly Token[] {
  const counts = new Map<Token, number>()
  for (const token of piece) {
    if (token !== ANY_UNIT && token < VARIABLE) counts.set(token, (counts.get(token) ?? 0) + 1)
  }
  const rare = new Set(
    [...counts]
      .toSorted(([, one], [, other]) => one - other)
      .slice(0, SEEDS)
      .map(([token]) => token),
  )
  return piece.map((token) => (token >= VARIABLE || rare.delete(token) ? token : ANY_UNIT))
}

/** The spelling of tokens. */
function* spelt(tokens: readonly Token[], factorOf: (variable: number) => number): Iterable<number> {
  let gap = 0
  for (const token of tokens) {
    if (token === ANY_UNIT) gap += 1
    else {
      yield gap
      yield token < VARIABLE ? token : VARIABLE + factorOf(token - VARIABLE)
      gap = 0
    }
  }
}

/** Numbers variables, equal ones alike. */
function createNumbers(variables: Variable[]): Lexicon['variable'] {
  const numbers = new Map<string, number>()
  return (variable) => {
    const name = JSON.stringify([variable.key, variable.fallback, variable.fold?.name])
    const number = numbers.get(name) ?? variables.push(variable) - 1
    numbers.set(name, number)
    return number
  }
}

/** A lexicon with nothing in it, for one policy. */
export function createLexicon(): Lexicon {
  const made: number[] = []
  const spelling: number[] = []
  const variables: Variable[] = []
  /** By the gap, then by the two factors, each of which has 26 bits. */
  const pairs = new Map<number, Map<number, number>>()
  let factors: Factors | undefined

  function add(left: number, right: number, gap: number): number {
    const alike = pairs.get(gap) ?? new Map<number, number>()
    const name = (left + 2 ** 25) * 2 ** 26 + (right + 2 ** 25)
    const known = alike.get(name)
    if (known !== undefined) return known
    if (factors !== undefined) throw new Error('A lexicon that is in use cannot grow')
    const factor = made.push(left, right, gap, 0, 0, 0, 0, 0, 0) - FIELDS
    pairs.set(gap, alike.set(name, factor))
    if (right === NO_FACTOR) return factor
    use(left)
    use(right)
    return factor
  }

  function use(factor: number): void {
    if (factor >= 0) made[factor + Made.Uses] = (made[factor + Made.Uses] ?? 0) + 1
  }

  /** The factor of a spelling; it is split where all others that begin alike are split too. */
  function factorOf(from: number, to: number): number {
    const count = (to - from) / 2
    if (count === 1) {
      const token = spelling[from + 1] ?? 0
      return token < VARIABLE ? ~token : token - VARIABLE
    }
    const middle = from + 2 * 2 ** (31 - Math.clz32(count - 1))
    return add(factorOf(from, middle), factorOf(middle, to), spelling[middle] ?? 0)
  }

  function spell(tokens: readonly Token[]): readonly [from: number, to: number] {
    const from = spelling.length
    for (const number of spelt(tokens, (variable) => add(variable, NO_FACTOR, 0))) spelling.push(number)
    return [from, spelling.length]
  }

  return {
    variables,
    searches: 0,
    variable: createNumbers(variables),
    factor(tokens) {
      const [from, to] = spell(tokens)
      const factor = factorOf(from, to)
      use(factor)
      if (factor < 0 || made[factor + Made.SeedsEnd] !== 0) spelling.length = from
      else {
        const [, end] = spell(seedsOf(tokens))
        made[factor + Made.Spelling] = from
        made[factor + Made.Seeds] = to
        made[factor + Made.SeedsEnd] = end
      }
      return factor
    },
    spell,
    factors() {
      if (factors !== undefined) return factors
      factors = finish(made, spelling)
      made.length = 0
      spelling.length = 0
      pairs.clear()
      return factors
    },
  }
}

/** The factors that were made: those that are not shared are replaced by their parts. */
function finish(made: readonly number[], spelling: readonly number[]): Factors {
  const fields = new Int32Array(made.length)
  const parts: number[] = []
  const isShared = (factor: number) => (made[factor + Made.Uses] ?? 0) >= SHARED
  const isPair = (factor: number) => factor >= 0 && made[factor + Made.Right] !== NO_FACTOR
  const addParts = (pair: number, gap: number) => {
    addPart(made[pair + Made.Left] ?? 0, gap)
    addPart(made[pair + Made.Right] ?? 0, made[pair + Made.Gap] ?? 0)
  }
  const addPart = (factor: number, gap: number) => {
    if (isPair(factor) && !isShared(factor)) addParts(factor, gap)
    else parts.push(gap, factor)
  }
  for (let factor = 0; factor < made.length; factor += FIELDS) {
    const from = isPair(factor) ? parts.length : (made[factor + Made.Left] ?? 0)
    if (isPair(factor) && (isShared(factor) || made[factor + Made.SeedsEnd] !== 0)) addParts(factor, 0)
    fields[factor + Field.From] = from
    fields[factor + Field.To] = isPair(factor) ? parts.length : NONE
    fields[factor + Field.Shared] = isShared(factor) ? 1 : 0
    fields[factor + Field.Spelling] = made[factor + Made.Spelling] ?? 0
    fields[factor + Field.Seeds] = made[factor + Made.Seeds] ?? 0
    fields[factor + Field.SeedsEnd] = made[factor + Made.SeedsEnd] ?? 0
  }
  return { fields, parts: Int32Array.from(parts), spelling: Int32Array.from(spelling), now: 0 }
}
