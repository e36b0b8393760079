import { z } from 'zod'
import { rootOfOrganizationArn } from '../../../domain/organization.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { rootAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedRoot, needFor, requirePolicyType } from '../requirements.ts'
import { changePolicyTypes } from '../targets.ts'
import * as shape from '../shapes.ts'

/** Lets policies of a type decide no more, and detaches them from everything. */
export const DisablePolicyType = globalWriteOperation({
  name: 'DisablePolicyType',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.InvalidInputException,
    errors.PolicyTypeNotEnabledException,
    errors.RootNotFoundException,
  ],
  input: z.object({ RootId: shape.rootId, PolicyType: shape.policyType }),
  load: ({ RootId }, call, reads) => findManagedRoot(RootId, call, reads),
  requires: ({ PolicyType }, organization) => [
    needFor('DisablePolicyType', rootOfOrganizationArn(organization), { 'organizations:PolicyType': PolicyType }),
  ],
  async run({ PolicyType }, organization, _call, { writes }) {
    const type = requirePolicyType(PolicyType)
    const { policyTypes } = organization.root
    if (!policyTypes.includes(type)) throw errors.PolicyTypeNotEnabledException()
    const left = policyTypes.filter((each) => each !== type)
    return { Root: rootAnswer(await changePolicyTypes(writes, organization, left, { [type]: [] })) }
  },
  record: (input, _found, output) => recordOf(input, output),
})
