import { z } from 'zod'
import { controlPolicyArn } from '../../../domain/organization.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { policyAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { requirePolicy } from '../find.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor } from '../requirements.ts'
import * as shape from '../shapes.ts'

/** Shows a policy. */
export const DescribePolicy = globalReadOperation({
  name: 'DescribePolicy',
  errors: [errors.AccessDeniedException, errors.AWSOrganizationsNotInUseException, errors.PolicyNotFoundException],
  input: z.object({ PolicyId: shape.policyId }),
  async load({ PolicyId }, call, reads) {
    const organization = await findManagedOrganization(call, reads)
    return { organization, policy: await requirePolicy(reads, organization, PolicyId) }
  },
  requires: (_input, { organization, policy }) => [
    needFor('DescribePolicy', controlPolicyArn(organization, policy), { 'organizations:PolicyType': policy.type }),
  ],
  run: (_input, { organization, policy }) => policyAnswer(organization, policy),
  record: (input) => recordOf(input),
})
