import type { JsonNode } from '../parse/parse-json.ts'
import { checkKeyName } from './check-conditions.ts'
import type { IssueCode } from './issues.ts'
import type { Notebook } from './notebook.ts'
import type { LintedStatement, Value } from './statement.ts'

/** Policy variables: where they stand, and how they are written. */
export function checkVariables(book: Notebook, root: JsonNode, statements: readonly LintedStatement[]): void {
  const version = root.kind === 'object' ? root.members.find(({ name }) => name === 'Version')?.value : undefined
  const hasVariables = version?.kind === 'string' && version.value === '2012-10-17'
  for (const { action, principal, resource, clauses } of statements) {
    for (const value of [...(action?.values ?? []), ...(principal?.entries ?? [])]) noteMisplaced(book, value)
    const texts = clauses.filter(({ operator }) => operator?.family === 'string' || operator?.family === 'arn')
    for (const value of [...(resource?.values ?? []), ...texts.flatMap(({ values }) => values)]) {
      if (!value.text.includes('${')) continue
      if (hasVariables) checkText(book, value)
      else {
        const sentence = 'To include variables in your policy, use the policy version 2012-10-17 or later.'
        book.note('VARIABLE_UNSUPPORTED_IN_VERSION', sentence, value)
      }
    }
  }
}

function noteMisplaced(book: Notebook, value: Value): void {
  const [variable] = /\$\{[^}]*\}?/.exec(value.text) ?? []
  if (variable === undefined) return
  const sentence = `Policy variables are supported in the Resource and Condition elements. Remove the policy variable ${variable} from this element.`
  book.note('VARIABLE_UNSUPPORTED_IN_ELEMENT', sentence, value)
}

function checkText(book: Notebook, value: Value): void {
  const { text } = value
  for (let open = text.indexOf('${'); open >= 0; open = text.indexOf('${', open + 2)) {
    const close = text.indexOf('}', open)
    const note = (code: IssueCode, sentence: string) =>
      book.note(code, sentence, part(value, open, close < 0 ? text.length : close + 1))
    if (close < 0) {
      const sentence = 'The policy variable is missing a closing curly brace. Add } after the variable text.'
      note('MISSING_BRACE_IN_VARIABLE', sentence)
      return
    }
    const inner = text.slice(open + 2, close)
    if (inner === '*' || inner === '?' || inner === '$') continue
    const comma = inner.indexOf(',')
    const key = comma < 0 ? inner : inner.slice(0, comma)
    const fallback = comma < 0 ? undefined : inner.slice(comma + 1).trim()
    if (key.trim() === '') {
      const sentence =
        'Empty policy variable. Remove the ${ } variable structure or provide a variable within the structure.'
      note('EMPTY_VARIABLE', sentence)
    } else if (/\s/.test(key)) {
      note(
        'UNSUPPORTED_SPACE_IN_VARIABLE',
        'A space is not supported within the policy variable text. Remove the space.',
      )
    } else checkKeyName(book, key, part(value, open, close + 1))
    if (fallback !== undefined && !/^'[^']*'$/.test(fallback)) {
      const sentence =
        'The policy variable default value must begin and end with a single quote. Add the missing quote.'
      note('MISSING_QUOTE_IN_VARIABLE', sentence)
    }
  }
}

/** A part of a string. Where the string has escapes, its places in the text are those of the whole. */
function part(value: Value, from: number, to: number): Value {
  const { path, at, end, text } = value
  const start = at + 1
  const isPlain = end - at === text.length + 2
  const place = isPlain ? { at: start + from, end: start + to } : { at, end }
  return { ...place, text: text.slice(from, to), path: [...path, { substring: { start: from, length: to - from } }] }
}
