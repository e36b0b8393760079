/** Tells whether a text matches. */
export type TextMatcher = (text: string) => boolean

/** `*`: any number of UTF-16 units. */
export const STAR = -1

/** `?`: exactly one UTF-16 unit. */
export const ANY = -2

/**
 * A pattern: UTF-16 units, `STAR` and `ANY`.
 *
 * Not a string, so that text which was substituted for a variable can hold an asterisk without becoming one.
 */
export type Glob = readonly number[]

/** A part of a pattern without a `*`. `text` is absent where the part has a `?`. */
interface Segment {
  readonly codes: Glob
  readonly text?: string
}

/** Reads `*` and `?` as wildcards, all else as itself. */
export function parseGlob(pattern: string): Glob {
  const codes: number[] = []
  for (let i = 0; i < pattern.length; i++) {
    const code = pattern.charCodeAt(i)
    codes.push(code === 0x2a ? STAR : code === 0x3f ? ANY : code)
  }
  return codes
}

/**
 * Compiles a pattern to the cheapest matcher for its form.
 *
 * No regular expression and no backtracking over more than one `*`: each part between two `*` is searched once,
 * from left to right. A part with a `?` costs at most its length times the text's, every other part is a search
 * for a substring.
 */
export function compileGlob(glob: Glob): TextMatcher {
  const segments = split(glob)
  const head = segments[0] ?? segment([])
  const tail = segments.at(-1) ?? head
  if (segments.length === 1) {
    const literal = head.text
    if (literal !== undefined) return (text) => text === literal
    return (text) => text.length === head.codes.length && matchesAt(head, text, 0)
  }
  const middle = segments.slice(1, -1).filter((part) => part.codes.length > 0)
  const prefix = head.text
  if (middle.length === 0 && tail.codes.length === 0 && prefix !== undefined) {
    return prefix === '' ? () => true : (text) => text.startsWith(prefix)
  }
  const least = segments.reduce((sum, part) => sum + part.codes.length, 0)
  return (text) => {
    const end = text.length - tail.codes.length
    if (text.length < least || !matchesAt(head, text, 0) || !matchesAt(tail, text, end)) return false
    let at = head.codes.length
    for (const part of middle) {
      const found = find(part, text, at, end)
      if (found < 0) return false
      at = found + part.codes.length
    }
    return true
  }
}

/** The text of a pattern without wildcards. */
export function textOf(codes: Glob): string {
  let text = ''
  for (const code of codes) text += String.fromCharCode(code)
  return text
}

function split(glob: Glob): Segment[] {
  const segments: Segment[] = []
  let codes: number[] = []
  for (const code of glob) {
    if (code !== STAR) {
      codes.push(code)
      continue
    }
    segments.push(segment(codes))
    codes = []
  }
  return [...segments, segment(codes)]
}

function segment(codes: Glob): Segment {
  return codes.includes(ANY) ? { codes } : { codes, text: textOf(codes) }
}

function matchesAt(part: Segment, text: string, at: number): boolean {
  if (part.text !== undefined) return text.startsWith(part.text, at)
  for (let i = 0; i < part.codes.length; i++) {
    const code = part.codes[i]
    if (code !== ANY && code !== text.charCodeAt(at + i)) return false
  }
  return true
}

function find(part: Segment, text: string, from: number, end: number): number {
  const last = end - part.codes.length
  if (part.text !== undefined) {
    const found = text.indexOf(part.text, from)
    return found > last ? -1 : found
  }
  for (let at = from; at <= last; at++) if (matchesAt(part, text, at)) return at
  return -1
}
