import { controlPolicyArn, type ControlPolicy, type Organization } from '../../domain/organization.ts'
import type { Need } from '../../kernel/access/need.ts'
import type { Call } from '../../kernel/call.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import { requirePolicy, requireTarget } from './find.ts'
import { findManagedOrganization, needFor } from './requirements.ts'
import { targetArn, type Target } from './targets.ts'

/** A policy, and what it is to be attached to or detached from. */
export interface Attachment {
  readonly organization: Organization
  readonly policy: ControlPolicy
  readonly target: Target
}

/**
 * The policy and the target of a request, in the organization that the caller's account manages.
 *
 * @throws AWSOrganizationsNotInUseException, AccessDeniedException, PolicyNotFoundException, TargetNotFoundException
 */
export async function findAttachment(
  { PolicyId, TargetId }: { readonly PolicyId: string; readonly TargetId: string },
  call: Call,
  reads: GlobalReads,
): Promise<Attachment> {
  const organization = await findManagedOrganization(call, reads)
  const policy = await requirePolicy(reads, organization, PolicyId)
  return { organization, policy, target: await requireTarget(reads, organization, TargetId) }
}

/** The permissions that an operation on an attachment needs: on the policy and on the target. */
export function attachmentNeeds(operation: string, { organization, policy, target }: Attachment): readonly Need[] {
  const context = { 'organizations:PolicyType': policy.type }
  return [
    needFor(operation, controlPolicyArn(organization, policy), context),
    needFor(operation, targetArn(organization, target), context),
  ]
}
