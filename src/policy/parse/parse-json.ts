/** Nesting that no policy needs: deeper documents are refused before they can exhaust the stack. */
const MAX_DEPTH = 16

interface Placed {
  /** Offset of the first character, in UTF-16 units. */
  readonly at: number
  /** Offset behind the last one. */
  readonly end: number
}

/** One name and its value in an object. The place is that of the name. */
export interface JsonMember extends Placed {
  readonly name: string
  readonly value: JsonNode
}

/** A JSON value that remembers where it stood. Numbers keep their text: a policy compares them as written. */
export type JsonNode = Placed &
  (
    | { readonly kind: 'object'; readonly members: readonly JsonMember[] }
    | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
    | { readonly kind: 'string'; readonly value: string }
    | { readonly kind: 'number'; readonly text: string }
    | { readonly kind: 'boolean'; readonly value: boolean }
    | { readonly kind: 'null' }
  )

/** Why a text is not JSON, and where: enough for a caller that knows what was meant to give a hint. */
export interface JsonProblem extends Pick<Placed, 'at'> {
  readonly cause: 'missing-colon' | 'stray-colon' | 'trailing-comma' | 'duplicate' | 'depth' | 'other'
  readonly message: string
  readonly path: readonly (string | number)[]
}

/** The outcome of `parseJson`. */
export type JsonResult =
  | { readonly ok: true; readonly root: JsonNode }
  | { readonly ok: false; readonly problem: JsonProblem }

interface Cursor {
  readonly text: string
  at: number
  readonly path: (string | number)[]
}

class Unreadable extends Error {
  readonly problem: JsonProblem
  constructor(problem: JsonProblem) {
    super(problem.message)
    this.problem = problem
  }
}

/**
 * Parses JSON strictly (RFC 8259), keeping positions.
 *
 * Stricter than `JSON.parse` in two ways that matter for security: a name given twice in an object is refused
 * (two readers could each believe another one), and nesting is limited. The caller limits the length.
 */
export function parseJson(text: string): JsonResult {
  const cursor: Cursor = { text, at: 0, path: [] }
  try {
    const root = value(cursor, 0)
    space(cursor)
    if (cursor.at < text.length) fail(cursor, 'other', 'Unexpected text after the document')
    return { ok: true, root }
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, problem: error.problem }
    throw error
  }
}

function fail(cursor: Cursor, cause: JsonProblem['cause'], message: string, at = cursor.at): never {
  throw new Unreadable({ cause, message, at, path: [...cursor.path] })
}

function space(cursor: Cursor): void {
  for (;;) {
    const code = cursor.text.charCodeAt(cursor.at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
    cursor.at++
  }
}

function value(cursor: Cursor, depth: number): JsonNode {
  space(cursor)
  const at = cursor.at
  const char = cursor.text.charAt(at)
  if (char === '{' || char === '[') {
    if (depth >= MAX_DEPTH) fail(cursor, 'depth', `Nested deeper than ${MAX_DEPTH} levels`)
    return char === '{' ? object(cursor, depth + 1) : array(cursor, depth + 1)
  }
  if (char === '"') return { kind: 'string', at, value: string(cursor), end: cursor.at }
  if (word(cursor, 'true')) return { kind: 'boolean', at, value: true, end: cursor.at }
  if (word(cursor, 'false')) return { kind: 'boolean', at, value: false, end: cursor.at }
  if (word(cursor, 'null')) return { kind: 'null', at, end: cursor.at }
  return { kind: 'number', at, text: number(cursor), end: cursor.at }
}

function word(cursor: Cursor, text: string): boolean {
  if (!cursor.text.startsWith(text, cursor.at)) return false
  cursor.at += text.length
  return true
}

function object(cursor: Cursor, depth: number): JsonNode {
  const at = cursor.at++
  const members: JsonMember[] = []
  const names = new Set<string>()
  space(cursor)
  if (word(cursor, '}')) return { kind: 'object', at, members, end: cursor.at }
  for (;;) {
    space(cursor)
    const nameAt = cursor.at
    if (cursor.text.charAt(nameAt) !== '"') {
      const trailing = members.length > 0 && cursor.text.charAt(nameAt) === '}'
      fail(cursor, trailing ? 'trailing-comma' : 'other', trailing ? 'Comma before a "}"' : 'Expected a name in quotes')
    }
    const name = string(cursor)
    const nameEnd = cursor.at
    if (names.has(name)) fail(cursor, 'duplicate', `"${name}" is given twice in one object`, nameAt)
    names.add(name)
    space(cursor)
    if (!word(cursor, ':')) fail(cursor, 'missing-colon', 'Expected a ":" after a name', nameAt)
    cursor.path.push(name)
    members.push({ name, at: nameAt, end: nameEnd, value: value(cursor, depth) })
    space(cursor)
    if (cursor.text.charAt(cursor.at) === ':') fail(cursor, 'stray-colon', 'Unexpected ":" after a value')
    cursor.path.pop()
    if (word(cursor, '}')) return { kind: 'object', at, members, end: cursor.at }
    if (!word(cursor, ',')) fail(cursor, 'other', 'Expected a "," or a "}"')
  }
}

function array(cursor: Cursor, depth: number): JsonNode {
  const at = cursor.at++
  const items: JsonNode[] = []
  space(cursor)
  if (word(cursor, ']')) return { kind: 'array', at, items, end: cursor.at }
  for (;;) {
    cursor.path.push(items.length)
    space(cursor)
    if (items.length > 0 && cursor.text.charAt(cursor.at) === ']') fail(cursor, 'trailing-comma', 'Comma before a "]"')
    items.push(value(cursor, depth))
    cursor.path.pop()
    space(cursor)
    if (word(cursor, ']')) return { kind: 'array', at, items, end: cursor.at }
    if (!word(cursor, ',')) fail(cursor, 'other', 'Expected a "," or a "]"')
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

function string(cursor: Cursor): string {
  const { text } = cursor
  const at = cursor.at++
  let from = cursor.at
  let result = ''
  for (;;) {
    const code = text.charCodeAt(cursor.at)
    if (Number.isNaN(code)) fail(cursor, 'other', 'A string is not closed', at)
    if (code < 0x20) fail(cursor, 'other', 'A control character in a string')
    if (code === 0x22) break
    if (code !== 0x5c) {
      cursor.at++
      continue
    }
    result += text.slice(from, cursor.at) + escape(cursor)
    from = cursor.at
  }
  return result + text.slice(from, cursor.at++)
}

function escape(cursor: Cursor): string {
  const char = cursor.text.charAt(cursor.at + 1)
  const plain = Object.hasOwn(ESCAPES, char) ? ESCAPES[char] : undefined
  if (plain !== undefined) {
    cursor.at += 2
    return plain
  }
  const digits = cursor.text.slice(cursor.at + 2, cursor.at + 6)
  if (char !== 'u' || !/^[0-9a-fA-F]{4}$/.test(digits)) fail(cursor, 'other', 'An unknown escape in a string')
  cursor.at += 6
  return String.fromCharCode(Number.parseInt(digits, 16))
}

function number(cursor: Cursor): string {
  const pattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
  pattern.lastIndex = cursor.at
  const found = pattern.exec(cursor.text)
  if (found === null) fail(cursor, 'other', 'Expected a value')
  cursor.at += found[0].length
  return found[0]
}
