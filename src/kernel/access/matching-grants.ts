import { rootArn } from '../../domain/arn.ts'
import {
  GRANT_OPERATIONS,
  mayRetire,
  permits,
  type Delegation,
  type EncryptionContext,
  type Grant,
  type GrantPrincipal,
  type GrantQuestion,
} from '../../domain/grant.ts'
import type { MatchingGrant } from '../../policy/authorize.ts'
import type { Caller } from '../identities/caller.ts'
import type { KeySnapshot } from '../keys/snapshot.ts'
import type { Need } from './need.ts'

/** One of the identities under which a grant can name a caller. */
export type GranteeForm = Pick<GrantPrincipal, 'kind' | 'id'>

const OPERATIONS: ReadonlyMap<string, GrantQuestion['operation']> = new Map(
  GRANT_OPERATIONS.map((operation) => [`kms:${operation}`, operation]),
)

const CONTEXT_PREFIX = 'kms:EncryptionContext:'

const FORMS = new WeakMap<object, readonly GranteeForm[]>()

/** Everything as what a grant can name a caller: its session, its user or role, and its account. */
export function granteeForms(caller: Pick<Caller, 'account' | 'forms'>): readonly GranteeForm[] {
  const known = FORMS.get(caller)
  if (known !== undefined) return known
  const own = caller.forms.flatMap(({ kind, id }): readonly GranteeForm[] => {
    if (kind === 'user' || kind === 'role' || kind === 'session' || kind === 'service') return [{ kind, id }]
    return kind === 'federated' ? [{ kind: 'session', id }] : []
  })
  const forms: readonly GranteeForm[] = [...own, { kind: 'account', id: rootArn(caller.account) }]
  // INVARIANT: a caller is never changed, only replaced.
  FORMS.set(caller, forms)
  return forms
}

/** The grants on a key that are a fact in the decision of one need: none where grants cannot give it. */
export function grantsOnKey(need: Need, caller: Caller): readonly MatchingGrant[] | Promise<readonly MatchingGrant[]> {
  const { on } = need
  const question = grantQuestionOf(need)
  if (question === null || typeof on === 'string' || !('record' in on)) return []
  return matchingGrants(on, granteeForms(caller), question)
}

/** What grants are asked about one need; null where they cannot give it, or have another say in it. */
export function grantQuestionOf({ action, on, context, delegation, retires }: Need): GrantQuestion | null {
  const operation = OPERATIONS.get(action)
  const isOnKey = typeof on !== 'string' && 'record' in on
  if (!isOnKey || retires !== undefined || operation === undefined) return null
  return new UseOfKey(operation, delegation ?? null, context)
}

/** A class, because an accessor in an object of its own is dear to make. */
class UseOfKey implements GrantQuestion {
  readonly operation: string
  readonly delegation: Delegation | null
  readonly #context: Need['context']
  #pairs: EncryptionContext | null = null

  constructor(operation: string, delegation: Delegation | null, context: Need['context']) {
    this.operation = operation
    this.delegation = delegation
    this.#context = context
  }

  /** Gathered when a grant asks for it: most callers have none. */
  get encryptionContext(): EncryptionContext {
    return (this.#pairs ??= encryptionContextIn(this.#context))
  }
}

/**
 * The grants on a key that permit a use of it to a caller of these forms.
 *
 * One for each way of naming the caller and issuing account: more of the same say no more, and there may be thousands.
 * At once where they were read before.
 */
export function matchingGrants(
  key: Pick<KeySnapshot, 'grantsOf'>,
  forms: readonly GranteeForm[],
  question: GrantQuestion,
): readonly MatchingGrant[] | Promise<readonly MatchingGrant[]> {
  const asked = key.grantsOf(
    forms.map(({ id }) => id),
    question,
  )
  return asked instanceof Promise ? asked.then((grants) => permitting(grants, question)) : permitting(asked, question)
}

function permitting(grants: readonly Grant[], question: GrantQuestion): readonly MatchingGrant[] {
  const matching: MatchingGrant[] = []
  for (const grant of grants) {
    const { id, issuingAccount, grantee } = grant
    const isKnown = matching.some((each) => each.grantee === grantee.kind && each.issuingAccount === issuingAccount)
    if (!isKnown && permits(grant, question)) matching.push({ id, issuingAccount, grantee: grantee.kind })
  }
  return matching
}

/**
 * What a grant says of who may retire it, as the facts of a decision without a key policy.
 *
 * Its retiring principal may, and its grantee if it permits RetireGrant. So may the account that issued it, as far
 * as that account's own policies let a principal; the key's account needs no fact of that kind, for a resource
 * without a policy is left to its account anyway (AWS KMS Developer Guide, "Retiring and revoking grants").
 */
export function retiringGrants(grant: Grant, caller: Pick<Caller, 'account' | 'forms'>): readonly MatchingGrant[] {
  const { id, issuingAccount } = grant
  const named = granteeForms(caller).filter((form) => mayRetire(grant, form.id))
  const facts = named.map(({ kind }): MatchingGrant => ({ id, issuingAccount, grantee: kind }))
  if (caller.account === issuingAccount && caller.account !== grant.account) {
    return [...facts, { id, issuingAccount, grantee: 'account' }]
  }
  return facts
}

/** The encryption context of a request, from the condition keys that tell it to policies. */
export function encryptionContextIn(context: Need['context']): EncryptionContext {
  const pairs = Object.entries(context).filter(([name]) => name.startsWith(CONTEXT_PREFIX))
  return Object.fromEntries(pairs.map(([name, value]) => [name.slice(CONTEXT_PREFIX.length), String(value)]))
}
