import { z } from 'zod'
import { controlPolicyArn } from '../../../domain/organization.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { policyAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { requireOwnPolicy } from '../find.ts'
import { requirePolicyNameFree, requirePolicyText } from '../policy-rules.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor } from '../requirements.ts'
import * as shape from '../shapes.ts'

/** Changes a policy, wherever it is attached. */
export const UpdatePolicy = globalWriteOperation({
  name: 'UpdatePolicy',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.ConstraintViolationException,
    errors.DuplicatePolicyException,
    errors.InvalidInputException,
    errors.MalformedPolicyDocumentException,
    errors.PolicyNotFoundException,
  ],
  input: z.object({
    PolicyId: shape.policyId,
    Name: shape.name.optional(),
    Description: shape.description.optional(),
    Content: shape.content.optional(),
  }),
  async load({ PolicyId }, call, reads) {
    const organization = await findManagedOrganization(call, reads)
    return { organization, policy: await requireOwnPolicy(reads, organization, PolicyId) }
  },
  requires: (_input, { organization, policy }) => [
    needFor('UpdatePolicy', controlPolicyArn(organization, policy), { 'organizations:PolicyType': policy.type }),
  ],
  async run({ Name, Description, Content }, { organization, policy }, _call, { writes }) {
    const changed = {
      ...policy,
      name: Name ?? policy.name,
      description: Description ?? policy.description,
      text: Content ?? policy.text,
    }
    requirePolicyText(changed.text, changed.type)
    await requirePolicyNameFree(writes, organization, changed)
    await writes.putDocument({ kind: 'control-policy', account: organization.id, name: policy.id }, changed)
    return policyAnswer(organization, changed)
  },
  record: (input, _found, output) => recordOf(input, output),
})
