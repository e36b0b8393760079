import { z } from 'zod'
import { controlPolicyArn } from '../../../domain/organization.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { requireOwnPolicy } from '../find.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor } from '../requirements.ts'
import { allTargets } from '../targets.ts'
import * as shape from '../shapes.ts'

/** Removes a policy that is attached to nothing. */
export const DeletePolicy = globalWriteOperation({
  name: 'DeletePolicy',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.InvalidInputException,
    errors.PolicyInUseException,
    errors.PolicyNotFoundException,
  ],
  input: z.object({ PolicyId: shape.policyId }),
  async load({ PolicyId }, call, reads) {
    const organization = await findManagedOrganization(call, reads)
    return { organization, policy: await requireOwnPolicy(reads, organization, PolicyId) }
  },
  requires: (_input, { organization, policy }) => [
    needFor('DeletePolicy', controlPolicyArn(organization, policy), { 'organizations:PolicyType': policy.type }),
  ],
  async run(_input, { organization, policy: { id, type } }, _call, { writes }): Promise<void> {
    const targets = await allTargets(writes, organization)
    if (targets.some(({ content }) => content.attached[type].includes(id))) throw errors.PolicyInUseException()
    await writes.deleteDocument({ kind: 'control-policy', account: organization.id, name: id })
  },
  record: (input) => recordOf(input),
})
