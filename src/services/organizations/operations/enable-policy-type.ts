import { z } from 'zod'
import { MANAGED_CONTROL_POLICIES, rootOfOrganizationArn } from '../../../domain/organization.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { rootAnswer } from '../answers.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedRoot, needFor, requireAllFeatures, requirePolicyType } from '../requirements.ts'
import { changePolicyTypes } from '../targets.ts'
import * as shape from '../shapes.ts'

/** Lets policies of a type decide. AWS's own, which forbids nothing, is attached to everything. */
export const EnablePolicyType = globalWriteOperation({
  name: 'EnablePolicyType',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.InvalidInputException,
    errors.PolicyTypeAlreadyEnabledException,
    errors.PolicyTypeNotAvailableForOrganizationException,
    errors.RootNotFoundException,
  ],
  input: z.object({ RootId: shape.rootId, PolicyType: shape.policyType }),
  load: ({ RootId }, call, reads) => findManagedRoot(RootId, call, reads),
  requires: ({ PolicyType }, organization) => [
    needFor('EnablePolicyType', rootOfOrganizationArn(organization), { 'organizations:PolicyType': PolicyType }),
  ],
  async run({ PolicyType }, organization, _call, { writes }) {
    const type = requirePolicyType(PolicyType)
    requireAllFeatures(organization)
    const { policyTypes } = organization.root
    if (policyTypes.includes(type)) throw errors.PolicyTypeAlreadyEnabledException()
    const attached = { [type]: [MANAGED_CONTROL_POLICIES[type].id] }
    return { Root: rootAnswer(await changePolicyTypes(writes, organization, [...policyTypes, type], attached)) }
  },
  record: (input, _found, output) => recordOf(input, output),
})
