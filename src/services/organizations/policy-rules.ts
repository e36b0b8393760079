import {
  CONTROL_POLICY_LENGTH,
  MANAGED_CONTROL_POLICIES,
  POLICIES_PER_TYPE,
  type ControlPolicy,
  type ControlPolicyType,
  type Organization,
} from '../../domain/organization.ts'
import { refuseControlPolicy } from '../../kernel/access/control-policy.ts'
import type { GlobalReads } from '../../storage/global-store.ts'
import { allDocuments } from '../../storage/organization-reads.ts'
import { errors } from './errors.ts'

/** Refuses a text that is too long, or no policy of the type. */
export function requirePolicyText(text: string, type: ControlPolicyType): void {
  if (text.length > CONTROL_POLICY_LENGTH) {
    throw errors.ConstraintViolationException(
      `The policy has ${text.length} characters; it can have ${CONTROL_POLICY_LENGTH}.`,
      { Reason: 'POLICY_CONTENT_LIMIT_EXCEEDED' },
    )
  }
  const refusal = refuseControlPolicy(text, type)
  if (refusal !== null) throw errors.MalformedPolicyDocumentException(refusal)
}

/** Every policy of a type, AWS's own among them. */
export async function policiesOfType(
  reads: GlobalReads,
  { id }: Organization,
  type: ControlPolicyType,
): Promise<readonly ControlPolicy[]> {
  const own = await allDocuments(reads, 'control-policy', id)
  return [MANAGED_CONTROL_POLICIES[type], ...own.filter((policy) => policy.type === type)]
}

/** Refuses a name that another policy of the type has, AWS's own included. */
export async function requirePolicyNameFree(
  reads: GlobalReads,
  organization: Organization,
  { type, name, id }: Pick<ControlPolicy, 'type' | 'name'> & { readonly id?: string },
): Promise<void> {
  const policies = await policiesOfType(reads, organization, type)
  if (policies.some((policy) => policy.name === name && policy.id !== id)) throw errors.DuplicatePolicyException()
}

/** Refuses one more policy of a type where there are too many. */
export async function requirePolicyFits(
  reads: GlobalReads,
  organization: Organization,
  type: ControlPolicyType,
): Promise<void> {
  if ((await policiesOfType(reads, organization, type)).length > POLICIES_PER_TYPE) {
    throw errors.ConstraintViolationException(`An organization can have ${POLICIES_PER_TYPE} policies of a type.`, {
      Reason: 'POLICY_NUMBER_LIMIT_EXCEEDED',
    })
  }
}
