import {
  isGrantOperation,
  isWithin,
  permits,
  satisfies,
  takesEncryptionContext,
  type Delegation,
  type EncryptionContext,
  type Grant,
  type GrantConstraints,
  type GrantQuestion,
} from '../../domain/grant.ts'
import type { ConditionKeys } from '../../policy/context.ts'
import { authorizePartially, type ConditionalGrant, type OpenQuestion } from '../../policy/partial/partial.ts'
import { open, type Rest } from '../../policy/partial/rest.ts'
import { actionOf, isNamed } from '../../policy/vocabulary/vocabulary.ts'
import type { Caller } from '../identities/caller.ts'
import { frame, type Authority } from './decide.ts'
import { granteeForms, grantQuestionOf } from './matching-grants.ts'
import type { Need } from './need.ts'
import type { Call } from '../call.ts'
import { isOfResource } from './other-side.ts'

/** What requests say of themselves, whatever they ask and whoever asks. */
const OF_REQUESTS = [
  'aws:CalledVia*',
  'aws:CurrentTime',
  'aws:EpochTime',
  'aws:RequestTag/*',
  'aws:SecureTransport',
  'aws:SourceIp',
  'aws:TagKeys',
  'aws:UserAgent',
  'aws:ViaAWSService',
]

/** What a session says of itself, where a role is asked about and not one session of it. */
const OF_SESSIONS = ['aws:FederatedProvider', 'aws:SourceIdentity', 'aws:TokenIssueTime', 'aws:userid']

/** On whose behalf a service asks. */
const OF_SERVICES = ['aws:SourceAccount', 'aws:SourceArn', 'aws:SourceOrg*']

/** Who it is, where not one principal is asked about but whoever an account lets, or everybody. */
const OF_PRINCIPALS = [
  'aws:Principal*',
  'aws:MultiFactorAuth*',
  'aws:TokenIssueTime',
  'aws:SourceIdentity',
  'aws:userid',
  'aws:username',
]

/** Who a caller stands for: itself, whoever its account lets, or everybody. */
export type Breadth = 'one' | 'account' | 'everybody'

/**
 * Answers whether somebody has a permission, as far as that is the same for every request: what requests may say, the
 * need leaves open unless it has it in its context.
 *
 * @returns the conditions on which it depends
 */
export async function askPartially(
  each: Need,
  call: Call,
  authority: Authority,
  breadth: Breadth = 'one',
): Promise<Rest> {
  return authorizePartially(await frameOpen(each, call, authority, breadth))
}

/** Puts a need as a question of which not all is known. */
export async function frameOpen(
  each: Need,
  call: Call,
  authority: Authority,
  breadth: Breadth = 'one',
): Promise<OpenQuestion> {
  const question = await frame(each, call, authority)
  const isOpen = opennessOf(each, call.caller, question.request.keys, breadth)
  return { ...question, grants: await conditionalGrants(each, call.caller, isOpen), isOpen }
}

/** Whether it is for a request to say what a condition key is, by the key's lower-case name. */
export function isOfRequest(action: string, key: string): boolean {
  return namedBy([...ownKeys(action), 'aws:RequestedRegion', 'aws:SecureTransport'])(key)
}

/** Which condition keys a need leaves open, by their lower-case names. */
function opennessOf(
  { action, context }: Need,
  { type }: Caller,
  keys: ConditionKeys,
  breadth: Breadth,
): (key: string) => boolean {
  const given = new Set(Object.keys(context).map((name) => name.toLowerCase()))
  const isOpen = namedBy([
    ...OF_REQUESTS,
    ...ownKeys(action),
    ...(type === 'role' ? OF_SESSIONS : []),
    ...(type === 'service' ? OF_SERVICES : []),
    ...(breadth === 'one' ? [] : OF_PRINCIPALS),
    ...(breadth === 'everybody' ? ['kms:CallerAccount'] : []),
  ])
  return (key) => {
    // Who gives an encryption context gives the whole.
    if (given.has(key) || (isOfContext(key) && given.has(CONTEXT_KEYS))) return false
    // A session may have tags that its role does not have.
    const isSessionTag = type === 'role' && key.startsWith('aws:principaltag/') && keys.get(key) === undefined
    // Whoever an account lets is of that account.
    return isSessionTag || (isOpen(key) && !(breadth === 'account' && key === 'aws:principalaccount'))
  }
}

/** The condition keys of an action that its requests tell. */
function ownKeys(action: string): readonly string[] {
  return actionOf(action)?.keys.filter((key) => !isSettled(key)) ?? []
}

/** Whether a key follows from what is asked for and the caller: it is not for the request to say. */
function isSettled(key: string): boolean {
  return isOfResource(key) || key === 'kms:CallerAccount'
}

const CONTEXT_KEYS = 'kms:encryptioncontextkeys'
const CONTEXT_PREFIX = 'kms:encryptioncontext:'

function isOfContext(key: string): boolean {
  return key === CONTEXT_KEYS || key.startsWith(CONTEXT_PREFIX)
}

function namedBy(patterns: readonly string[]): (key: string) => boolean {
  return (key) => patterns.some((pattern) => isNamed(key, pattern))
}

/** The grants to a caller, and with which requests each gives what is needed. */
async function conditionalGrants(
  need: Need,
  caller: Caller,
  isOpen: (key: string) => boolean,
): Promise<readonly ConditionalGrant[]> {
  const question = grantQuestionOf(need)
  if (question === null || typeof need.on === 'string' || !('record' in need.on)) return []
  const held = await need.on.grantsOf(granteeForms(caller).map(({ id }) => id))
  return held.flatMap((grant) => {
    const when = whenOf(grant, question, isOpen)
    return when === false
      ? []
      : [{ id: grant.id, issuingAccount: grant.issuingAccount, grantee: grant.grantee.kind, when }]
  })
}

/** When a grant permits what it is asked. */
function whenOf(grant: Grant, question: GrantQuestion, isOpen: (key: string) => boolean): Rest {
  const { operation, delegation } = question
  const { id, operations, constraints } = grant
  if (!isGrantOperation(operation) || !operations.includes(operation)) return false
  if (operation === 'CreateGrant' && delegation === null) {
    return open({
      id: `within ${id}`,
      holds: (keys) => isWithin(delegationIn(keys), grant),
      phrase: (negated) => `what is given away ${negated ? 'goes beyond' : 'keeps within'} grant ${id}`,
      data: { within: id },
    })
  }
  const isSettled = constraints === null || !takesEncryptionContext(operation) || !isOpen(CONTEXT_KEYS)
  return isSettled ? permits(grant, question) : openConstraint(constraints)
}

function openConstraint(constraints: GrantConstraints): Rest {
  const { type, pairs } = constraints
  const shown = Object.entries(pairs).map(([name, value]) => `${name}=${value}`)
  const verb = type === 'EncryptionContextEquals' ? ['is', 'is not'] : ['has', 'has not all of']
  return open({
    id: JSON.stringify([type, pairs]),
    holds: (keys) => satisfies(contextIn(keys), constraints),
    phrase: (negated) => `the encryption context ${verb[Number(negated)]} ${shown.join(', ')}`,
    data: { constraint: type, pairs },
  })
}

/** The encryption context that condition keys tell of. */
function contextIn(keys: ConditionKeys): EncryptionContext {
  const names = [keys.get(CONTEXT_KEYS) ?? []].flat()
  return Object.fromEntries(names.map((name) => [name, String(keys.get(CONTEXT_PREFIX + name.toLowerCase()))]))
}

/** What condition keys tell of a grant that is to be made. */
function delegationIn(keys: ConditionKeys): Delegation {
  const type = keys.get('kms:grantconstrainttype')
  const operations = [keys.get('kms:grantoperations') ?? []].flat().filter((each) => isGrantOperation(each))
  const isConstrained = type === 'EncryptionContextEquals' || type === 'EncryptionContextSubset'
  return { operations, constraints: isConstrained ? { type, pairs: contextIn(keys) } : null }
}
