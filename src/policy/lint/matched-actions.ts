import { compileGlob, parseGlob } from '../patterns/glob.ts'
import { createLexicon, NO_VALUES } from '../patterns/lexicon.ts'
import { type ActionFacts, actionOf, allActions } from '../vocabulary/vocabulary.ts'

/** The actions of each service that is known here. */
const BY_SERVICE = Map.groupBy(allActions(), ({ action }) => action.slice(0, action.indexOf(':')))

/** The known actions that a pattern such as `kms:*` matches, in any case; none where its service has a wildcard. */
export function matchedActions(pattern: string): readonly ActionFacts[] {
  if (!/[*?]/.test(pattern)) {
    const facts = actionOf(pattern)
    return facts === undefined ? [] : [facts]
  }
  const lower = pattern.toLowerCase()
  const ofService = BY_SERVICE.get(lower.slice(0, lower.indexOf(':'))) ?? []
  if (lower.endsWith(':*')) return ofService
  const { matches } = compileGlob(parseGlob(lower), createLexicon())
  return ofService.filter(({ action }) => matches(action.toLowerCase(), 0, action.length, NO_VALUES))
}
