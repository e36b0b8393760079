/**
 * `npm run vocabulary:console`: writes what the console completes in key policies, from the vocabulary of the server.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { allActions, conditionKeyNames } from '../src/policy/vocabulary/vocabulary.ts'

/** The actions that can be asked of a key, and the condition keys that requests for them can have. */
export function consoleVocabulary() {
  const onKeys = allActions().filter(({ action, on }) => action.startsWith('kms:') && on.includes('key'))
  const known = [...conditionKeyNames()].filter((name) => /^(?:aws|kms):/.test(name))
  return {
    actions: onKeys.map(({ action }) => action).toSorted(),
    // A name that a request gives is typed behind the colon.
    conditionKeys: [...new Set(known.map((name) => name.replace(/\*$/, '')))].toSorted(),
  }
}

if (import.meta.main) {
  const place = join(import.meta.dirname, '..', 'console', 'src', 'parts', 'policy', 'vocabulary.json')
  writeFileSync(place, `${JSON.stringify(consoleVocabulary(), null, 2)}\n`)
}
