import { compileUnitSearch, type UnitSearch } from './find-units.ts'
import { ANY_UNIT, type Lexicon, type Token, type Values, VARIABLE, type Variable } from './lexicon.ts'
import { type Anchored, occurs, type Search, standsAt } from './occurrences.ts'

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

/** So many patterns of a policy are matched without ado: to read the text first costs more. */
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
  const plain = compilePlain(glob)
  if (plain !== undefined) return { variables: [], matches: plain }
  const [first = [], ...others] = pieces(glob, lexicon)
  const variables = [first, ...others].flatMap(variablesOf)
  const head = compilePlace(first, lexicon)
  const last = others.pop()
  if (last === undefined) {
    const matches: TextMatcher = (text, from, end, values) =>
      end - from === lengthOf(head, values) && isAt(head, text, from, values, lexicon)
    return { variables, matches }
  }
  const tail = compilePlace(last, lexicon)
  const middle = others.filter((piece) => piece.length > 0)
  const found = middle.length === 0 ? undefined : compileSearch(middle, lexicon)
  if (first.length === 0 && last.length === 0 && found !== undefined) return { variables, matches: found }
  const matches: TextMatcher = (text, from, end, values) => {
    const before = from + lengthOf(head, values)
    const after = end - lengthOf(tail, values)
    return (
      before <= after &&
      // Plain text comes first: it costs least to compare, and most texts fail there.
      (tail.plain === undefined || hasAt(text, tail.plain, after)) &&
      isAt(head, text, from, values, lexicon) &&
      (tail.plain !== undefined || isAt(tail, text, after, values, lexicon)) &&
      (found === undefined || found(text, before, after, values))
    )
  }
  return { variables, matches }
}

/**
 * Says whether a part of a text begins at a place that is not before the text. `startsWith` says the same, but compares
 * unit by unit, which takes several times as long where the part is an ARN.
 */
export function hasAt(text: string, part: string, at: number): boolean {
  return text.slice(at, at + part.length) === part
}

/** The matcher of what most patterns are: plain text, or plain text and a `*`. */
function compilePlain(glob: Glob): TextMatcher | undefined {
  const isOpen = glob.at(-1) === STAR
  const plain = textOf(isOpen ? glob.slice(0, -1) : glob)
  if (plain === undefined) return undefined
  const { length } = plain
  if (!isOpen) return (text, from, end) => end - from === length && hasAt(text, plain, from)
  return length === 0 ? () => true : (text, from, end) => end - from >= length && hasAt(text, plain, from)
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
  /** The whole piece, if it is plain text. */
  readonly plain: string | undefined
  /** But for the variables. */
  readonly length: number
  readonly variables: readonly number[]
  readonly piece: readonly Token[]
  /** Absent where there is nothing to compare, or it is plain text. */
  readonly anchored: Anchored | undefined
}

function compilePlace(piece: readonly Token[], lexicon: Lexicon): Place {
  const plain = plainText(piece, [])
  const variables = variablesOf(piece)
  const common = { plain, length: piece.length - variables.length, variables, piece }
  if (plain !== undefined || !piece.some(isKnown)) return { ...common, anchored: undefined }
  lexicon.searches += 1
  const [from, to] = lexicon.spell(piece)
  return { ...common, anchored: { required: requiredOf(piece), from, to } }
}

function lengthOf({ length, variables }: Place, values: Values): number {
  let sum = length
  for (let index = 0; index < variables.length; index++) sum += values[variables[index] ?? 0]?.length ?? 0
  return sum
}

function isAt(place: Place, text: string, at: number, values: Values, lexicon: Lexicon): boolean {
  const { plain, anchored } = place
  if (plain !== undefined) return plain === '' || hasAt(text, plain, at)
  if (anchored === undefined) return true
  if (lexicon.searches <= FEW) return isAtByUnits(place, text, at, values)
  return standsAt(anchored, lexicon, values, text, at) ?? isAtByUnits(place, text, at, values)
}

function isAtByUnits({ piece }: Place, text: string, from: number, values: Values): boolean {
  let at = from
  for (const token of piece) {
    const value = token < VARIABLE ? undefined : values[token - VARIABLE]
    if (typeof value === 'string' ? !hasAt(text, value, at) : token >= 0 && token !== text.charCodeAt(at)) return false
    at += value?.length ?? 1
  }
  return true
}

function variablesOf(piece: readonly Token[]): number[] {
  return piece.filter((token) => token >= VARIABLE).map((token) => token - VARIABLE)
}

function isKnown(token: Token): boolean {
  return token !== ANY_UNIT
}

/** A piece without the unknown units at its ends. */
function trimmed(piece: readonly Token[]): readonly Token[] {
  return piece.slice(piece.findIndex(isKnown), piece.findLastIndex(isKnown) + 1)
}

/** The units that a piece has, by their last five bits. */
function requiredOf(piece: readonly Token[]): number {
  let required = 0
  for (const token of piece) if (isKnown(token) && token < VARIABLE) required |= 1 << token
  return required
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
    return occurs(search, lexicon, values, text, from, end) ?? slowly(middle, values, text, from, end)
  }
}

function plan(middle: readonly (readonly Token[])[], lexicon: Lexicon): Search {
  const steps: number[] = []
  let skip = 0
  let required = 0
  for (const piece of middle) {
    const first = piece.findIndex(isKnown)
    if (first < 0) {
      skip += piece.length
      continue
    }
    const known = trimmed(piece)
    steps.push(skip + first, lexicon.factor(known))
    skip = piece.length - first - known.length
    required |= requiredOf(piece)
  }
  return { steps: Int32Array.from([...steps, skip]), required }
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
    const { length, find } = searchFor(piece, values)
    const found = find(text, at, end - length)
    if (found < 0) return false
    at = found + length
  }
  return true
}

function searchFor(piece: readonly Token[], values: Values): { readonly length: number; readonly find: UnitSearch } {
  const plain = plainText(piece, values)
  if (plain !== undefined) {
    const find: UnitSearch = (text, from, last) => {
      const found = text.indexOf(plain, from)
      return found > last ? -1 : found
    }
    return { length: plain.length, find }
  }
  const units = piece.flatMap((token) =>
    token < VARIABLE ? [token] : (values[token - VARIABLE] ?? '').split('').map(unitOf),
  )
  return { length: units.length, find: compileUnitSearch(units) }
}

function unitOf(text: string): number {
  return text.charCodeAt(0)
}
