import { parsePolicy, type PolicyKind } from '../policy/parse.ts'

/**
 * Says in AWS's words why a text is no policy of a kind, or null where it is one.
 *
 * What is wrong in detail follows the sentence, where the parser knows it.
 */
export function refusePolicyText(text: string, kind: PolicyKind): string | null {
  const read = parsePolicy(text, kind)
  if (read.ok) return null
  const [{ message, hint, path }] = read.errors
  return hint === undefined ? message : `${message} ${path === '' ? '' : `${path}: `}${hint}`
}
