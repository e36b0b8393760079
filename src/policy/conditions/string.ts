import { compileGlob, textOf } from '../glob.ts'
import { anyOf, BAD_POLICY, type Matcher, NO, YES } from '../match.ts'
import { fixed, parseTemplate, substitute } from '../variables.ts'
import type { Operator } from './operator.ts'

/**
 * `StringEquals`, `StringEqualsIgnoreCase`, `StringLike`.
 *
 * `IgnoreCase` compares in lower case, which is not Unicode case folding; `?` is one UTF-16 unit; wildcards span
 * `:`, `/` and newlines.
 */
export function compileString(values: readonly string[], operator: Operator, variables: boolean): Matcher {
  const lower = operator.comparison === 'equals-ignore-case'
  const wildcards = operator.comparison === 'like'
  const literals = new Set<string>()
  const matchers: Matcher[] = []
  for (const value of values) {
    const plain = !(variables && value.includes('${')) && !(wildcards && /[*?]/.test(value))
    if (plain) literals.add(lower ? value.toLowerCase() : value)
    else matchers.push(template(value, wildcards, variables, lower))
  }
  const [only] = literals
  const literal: Matcher =
    literals.size === 1 ? (value) => (value === only ? YES : NO) : (value) => (literals.has(value) ? YES : NO)
  const match = anyOf(literals.size > 0 ? [literal, ...matchers] : matchers)
  return lower ? (value, keys) => match(value.toLowerCase(), keys) : match
}

function template(value: string, wildcards: boolean, variables: boolean, lower: boolean): Matcher {
  const parsed = parseTemplate(value, { wildcards, variables })
  const glob = fixed(parsed)
  if (glob !== undefined && !lower) {
    const match = compileGlob(glob)
    return (text) => (match(text) ? YES : NO)
  }
  return (text, keys) => {
    const now = substitute(parsed, keys)
    if (now === undefined) return BAD_POLICY
    if (lower) return text === textOf(now)?.toLowerCase() ? YES : NO
    return compileGlob(now)(text) ? YES : NO
  }
}
