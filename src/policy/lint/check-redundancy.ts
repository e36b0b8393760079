import { type Budget, budgetOf } from '../compare/budget.ts'
import { isArnWithin, isWithin } from '../compare/pattern-sets.ts'
import type { Notebook } from './notebook.ts'
import type { Element, LintedStatement, Value } from './statement.ts'

/** So much is done to find what is superfluous, some milliseconds: suggestions are worth no more. */
const STEPS = 100_000

/** What could be left out, and the policy would say the same. */
export function checkRedundancy(book: Notebook, statements: readonly LintedStatement[]): void {
  const budget = budgetOf(STEPS)
  for (const { action, resource } of statements) {
    if (action !== undefined) noteActions(book, action, budget)
    if (resource !== undefined) noteResources(book, resource, budget)
  }
  noteStatements(book, statements)
}

/** The values that others have in them. Of two that are the same, the later one. */
function superfluous(
  { values }: Element,
  textOf: (value: Value) => string,
  isIn: (inner: string, outer: string, budget: Budget) => boolean,
  budget: Budget,
): readonly Value[] {
  const wild = values.filter(({ text }) => /[*?]/.test(text))
  const seen = new Set<string>()
  return values.filter((value) => {
    const text = textOf(value)
    const isRepeated = seen.has(text)
    seen.add(text)
    if (isRepeated || budget.isSpent) return isRepeated
    return wild.some((other) => budget.take(1) && textOf(other) !== text && isIn(text, textOf(other), budget))
  })
}

function lowerCase({ text }: Value): string {
  return text.toLowerCase()
}

function noteActions(book: Notebook, action: Element, budget: Budget): void {
  const found = superfluous(action, lowerCase, isWithin, budget)
  const [first] = found
  if (first === undefined) return
  const sentence =
    `The ${found.length} action(s) are redundant because they provide similar permissions. Update the policy to ` +
    `remove the redundant action such as: ${first.text}.`
  book.note('REDUNDANT_ACTION', sentence, ...found)
}

function noteResources(book: Notebook, resource: Element, budget: Budget): void {
  const found = superfluous(resource, ({ text }) => text, isArnWithin, budget)
  if (found.length === 0) return
  const sentence =
    `The ${found.length} resource ARN(s) are redundant because they reference the same resource. ` +
    'Review the use of wildcards (*)'
  book.note('REDUNDANT_RESOURCE', sentence, ...found)
}

function noteStatements(book: Notebook, statements: readonly LintedStatement[]): void {
  const seen = new Map<string, LintedStatement>()
  for (const statement of statements) {
    // What stands in a statement, but for its name and white space.
    const text = statement.members
      .filter(({ name }) => name !== 'Sid')
      .map(({ name, value }) => `${name} ${JSON.stringify(JSON.parse(book.text.slice(value.at, value.end)))}`)
      .toSorted()
      .join('\n')
    const first = seen.get(text)
    if (first === undefined) {
      seen.set(text, statement)
      continue
    }
    const sentence =
      'The statements are redundant because they provide identical permissions. Update the policy to remove the ' +
      'redundant statement.'
    book.note('REDUNDANT_STATEMENT', sentence, statement, first)
  }
}
