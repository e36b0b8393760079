import { parsePolicy, type PolicyKind } from '../policy/parse.ts'
import { principalsIn } from './key-policy.ts'

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

/** The users, roles and sessions that a policy which can be read names as principals. */
export function principalsOf(text: string, kind: PolicyKind): readonly string[] {
  const read = parsePolicy(text, kind)
  return read.ok ? principalsIn(read.policy) : []
}
