import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { acceptTags } from '../accept-tags.ts'
import { policyAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { newId } from '../new-id.ts'
import { requirePolicyFits, requirePolicyNameFree, requirePolicyText } from '../policy-rules.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor, requireAllFeatures, requirePolicyType, tagContext } from '../requirements.ts'
import * as shape from '../shapes.ts'

/** Makes a policy. It decides nothing until it is attached. */
export const CreatePolicy = globalWriteOperation({
  name: 'CreatePolicy',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.ConstraintViolationException,
    errors.DuplicatePolicyException,
    errors.InvalidInputException,
    errors.MalformedPolicyDocumentException,
    errors.PolicyTypeNotAvailableForOrganizationException,
  ],
  input: z.object({
    Content: shape.content,
    Description: shape.description,
    Name: shape.name,
    Type: shape.policyType,
    Tags: shape.tags.optional(),
  }),
  load: (_input, call, reads) => findManagedOrganization(call, reads),
  requires: ({ Type, Tags }) => [
    needFor('CreatePolicy', '*', { 'organizations:PolicyType': Type, ...tagContext(Tags) }),
  ],
  async run({ Content, Description, Name, Type, Tags }, organization, _call, { writes, random }) {
    const type = requirePolicyType(Type)
    requireAllFeatures(organization)
    const tags = acceptTags(Tags)
    requirePolicyText(Content, type)
    await requirePolicyFits(writes, organization, type)
    await requirePolicyNameFree(writes, organization, { type, name: Name })
    const id = `p-${newId(random, 10)}`
    const policy = { id, name: Name, description: Description, type, text: Content, tags }
    await writes.putDocument({ kind: 'control-policy', account: organization.id, name: id }, policy)
    return policyAnswer(organization, policy)
  },
  record: (input, _found, output) => recordOf(input, output),
})
