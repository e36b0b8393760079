import { PARTITION } from '../../domain/region.ts'
import { memberArn } from '../../domain/organization.ts'
import { need, type Need } from '../../kernel/access/need.ts'
import type { Call } from '../../kernel/call.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import { membershipOf } from '../../storage/organization-reads.ts'
import { errors } from './errors.ts'

/** Account Management is one service for all Regions, and lives in this one. */
const HOME = 'us-east-1'

/** The account that an operation is about. */
export interface FoundAccount {
  readonly id: string
  readonly arn: string
}

/**
 * The account that is named, or else the caller's own.
 *
 * Only the management account may name one, and it must be another account of its organization (AWS Account
 * Management API Reference, `AccountId`). AWS asks for trusted access too; this server has none to switch on.
 *
 * @throws AccessDeniedException, the same whether the account exists or not
 */
export async function findAccount(given: string | undefined, call: Call, reads: GlobalReads): Promise<FoundAccount> {
  const own = call.caller.account
  if (given === undefined) return { id: own, arn: `arn:${PARTITION}:account::${own}:account` }
  const membership = await membershipOf(reads, given)
  const organization = membership?.organization
  if (organization?.managementAccount !== own || given === own) {
    throw errors.AccessDeniedException(
      `User: ${call.caller.arn} is not authorized to access account ${given}: only the management account of its ` +
        'organization is, and leaves AccountId out for itself.',
    )
  }
  const arn = memberArn(organization, given).replace(':organizations:', ':account:')
  return { id: given, arn }
}

/** A permission that an operation of Account Management needs. */
export function needFor(operation: string, { arn }: FoundAccount, context: Need['context'] = {}): Need {
  return need(`account:${operation}`, arn, HOME, context)
}
