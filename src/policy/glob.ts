import { ANY_UNIT, compileUnitSearch, type UnitSearch } from './find-units.ts'

/** Tells whether a text matches. */
export type TextMatcher = (text: string) => boolean

/** `*`: any number of UTF-16 units. */
export const STAR = Symbol('*')

/** `?`: exactly one UTF-16 unit. */
export const ANY = Symbol('?')

/** A part of a pattern: literal text or a wildcard. */
export type GlobPart = string | typeof STAR | typeof ANY

/**
 * A pattern.
 *
 * Not a string, so that text which was substituted for a variable can hold an asterisk without becoming one.
 */
export type Glob = readonly GlobPart[]

/** What stands between two `*`. */
interface Segment {
  readonly length: number
  /** Absent where the segment has a `?`. */
  readonly text?: string
  /** UTF-16 units, `ANY_UNIT` for a `?`; only where there is one. */
  readonly units?: readonly number[]
}

/** A segment that is searched for, as it stands at neither end. */
interface Sought {
  readonly length: number
  readonly find: UnitSearch
}

/** Reads `*` and `?` as wildcards, all else as itself. */
export function parseGlob(pattern: string): Glob {
  return pattern
    .split(/([*?])/)
    .filter((part) => part !== '')
    .map((part) => (part === '*' ? STAR : part === '?' ? ANY : part))
}

/** The text of a pattern without wildcards; `undefined` if it has some. */
export function textOf(glob: Glob): string | undefined {
  let text = ''
  for (const part of glob) {
    if (typeof part !== 'string') return undefined
    text += part
  }
  return text
}

/**
 * Compiles a pattern to the cheapest matcher for its form.
 *
 * No regular expression and no backtracking over more than one `*`: each segment between two `*` is searched once,
 * from left to right, at a cost that does not grow with the product of the lengths.
 */
export function compileGlob(glob: Glob): TextMatcher {
  const { head, middle, tail } = split(glob)
  if (tail === undefined) {
    const literal = head.text
    if (literal !== undefined) return (text) => text === literal
    return (text) => text.length === head.length && matchesAt(head, text, 0)
  }
  const prefix = head.text
  if (middle.length === 0 && tail.length === 0 && prefix !== undefined) {
    return prefix === '' ? () => true : (text) => text.startsWith(prefix)
  }
  const least = middle.reduce((sum, part) => sum + part.length, head.length + tail.length)
  return (text) => {
    const end = text.length - tail.length
    if (text.length < least || !matchesAt(head, text, 0) || !matchesAt(tail, text, end)) return false
    let at = head.length
    for (const { length, find } of middle) {
      const found = find(text, at, end - length)
      if (found < 0) return false
      at = found + length
    }
    return true
  }
}

interface Segments {
  readonly head: Segment
  /** Without empty ones: two `*` beside each other are one. */
  readonly middle: readonly Sought[]
  /** Absent where there is no `*`. */
  readonly tail: Segment | undefined
}

function split(glob: Glob): Segments {
  const segments: Segment[] = []
  let from = 0
  for (let at = glob.indexOf(STAR); at >= 0; at = glob.indexOf(STAR, from)) {
    segments.push(segment(glob.slice(from, at)))
    from = at + 1
  }
  const last = segment(glob.slice(from))
  const [head, ...middle] = segments
  if (head === undefined) return { head: last, middle: [], tail: undefined }
  return { head, middle: middle.filter(({ length }) => length > 0).map(sought), tail: last }
}

function segment(parts: Glob): Segment {
  const text = textOf(parts)
  if (text !== undefined) return { length: text.length, text }
  const units: number[] = []
  for (const part of parts) {
    if (typeof part !== 'string') units.push(ANY_UNIT)
    else for (let i = 0; i < part.length; i++) units.push(part.charCodeAt(i))
  }
  return { length: units.length, units }
}

function matchesAt({ text: literal, units = [] }: Segment, text: string, at: number): boolean {
  if (literal !== undefined) return text.startsWith(literal, at)
  for (let i = 0; i < units.length; i++) {
    const unit = units[i]
    if (unit !== ANY_UNIT && unit !== text.charCodeAt(at + i)) return false
  }
  return true
}

function sought({ length, text: literal, units = [] }: Segment): Sought {
  if (literal === undefined) return { length, find: compileUnitSearch(units) }
  const find: UnitSearch = (text, from, last) => {
    const found = text.indexOf(literal, from)
    return found > last ? -1 : found
  }
  return { length, find }
}
