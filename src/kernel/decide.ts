import { evaluate, type PolicyVerdict } from '../policy/evaluate.ts'
import { Via, type PrincipalFacts } from '../policy/principal.ts'
import type { Caller } from './caller.ts'
import { conditionKeysOf } from './condition-keys.ts'
import { common, type WireError } from './errors.ts'
import { need, type Call, type KeyFacts, type Need } from './operation.ts'

/**
 * Refuses a call that lacks one of the permissions it needs.
 *
 * The caller is a root user, whose identity allows everything; what remains to ask is the key policy. It must allow
 * the caller's account: a root user that a key policy does not name has no access (AWS KMS Developer Guide, "Key
 * policies in AWS KMS").
 *
 * @throws AccessDeniedException in AWS's words
 */
export function authorize(needs: readonly Need[], call: Call): void {
  for (const each of needs) {
    if (typeof each.on === 'string') continue
    const verdict = askKeyPolicy(each, each.on, call)
    if (!allows(verdict)) throw denied(each, each.on, verdict, call)
  }
}

/** Says whether the caller could change a key's policy under the policy that `key` has. */
export function mayPutPolicy(key: KeyFacts, call: Call): boolean {
  const context = { 'kms:BypassPolicyLockoutSafetyCheck': 'false' }
  return allows(askKeyPolicy(need('kms:PutKeyPolicy', key, call.region, context), key, call))
}

/**
 * The refusal of a key of another account: it is the same whether the key does not exist, its policy says nothing
 * of the caller, or denies it, so that nobody learns which keys exist.
 */
export function denyForeign(action: string, call: Call): WireError {
  return common.AccessDeniedException(
    `User: ${call.caller.arn} is not authorized to perform: ${action} on this resource because the resource does ` +
      'not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly ' +
      'denies access',
  )
}

function askKeyPolicy(question: Need, key: KeyFacts, call: Call): PolicyVerdict {
  const request = { action: question.action, resource: key.arn, keys: conditionKeysOf(question, call) }
  return evaluate(key.policy, request, factsOf(call.caller))
}

function allows({ outcome, via }: PolicyVerdict): boolean {
  return outcome === 'Allow' && (via & (Via.Account | Via.Star)) !== 0
}

/** A root user is matched by its account alone. */
function factsOf({ account }: Caller): PrincipalFacts {
  return { account, forms: [], hasBoundary: false }
}

function denied({ action, foundBy }: Need, key: KeyFacts, { outcome }: PolicyVerdict, call: Call): WireError {
  if (foundBy === 'name' && key.record.account !== call.caller.account) return denyForeign(action, call)
  const resource =
    foundBy === 'ciphertext' ? 'on the resource associated with this ciphertext' : `on resource: ${key.arn}`
  const reason =
    outcome === 'ExplicitDeny'
      ? 'with an explicit deny in a resource-based policy'
      : `because no resource-based policy allows the ${action} action`
  return common.AccessDeniedException(
    `User: ${call.caller.arn} is not authorized to perform: ${action} ${resource} ${reason}`,
  )
}
