import { compileGlob, type Glob } from '../patterns/glob.ts'
import { type Lexicon, NO_VALUES } from '../patterns/lexicon.ts'
import { anyOf, type Matcher, NO, YES } from '../patterns/match.ts'
import { parseTemplate, resolve } from '../patterns/variables.ts'
import type { Operator } from './operator.ts'

/**
 * `StringEquals`, `StringEqualsIgnoreCase`, `StringLike`.
 *
 * `IgnoreCase` compares in lower case, which is not quite Unicode case folding; `?` is one UTF-16 unit; wildcards
 * span `:`, `/` and newlines.
 */
export function compileString(
  values: readonly string[],
  operator: Operator,
  variables: boolean,
  lexicon: Lexicon,
): Matcher {
  const fold = operator.comparison === 'equals-ignore-case' ? lower : undefined
  const wildcards = operator.comparison === 'like'
  const literals = new Set<string>()
  const matchers: Matcher[] = []
  for (const value of new Set(values)) {
    const plain = !(variables && value.includes('${')) && !(wildcards && /[*?]/.test(value))
    if (plain) literals.add(fold === undefined ? value : fold(value))
    else matchers.push(pattern(parseTemplate(value, { wildcards, variables }), fold, lexicon))
  }
  const [only] = literals
  const literal: Matcher =
    literals.size === 1 ? (value) => (value === only ? YES : NO) : (value) => (literals.has(value) ? YES : NO)
  const match = anyOf(literals.size > 0 ? [literal, ...matchers] : matchers)
  return fold === undefined ? match : (value, keys) => match(fold(value), keys)
}

function pattern(glob: Glob, fold: ((text: string) => string) | undefined, lexicon: Lexicon): Matcher {
  const folded = fold === undefined ? glob : glob.map((part) => foldPart(part, fold))
  const { variables, matches } = compileGlob(folded, lexicon)
  if (variables.length === 0) return (text) => (matches(text, 0, text.length, NO_VALUES) ? YES : NO)
  return (text, keys) => {
    const values = resolve(lexicon, variables, keys)
    if (typeof values === 'number') return values
    return matches(text, 0, text.length, values) ? YES : NO
  }
}

function foldPart(part: Glob[number], fold: (text: string) => string): Glob[number] {
  if (typeof part === 'string') return fold(part)
  return typeof part === 'object' ? { ...part, fold } : part
}

/** Lower case that does not depend on what stands around: a sigma at the end of a word is a sigma. */
function lower(text: string): string {
  return text.toLowerCase().replaceAll('ς', 'σ')
}
