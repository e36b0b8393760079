import type { Notebook } from './notebook.ts'
import type { LintedStatement } from './statement.ts'

/** The names of statements. */
export function checkSids(book: Notebook, statements: readonly LintedStatement[]): void {
  const seen = new Set<string>()
  for (const { sid } of statements) {
    if (sid === undefined) continue
    if (sid.text === '') {
      book.note('EMPTY_SID_VALUE', 'Add a value to the empty string in the Sid element.', sid)
      continue
    }
    if (book.rules.strictSid && !/^[A-Za-z0-9]*$/.test(sid.text)) {
      const types = '[a-z, A-Z, 0-9]'
      const sentence = `Update the characters in the Sid element to use one of the following character types: ${types}`
      book.note('UNSUPPORTED_SID', sentence, sid)
    }
    if (seen.has(sid.text)) {
      if (book.rules.strictSid) {
        const sentence = 'Duplicate statement IDs are not supported for this policy type. Update the Sid value.'
        book.note('UNIQUE_SIDS_REQUIRED', sentence, sid)
      } else {
        const sentence = 'We recommend that you use statement IDs that are unique to your policy. Update the Sid value.'
        book.note('UNIQUE_SIDS_RECOMMENDED', sentence, sid)
      }
    }
    seen.add(sid.text)
  }
}
