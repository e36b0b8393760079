import { crossesAccounts } from '../../domain/cross-account.ts'
import { isRegionEnabled } from '../../domain/region-opt-in.ts'
import {
  authorize as decide,
  type Decision,
  type MatchingGrant,
  type PolicySource,
  type Question,
} from '../../policy/authorize.ts'
import { comparisonsOf, MOST_COMPARISONS } from '../../policy/comparisons.ts'
import { accountOf, conditionKeysOf } from './condition-keys.ts'
import { denied } from './denial.ts'
import { common } from '../errors.ts'
import type { OrganizationLayers } from '../identities/organization-layers.ts'
import { grantsOnKey, retiringGrants } from './matching-grants.ts'
import { need, type KeyFacts, type Need, type RoleFacts, type Refusal } from './need.ts'
import type { Call } from '../call.ts'

/** With so few values in a question, no policies take many comparisons. */
const FEW_VALUES = 16

/** What deciding needs beside the question: what belongs to neither the caller nor the key. */
export interface Authority {
  /** What the organization of an account means to its resources; null where it is in none. */
  organization(account: string): OrganizationLayers | null | Promise<OrganizationLayers | null>
  /** Says whether what policies refuse is refused; what is let pass all the same is remembered, for whoever asks. */
  refuse(refusal: Refusal): boolean
  /** Told of what policies say of each permission that is asked for; absent where nobody counts. */
  readonly decided?: (decision: Decision) => void
}

/**
 * Refuses a call that lacks one of the permissions it needs.
 *
 * @throws AccessDeniedException in AWS's words
 */
export async function authorize(needs: readonly Need[], call: Call, authority: Authority): Promise<void> {
  for (const each of needs) {
    const organization = organizationFor(each, call, authority)
    const policies = frameWithoutGrants(each, call, organization instanceof Promise ? await organization : organization)
    let question = policies
    let decision = decide(policies)
    if (!decision.allowed) {
      const found = grantsOnKey(each, call.caller)
      question = withGrants(policies, found instanceof Promise ? await found : found)
      if (question !== policies) decision = decide(question)
    }
    authority.decided?.(decision)
    if (decision.allowed) continue
    const refusal = { call, need: each, question, others: needs.filter((other) => other !== each) }
    if (authority.refuse(refusal)) throw denied(refusal, decision.reason, isLetIn(question))
  }
}

/** Whether the resource's side lets the caller in, whatever the caller's own side says. */
export function isLetIn(question: Question): boolean {
  const { resource, rcp } = question.layers
  const layers = { ...(resource !== undefined && { resource }), ...(rcp !== undefined && { rcp }) }
  return decide({ ...question, caller: { ...question.caller, type: 'root' }, layers }).allowed
}

/** Why the caller could not change a key's policy again under the policy that `key` has; null where it could. */
export async function lockedOut(key: KeyFacts, call: Call, authority: Authority): Promise<Refusal | null> {
  const context = { 'kms:BypassPolicyLockoutSafetyCheck': 'false' }
  const asked = need('kms:PutKeyPolicy', key, call.region, context)
  const question = await frame(asked, call, authority)
  if (decide(question).allowed) return null
  const supposed = 'the policy that was to be put is in force, and its caller wants to change it again'
  return { call, need: asked, question, others: [], supposed }
}

/**
 * Puts a need as the question that policies answer: in the Region where it is needed, with the layers that apply.
 *
 * @throws ValidationException where the answer would hold others up
 */
export async function frame(each: Need, call: Call, authority: Authority): Promise<Question> {
  const policies = frameWithoutGrants(each, call, await organizationFor(each, call, authority))
  return withGrants(policies, await grantsOnKey(each, call.caller))
}

/**
 * INVARIANT: what is allowed without the grants on a key is allowed with them. So they are read only where policies do
 * not allow: each change of a key has them read anew, and there may be thousands.
 */
function withGrants(question: Question, grants: readonly MatchingGrant[]): Question {
  return grants.length === 0 ? question : { ...question, grants }
}

/** What the organization means of the account of what a permission is on, or of the caller's. */
function organizationFor({ on }: Need, { caller }: Call, authority: Authority) {
  return authority.organization(accountOf(on) ?? caller.account)
}

// Every request comes through here: all questions are objects of one shape, which is made at once.
function frameWithoutGrants(each: Need, call: Call, organization: OrganizationLayers | null): Question {
  const { action, on, retires } = each
  const { caller } = call
  const { identity, boundary, session, scp } = caller.layers
  const account = accountOf(on)
  // Neither key policies nor resource control policies have a say in who retires a grant.
  const isBound = retires === undefined
  const isControlled = account !== null && isBound && !isManagedByAws(on)
  const question: Question = {
    request: {
      action,
      resource: typeof on === 'string' ? on : on.arn,
      keys: conditionKeysOf(each, call, organization),
    },
    caller,
    layers: {
      identity,
      boundary,
      session,
      scp,
      rcp: isControlled ? organization?.rcp : undefined,
      resource: typeof on !== 'string' && isBound ? resourceSource(on) : undefined,
    },
    grants: isBound ? undefined : retiringGrants(retires, caller),
    resourceAccount: account ?? undefined,
    crossAccount: crossesAccounts(action),
    notEnabledIn: isEffective(each, call) ? undefined : each.region,
  }
  refuseCostly(each, question)
  return question
}

function resourceSource(on: KeyFacts | RoleFacts): PolicySource {
  const { policy, arn: of } = on
  return 'record' in on
    ? { policy, name: 'the key policy', place: { policy: 'key policy', of } }
    : { policy, name: 'the trust policy', place: { policy: 'trust policy', of } }
}

function hasFewValues(context: Need['context']): boolean {
  let count = 0
  for (const _ in context) if ((count += 1) >= FEW_VALUES) return false
  return true
}

/** SECURITY: who sends many values, of an encryption context for example, chooses what each costs by the policies. */
function refuseCostly({ context }: Need, { request, layers }: Question): void {
  if (hasFewValues(context)) return
  const sources = [
    layers.identity,
    layers.boundary,
    layers.session,
    layers.scp,
    layers.rcp,
    layers.vpce,
    layers.resource,
  ]
  const policies = sources.flat(2).flatMap((source) => (source === undefined ? [] : [source.policy]))
  if (comparisonsOf(policies, request) <= MOST_COMPARISONS) return
  throw common.ValidationException(
    `The request has ${Object.keys(context).length} values for the conditions of policies, which are too many or too ` +
      `long: to compare each with what the policies name takes more than ${MOST_COMPARISONS} comparisons. ` +
      'Give fewer pairs in the encryption context, or shorter ones.',
  )
}

/** Says whether what is asked for is a key that AWS manages: nobody can change it, and no control policy binds it. */
export function isManagedByAws(on: Need['on']): boolean {
  return typeof on !== 'string' && 'record' in on && on.record.service !== undefined
}

/**
 * Permissions count only where the caller's account has enabled the Region. To create keys in another Region than the
 * one that is asked is for the operation to refuse: it knows whether there is such a Region.
 */
function isEffective({ on, region }: Need, call: Call): boolean {
  const isCreation = typeof on === 'string' && region !== call.region
  return isCreation || isRegionEnabled(region, call.caller.optedIn)
}
