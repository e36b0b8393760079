import type { DenialReason } from '../../policy/authorize.ts'
import { LAYER_NAMES } from '../../policy/layers.ts'
import type { Refusal } from './need.ts'
import { common, type Because, type WireError } from '../errors.ts'
import type { Need } from './need.ts'
import type { Call } from '../call.ts'

/**
 * The refusal of a permission, in AWS's words (IAM User Guide, "Access denied error messages").
 *
 * @param isLetIn whether the key's account lets the caller in, as far as its own side goes. It is told nothing else:
 *   by a Deny of its own it would learn which keys of other accounts exist
 */
export function denied(refusal: Refusal, reason: DenialReason, isLetIn: boolean): WireError {
  const { need, call } = refusal
  const { action, on } = need
  if (action === ASSUME_ROLE && typeof on !== 'string') return denyRole(on.arn, call, refusal)
  const isForeign = typeof on !== 'string' && 'record' in on && on.record.account !== call.caller.account
  if (isForeign && !isLetIn) return denyForeign(need, call, refusal)
  return common.AccessDeniedException(
    `User: ${call.caller.arn} is not authorized to perform: ${action}${placeOf(need, isForeign)} ${why(need, reason)}`,
    {},
    refusal,
  )
}

/**
 * Says whether the refusal of something of another account tells its caller that it is there. Where it does not, an
 * explanation must not either.
 */
export function tellsOfResource({ action }: Need, isLetIn: boolean): boolean {
  return isLetIn && action !== ASSUME_ROLE
}

const ASSUME_ROLE = 'sts:AssumeRole'

/** The refusal of a role: the same whether it does not exist, does not trust the caller, or is denied to it. */
export function denyRole(arn: string, { caller }: Call, because: Because): WireError {
  return common.AccessDeniedException(
    `User: ${caller.arn} is not authorized to perform: ${ASSUME_ROLE} on resource: ${arn}`,
    {},
    because,
  )
}

/**
 * The refusal of a key of another account: the same whether the key does not exist, its policy says nothing of the
 * caller, or denies it.
 */
export function denyForeign(
  { action, foundBy = 'name' }: Pick<Need, 'action'> & Partial<Pick<Need, 'foundBy'>>,
  call: Call,
  because: Because,
): WireError {
  const place = foundBy === 'ciphertext' ? 'the resource associated with this ciphertext' : 'this resource'
  return common.AccessDeniedException(
    `User: ${call.caller.arn} is not authorized to perform: ${action} on ${place} because the resource does ` +
      'not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly ' +
      'denies access',
    {},
    because,
  )
}

function placeOf({ on, foundBy }: Need, isForeign: boolean): string {
  if (foundBy === 'creation') return ''
  if (foundBy === 'ciphertext') return ' on the resource associated with this ciphertext'
  if (isForeign) return ' on this resource'
  return ` on resource: ${typeof on === 'string' ? on : on.arn}`
}

function why({ action, on }: Need, { kind, layer, policyArn, notEnabledIn }: DenialReason): string {
  if (notEnabledIn !== undefined) return `because the Region ${notEnabledIn} is not enabled for the account`
  const isRole = typeof on !== 'string' && !('record' in on)
  const name = isRole && layer === 'resource' ? 'role trust policy' : LAYER_NAMES[layer]
  if (kind === 'implicit-deny') return `because no ${name} allows the ${action} action`
  const article = /^[aeiou]/.test(name) ? 'an' : 'a'
  return `with an explicit deny in ${article} ${name}${policyArn === undefined ? '' : `: ${policyArn}`}`
}
