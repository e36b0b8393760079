import { AMBIGUOUS, type ConditionKeys } from '../context.ts'
import { type Glob, parseGlob } from './glob.ts'
import { type Lexicon, NO_VALUES, type Values, type Variable } from './lexicon.ts'
import { BAD_POLICY, UNCLEAR } from './match.ts'

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
export function parseTemplate(text: string, { wildcards, variables }: TemplateSyntax): Glob {
  const parts: Glob[number][] = []
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

/** The condition keys, in lower case, that the variables of some texts stand for. */
export function variableKeys(texts: readonly string[]): readonly string[] {
  const parts = texts.flatMap((text) => (text.includes('${') ? parseTemplate(text, ALL_SYNTAX) : []))
  return [...new Set(parts.flatMap((part) => (typeof part === 'object' ? [part.key] : [])))]
}

const ALL_SYNTAX: TemplateSyntax = { wildcards: false, variables: true }

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

interface Resolution {
  readonly lexicon: Lexicon
  readonly keys: ConditionKeys
  readonly values: Values
}

// Of the last request and policy: a policy asks for the same few variables again and again.
let last: Resolution | undefined

/**
 * What variables of a policy stand for; `BAD_POLICY` or `UNCLEAR` where one has no single value.
 *
 * INVARIANT: what a variable stands for is never a wildcard: it becomes part of no pattern, only of what is compared.
 */
export function resolve(
  lexicon: Lexicon,
  variables: readonly number[],
  keys: ConditionKeys,
): Values | typeof BAD_POLICY | typeof UNCLEAR {
  if (variables.length === 0) return NO_VALUES
  if (last?.lexicon !== lexicon || last.keys !== keys) last = { lexicon, keys, values: [] }
  const { values } = last
  for (const number of variables) {
    let value = values[number]
    if (value === undefined) {
      value = valueOf(lexicon.variables[number], keys)
      values[number] = value
    }
    if (value === null) return failure(lexicon, variables, keys)
  }
  return values
}

function failure({ variables }: Lexicon, numbers: readonly number[], keys: ConditionKeys) {
  const isUnclear = numbers.some((number) => keys.get(variables[number]?.key ?? '') === AMBIGUOUS)
  return isUnclear ? UNCLEAR : BAD_POLICY
}

function valueOf(variable: Variable | undefined, keys: ConditionKeys): string | null {
  if (variable === undefined) return null
  const value = keys.get(variable.key)
  const single = typeof value === 'string' ? value : isAbsent(value) ? variable.fallback : undefined
  if (single === undefined) return null
  return variable.fold === undefined ? single : variable.fold(single)
}

function isAbsent(value: readonly string[] | undefined): boolean {
  return value === undefined || value.length === 0
}
