import type { PolicyKind, Position } from './document.ts'

/** What is wrong with a document, for programs. */
export type PolicyErrorCode =
  | 'syntax'
  | 'version'
  | 'sid'
  | 'duplicate-sid'
  | 'action'
  | 'resource'
  | 'no-principal'
  | 'principal'
  | 'forbidden'
  | 'literal'
  | 'overly-permissive'

/** One thing that is wrong with a policy document. */
export interface PolicyError extends Position {
  readonly code: PolicyErrorCode
  /** AWS's own sentence where it is known. */
  readonly message: string
  /** The element, as `Statement[1].Condition.Bool`; empty for the document. */
  readonly path: string
  /** What is wrong in detail, and what may have been meant. */
  readonly hint?: string
}

/** What IAM says of all that is not in the grammar. What KMS says is not known; this is used for it too. */
export const SYNTAX = 'Syntax errors in policy.'

const ORGANIZATIONS = 'The provided policy document does not meet the requirements of the specified policy type.'

/** The sentence for an error in a kind of document: AWS Organizations has one for all. */
export function sentenceFor(kind: PolicyKind, sentence: string): string {
  return kind === 'scp' || kind === 'rcp' ? ORGANIZATIONS : sentence
}

/** Writes a path: names after dots, others quoted in brackets. */
export function formatPath(path: readonly (string | number)[]): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else if (/^\w+$/.test(step)) text += text === '' ? step : `.${step}`
    else text += `[${JSON.stringify(step)}]`
  }
  return text
}

/** The one of several names that a misspelt one is closest to, if it is close: up to two edits, and case. */
export function closest(name: string, names: readonly string[]): string | undefined {
  if (name.length > 64) return undefined
  const lower = name.toLowerCase()
  let best: string | undefined
  let least = 3
  for (const candidate of names) {
    const distance = edits(lower, candidate.toLowerCase())
    if (distance >= least) continue
    least = distance
    best = candidate
  }
  return best
}

/** How many insertions, deletions and substitutions turn one text into another (Levenshtein). */
function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
