import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { policySummary } from '../answers.ts'
import { errors } from '../errors.ts'
import { requirePolicy, requireTarget } from '../find.ts'
import { pageOf } from '../page.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor, requirePolicyType } from '../requirements.ts'
import { targetArn } from '../targets.ts'
import * as shape from '../shapes.ts'

/** Lists the policies of a type that are attached to the root, a unit or an account itself. */
export const ListPoliciesForTarget = globalReadOperation({
  name: 'ListPoliciesForTarget',
  errors: [
    errors.AccessDeniedException,
    errors.AWSOrganizationsNotInUseException,
    errors.InvalidInputException,
    errors.TargetNotFoundException,
  ],
  input: z.object({ TargetId: shape.targetId, Filter: shape.policyType, ...shape.page }),
  async load({ TargetId }, call, reads) {
    const organization = await findManagedOrganization(call, reads)
    return { organization, target: await requireTarget(reads, organization, TargetId) }
  },
  requires: ({ Filter }, { organization, target }) => [
    needFor('ListPoliciesForTarget', targetArn(organization, target), { 'organizations:PolicyType': Filter }),
  ],
  async run(input, { organization, target }, _call, { reads }) {
    const ids = target.content.attached[requirePolicyType(input.Filter)]
    const { items, ...more } = pageOf('ListPoliciesForTarget', ids, input, (id) => id)
    const policies = await Promise.all(items.map((id) => requirePolicy(reads, organization, id)))
    return { Policies: policies.map((policy) => policySummary(organization, policy)), ...more }
  },
  record: (input) => recordOf(input),
})
