import { compileGlob } from '../glob.ts'
import type { Lexicon } from '../lexicon.ts'
import { anyOf, BAD_POLICY, type Matcher, NO, YES } from '../match.ts'
import { parseTemplate, resolve, type TemplateSyntax } from '../variables.ts'
import type { Operator } from './operator.ts'

/**
 * `StringEquals`, `StringEqualsIgnoreCase`, `StringLike`.
 *
 * `IgnoreCase` compares in lower case, which is not Unicode case folding; `?` is one UTF-16 unit; wildcards span
 * `:`, `/` and newlines.
 */
export function compileString(
  values: readonly string[],
  operator: Operator,
  variables: boolean,
  lexicon: Lexicon,
): Matcher {
  const lower = operator.comparison === 'equals-ignore-case'
  const wildcards = operator.comparison === 'like'
  const literals = new Set<string>()
  const matchers: Matcher[] = []
  for (const value of new Set(values)) {
    const plain = !(variables && value.includes('${')) && !(wildcards && /[*?]/.test(value))
    if (plain) literals.add(lower ? value.toLowerCase() : value)
    else matchers.push(lower ? ignoringCase(value, lexicon) : pattern(value, { wildcards, variables }, lexicon))
  }
  const [only] = literals
  const literal: Matcher =
    literals.size === 1 ? (value) => (value === only ? YES : NO) : (value) => (literals.has(value) ? YES : NO)
  const match = anyOf(literals.size > 0 ? [literal, ...matchers] : matchers)
  return lower ? (value, keys) => match(value.toLowerCase(), keys) : match
}

function pattern(value: string, syntax: TemplateSyntax, lexicon: Lexicon): Matcher {
  const { variables, matches } = compileGlob(parseTemplate(value, syntax), lexicon)
  return (text, keys) => {
    const values = resolve(lexicon, variables, keys)
    if (values === undefined) return BAD_POLICY
    return matches(text, 0, text.length, values) ? YES : NO
  }
}

/** A text with variables, which is compared in lower case when they have their values. */
function ignoringCase(value: string, lexicon: Lexicon): Matcher {
  const parts = parseTemplate(value, { wildcards: false, variables: true }).map((part) =>
    typeof part === 'object' ? lexicon.variable(part) : part,
  )
  const variables = parts.filter((part) => typeof part === 'number')
  return (text, keys) => {
    const values = resolve(lexicon, variables, keys)
    if (values === undefined) return BAD_POLICY
    const now = parts.map((part) => (typeof part === 'number' ? values[part] : part)).join('')
    return text === now.toLowerCase() ? YES : NO
  }
}
