import { z } from 'zod'
import { rootOfOrganizationArn } from '../../../domain/organization.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { rootAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import { findManagedOrganization, needFor, requirePolicyType } from '../requirements.ts'
import { allTargets, changeTarget } from '../targets.ts'
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
  async load({ RootId }, call, reads) {
    const organization = await findManagedOrganization(call, reads)
    if (organization.root.id !== RootId) throw errors.RootNotFoundException()
    return organization
  },
  requires: ({ PolicyType }, organization) => [
    needFor('DisablePolicyType', rootOfOrganizationArn(organization), { 'organizations:PolicyType': PolicyType }),
  ],
  async run({ PolicyType }, organization, _call, { writes }) {
    const type = requirePolicyType(PolicyType)
    const { policyTypes } = organization.root
    if (!policyTypes.includes(type)) throw errors.PolicyTypeNotEnabledException()
    const root = { ...organization.root, policyTypes: policyTypes.filter((each) => each !== type) }
    const disabled = { ...organization, root }
    for (const target of await allTargets(writes, disabled)) {
      await changeTarget(writes, disabled, target, { attached: { ...target.content.attached, [type]: [] } })
    }
    return { Root: rootAnswer(disabled) }
  },
  record: (input, _found, output) => recordOf(input, output),
})
