import { CONTROL_POLICY_TYPES, type ControlPolicyType, type Organization } from '../../domain/organization.ts'
import { need, type Need } from '../../kernel/access/need.ts'
import type { Call } from '../../kernel/call.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import { membershipOf } from '../../storage/organization-reads.ts'
import { errors } from './errors.ts'

/** Organizations is one service for all Regions, and lives in this one (AWS Organizations endpoints and quotas). */
const HOME = 'us-east-1'

/** A permission that an operation of Organizations needs. */
export function needFor(operation: string, arn = '*', context: Need['context'] = {}): Need {
  return need(`organizations:${operation}`, arn, HOME, context)
}

/** The condition keys of an operation that sets tags. */
export function tagContext(tags: readonly { readonly Key: string; readonly Value: string }[] = []): Need['context'] {
  if (tags.length === 0) return {}
  return {
    'aws:TagKeys': tags.map(({ Key }) => Key),
    ...Object.fromEntries(tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value])),
  }
}

/**
 * The organization of the caller's account.
 *
 * @throws AWSOrganizationsNotInUseException
 */
export async function findOrganization({ caller }: Call, reads: GlobalReads): Promise<Organization> {
  const found = await membershipOf(reads, caller.account)
  if (found === null) throw errors.AWSOrganizationsNotInUseException()
  return found.organization
}

/**
 * The organization that the caller's account manages. No other account of it may see or change it as a whole.
 *
 * @throws AWSOrganizationsNotInUseException, AccessDeniedException
 */
export async function findManagedOrganization(call: Call, reads: GlobalReads): Promise<Organization> {
  const organization = await findOrganization(call, reads)
  const { id, managementAccount } = organization
  if (managementAccount === call.caller.account) return organization
  throw errors.AccessDeniedException(
    undefined,
    {},
    {
      why: `Account ${call.caller.account} does not manage the organization ${id}: account ${managementAccount} does.`,
      remedy: `Ask with credentials of account ${managementAccount}.`,
      resource: id,
      owner: null,
    },
  )
}

/**
 * The organization that the caller's account manages, where its root has that id.
 *
 * @throws AWSOrganizationsNotInUseException, AccessDeniedException, RootNotFoundException
 */
export async function findManagedRoot(id: string, call: Call, reads: GlobalReads): Promise<Organization> {
  const organization = await findManagedOrganization(call, reads)
  if (organization.root.id !== id) throw errors.RootNotFoundException()
  return organization
}

/**
 * Accepts a type of policy that this server has.
 *
 * @throws InvalidInputException for the others of AWS: they decide nothing about access
 */
export function requirePolicyType(type: string): ControlPolicyType {
  const known = CONTROL_POLICY_TYPES.find((each) => each === type)
  if (known !== undefined) return known
  throw errors.InvalidInputException(
    `This server has no policies of type ${type}: it has ${CONTROL_POLICY_TYPES.join(' and ')}.`,
    { Reason: 'INVALID_ENUM_POLICY_TYPE' },
  )
}

/** Refuses policies in an organization that is for billing only. */
export function requireAllFeatures({ featureSet }: Organization): void {
  if (featureSet !== 'ALL') throw errors.PolicyTypeNotAvailableForOrganizationException()
}
