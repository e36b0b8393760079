import type { ConditionKeys } from './context.ts'
import { type Glob, type GlobPart, parseGlob } from './glob.ts'

interface Variable {
  /** Lower-case. */
  readonly key: string
  readonly fallback: string | undefined
}

/** A pattern in which variables stand for values of the request. */
export type Template = readonly (GlobPart | Variable)[]

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
export function parseTemplate(text: string, { wildcards, variables }: TemplateSyntax): Template {
  const parts: (GlobPart | Variable)[] = []
  const literal = (from: number, to: number) => {
    if (from < to) parts.push(...(wildcards ? parseGlob(text.slice(from, to)) : [text.slice(from, to)]))
  }
  let from = 0
  for (let open = variables ? text.indexOf('${') : -1; open >= 0; open = text.indexOf('${', from)) {
    const close = closing(text, open + 2)
    if (close < 0) break
    literal(from, open)
    parts.push(variable(text.slice(open + 2, close)))
    from = close + 1
  }
  literal(from, text.length)
  return parts
}

/** Where a variable ends. A brace inside the quotes of a default does not close it. */
function closing(text: string, from: number): number {
  const brace = text.indexOf('}', from)
  const quote = text.indexOf("'", from)
  if (quote < 0 || quote > brace) return brace
  const unquoted = text.indexOf("'", quote + 1)
  return unquoted < 0 ? brace : text.indexOf('}', unquoted)
}

function variable(text: string): string | Variable {
  if (text === '*' || text === '?' || text === '$') return text
  const comma = text.indexOf(',')
  if (comma < 0) return { key: text.trim().toLowerCase(), fallback: undefined }
  const quoted = text.slice(comma + 1).trim()
  const closed = quoted.length >= 2 && quoted.startsWith("'") && quoted.endsWith("'")
  return { key: text.slice(0, comma).trim().toLowerCase(), fallback: closed ? quoted.slice(1, -1) : undefined }
}

/** The template as a pattern, if it has no variables. */
export function fixed(template: Template): Glob | undefined {
  return template.every((part) => typeof part !== 'object') ? template : undefined
}

/**
 * Puts the request's values in place of the variables; `undefined` where one has no single value.
 *
 * INVARIANT: what is substituted is never a wildcard.
 */
export function substitute(template: Template, keys: ConditionKeys): Glob | undefined {
  const parts: GlobPart[] = []
  for (const part of template) {
    const text = typeof part === 'object' ? resolve(part, keys) : part
    if (text === undefined) return undefined
    parts.push(text)
  }
  return parts
}

function resolve({ key, fallback }: Variable, keys: ConditionKeys): string | undefined {
  const value = keys.get(key)
  if (value === undefined || typeof value === 'string') return value ?? fallback
  return value.length === 0 ? fallback : undefined
}
