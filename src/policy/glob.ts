import { compileUnitSearch, type UnitSearch } from './find-units.ts'
import { ANY_UNIT, type Lexicon, type Token, type Values, VARIABLE, type Variable } from './lexicon.ts'
import { occurs, type Search } from './occurrences.ts'

/**
 * Tells whether a text matches from one place to another.
 *
 * @param values of the variables that the pattern has
 */
export type TextMatcher = (text: string, from: number, end: number, values: Values) => boolean

/** `*`: any number of UTF-16 units. */
export const STAR = Symbol('*')

/** `?`: exactly one UTF-16 unit. */
export const ANY = Symbol('?')

/**
 * A pattern: literal text, wildcards, and variables that stand for values of the request.
 *
 * Not a string, so that literal text can hold an asterisk, and what a variable stands for is never a wildcard.
 */
export type Glob = readonly (string | typeof STAR | typeof ANY | Variable)[]

/** A pattern that was compiled. */
export interface CompiledGlob {
  /** The numbers of its variables, each as often as it stands there. */
  readonly variables: readonly number[]
  readonly matches: TextMatcher
}

/** Up to so many searches of one policy, plain text is looked for without ado: to read the text first costs more. */
const FEW = 8

/** Reads `*` and `?` as wildcards, all else as itself. */
export function parseGlob(pattern: string): Glob {
  return pattern
    .split(/([*?])/)
    .filter((part) => part !== '')
    .map((part) => (part === '*' ? STAR : part === '?' ? ANY : part))
}

/** The text of a pattern without wildcards and variables; `undefined` if it has some. */
export function textOf(glob: Glob): string | undefined {
  let text = ''
  for (const part of glob) {
    if (typeof part !== 'string') return undefined
    text += part
  }
  return text
}

/**
 * Compiles a pattern.
 *
 * What stands before the first `*` and after the last is compared in its place. What stands between two of them is
 * searched for, once and from left to right: nothing is ever tried again. `occurs` says what that costs.
 */
export function compileGlob(glob: Glob, lexicon: Lexicon): CompiledGlob {
  const [first = [], ...others] = pieces(glob, lexicon)
  const variables = [...first, ...others.flat()].filter((token) => token >= VARIABLE).map((token) => token - VARIABLE)
  const head = compilePlace(first)
  const last = others.pop()
  if (last === undefined) {
    const matches: TextMatcher = (text, from, end, values) =>
      end - from === head.length(values) && head.standsAt(text, from, values)
    return { variables, matches }
  }
  const tail = compilePlace(last)
  const middle = others.filter((piece) => piece.length > 0)
  if (middle.length === 0) {
    const matches: TextMatcher = (text, from, end, values) => {
      const after = end - tail.length(values)
      return (
        head.length(values) <= after - from && head.standsAt(text, from, values) && tail.standsAt(text, after, values)
      )
    }
    return { variables, matches }
  }
  const found = compileSearch(middle, lexicon)
  const matches: TextMatcher = (text, from, end, values) => {
    const before = from + head.length(values)
    const after = end - tail.length(values)
    return (
      before <= after &&
      head.standsAt(text, from, values) &&
      tail.standsAt(text, after, values) &&
      found(text, before, after, values)
    )
  }
  return { variables, matches }
}

/** What is between the `*` of a pattern: one piece more than there are. */
function pieces(glob: Glob, lexicon: Lexicon): Token[][] {
  let piece: Token[] = []
  const all = [piece]
  for (const part of glob) {
    if (part === STAR) all.push((piece = []))
    else if (part === ANY) piece.push(ANY_UNIT)
    else if (typeof part !== 'string') piece.push(VARIABLE + lexicon.variable(part))
    else for (let at = 0; at < part.length; at++) piece.push(part.charCodeAt(at))
  }
  return all
}

/** A piece that has its place. */
interface Place {
  readonly length: (values: Values) => number
  readonly standsAt: (text: string, at: number, values: Values) => boolean
}

function compilePlace(piece: readonly Token[]): Place {
  const plain = plainText(piece, [])
  if (plain !== undefined) {
    const { length } = plain
    return { length: () => length, standsAt: length === 0 ? () => true : (text, at) => text.startsWith(plain, at) }
  }
  // Plain text, or a token that is none.
  const parts: (string | Token)[] = []
  for (const token of piece) {
    const before = parts.at(-1)
    if (token < 0 || token >= VARIABLE) parts.push(token)
    else if (typeof before === 'string') parts[parts.length - 1] = before + String.fromCharCode(token)
    else parts.push(String.fromCharCode(token))
  }
  const least = piece.filter((token) => token < VARIABLE).length
  const variables = piece.filter((token) => token >= VARIABLE).map((token) => token - VARIABLE)
  return {
    length: (values) => variables.reduce((sum, number) => sum + (values[number]?.length ?? 0), least),
    standsAt(text, from, values) {
      let at = from
      for (const part of parts) {
        if (part === ANY_UNIT) at += 1
        else {
          const literal = typeof part === 'string' ? part : (values[part - VARIABLE] ?? '')
          if (!text.startsWith(literal, at)) return false
          at += literal.length
        }
      }
      return true
    },
  }
}

/** The text of a piece; `undefined` if a unit of it is unknown. */
function plainText(piece: readonly Token[], values: Values): string | undefined {
  let text = ''
  for (const token of piece) {
    const part = token < VARIABLE ? String.fromCharCode(token) : values[token - VARIABLE]
    if (token === ANY_UNIT || typeof part !== 'string') return undefined
    text += part
  }
  return text
}

/** Compiles the search for pieces that stand anywhere, one after the other. */
function compileSearch(middle: readonly (readonly Token[])[], lexicon: Lexicon): TextMatcher {
  const search = plan(middle, lexicon)
  const plain = middle.map((piece) => plainText(piece, []))
  const texts = plain.every((text) => text !== undefined) ? plain : undefined
  lexicon.searches += 1
  return (text, from, end, values) => {
    if (texts !== undefined && lexicon.searches <= FEW) return inOrder(texts, text, from, end)
    return occurs(search, { lexicon, values }, text, from, end) ?? slowly(middle, values, text, from, end)
  }
}

function plan(middle: readonly (readonly Token[])[], lexicon: Lexicon): Search {
  const steps: number[] = []
  let skip = 0
  let known = 0
  let required = 0
  for (const piece of middle) {
    const first = piece.findIndex((token) => token !== ANY_UNIT)
    if (first < 0) {
      skip += piece.length
      continue
    }
    const last = piece.findLastIndex((token) => token !== ANY_UNIT)
    steps.push(skip + first, lexicon.factor(piece.slice(first, last + 1)))
    skip = piece.length - 1 - last
    known += piece.filter((token) => token !== ANY_UNIT).length
    for (const token of piece) if (token >= 0 && token < VARIABLE) required |= 1 << token
  }
  // So many known tokens have fewer pairs than they are, and at most so many are variables.
  return { steps: Int32Array.from([...steps, skip]), factors: 2 * known, required }
}

function inOrder(pieces: readonly string[], text: string, from: number, end: number): boolean {
  let at = from
  for (const piece of pieces) {
    const found = text.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
    if (at > end) return false
  }
  return true
}

/** The same without bitmaps, for texts that are too long for them. */
function slowly(
  middle: readonly (readonly Token[])[],
  values: Values,
  text: string,
  from: number,
  end: number,
): boolean {
  let at = from
  for (const piece of middle) {
    const { length, find } = sought(piece, values)
    const found = find(text, at, end - length)
    if (found < 0) return false
    at = found + length
  }
  return true
}

function sought(piece: readonly Token[], values: Values): { readonly length: number; readonly find: UnitSearch } {
  const plain = plainText(piece, values)
  if (plain !== undefined) {
    const find: UnitSearch = (text, from, last) => {
      const found = text.indexOf(plain, from)
      return found > last ? -1 : found
    }
    return { length: plain.length, find }
  }
  const units = piece.flatMap((token) =>
    token < VARIABLE ? [token] : [...(values[token - VARIABLE] ?? '')].flatMap((unit) => unit.split('')).map(unitOf),
  )
  return { length: units.length, find: compileUnitSearch(units) }
}

function unitOf(text: string): number {
  return text.charCodeAt(0)
}
