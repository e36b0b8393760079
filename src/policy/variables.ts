import type { ConditionKeys } from './context.ts'
import { ANY, type Glob, STAR } from './glob.ts'

interface Variable {
  /** Lower-case. */
  readonly key: string
  readonly fallback: Glob | undefined
}

/** A pattern in which variables stand for values of the request. */
export type Template = readonly (number | Variable)[]

/** What has a meaning in a template. */
export interface TemplateSyntax {
  /** Whether `*` and `?` are wildcards. */
  readonly wildcards: boolean
  /** Whether `${...}` is a variable: only in documents of version 2012-10-17. */
  readonly variables: boolean
}

/**
 * Reads a pattern with policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, and the escapes
 * `${*}`, `${?}`, `${$}` (IAM user guide, "Policy variables").
 *
 * A `${` that is never closed is itself.
 */
export function parseTemplate(text: string, syntax: TemplateSyntax): Template {
  const parts: (number | Variable)[] = []
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const close = syntax.variables && code === 0x24 && text.charCodeAt(i + 1) === 0x7b ? closing(text, i + 2) : -1
    if (close < 0) {
      parts.push(syntax.wildcards && code === 0x2a ? STAR : syntax.wildcards && code === 0x3f ? ANY : code)
      continue
    }
    parts.push(variable(text.slice(i + 2, close)))
    i = close
  }
  return parts
}

/** Where a variable ends. A brace inside the quotes of a default does not close it. */
function closing(text: string, from: number): number {
  let quoted = false
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x27) quoted = !quoted
    else if (code === 0x7d && !quoted) return i
  }
  return text.indexOf('}', from)
}

function variable(text: string): number | Variable {
  if (text === '*' || text === '?' || text === '$') return text.charCodeAt(0)
  const comma = text.indexOf(',')
  if (comma < 0) return { key: text.trim().toLowerCase(), fallback: undefined }
  const quoted = text.slice(comma + 1).trim()
  const closed = quoted.length >= 2 && quoted.startsWith("'") && quoted.endsWith("'")
  return { key: text.slice(0, comma).trim().toLowerCase(), fallback: closed ? units(quoted.slice(1, -1)) : undefined }
}

/** The text as a pattern that matches only itself. */
function units(text: string): Glob {
  const codes: number[] = []
  for (let i = 0; i < text.length; i++) codes.push(text.charCodeAt(i))
  return codes
}

/** The template as a pattern, if it has no variables. */
export function fixed(template: Template): Glob | undefined {
  const codes: number[] = []
  for (const part of template) {
    if (typeof part !== 'number') return undefined
    codes.push(part)
  }
  return codes
}

/**
 * Puts the request's values in place of the variables; `undefined` where one has no single value.
 *
 * INVARIANT: what is substituted is never a wildcard.
 */
export function substitute(template: Template, keys: ConditionKeys): Glob | undefined {
  const codes: number[] = []
  for (const part of template) {
    if (typeof part === 'number') {
      codes.push(part)
      continue
    }
    const value = keys.get(part.key)
    const absent = value === undefined || (typeof value !== 'string' && value.length === 0)
    const text = typeof value === 'string' ? units(value) : absent ? part.fallback : undefined
    if (text === undefined) return undefined
    for (const code of text) codes.push(code)
  }
  return codes
}
