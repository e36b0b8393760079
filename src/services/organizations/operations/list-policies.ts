import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { policySummary } from '../answers.ts'
import { errors } from '../errors.ts'
import { pageOf } from '../page.ts'
import { policiesOfType } from '../policy-rules.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findManagedOrganization, needFor, requirePolicyType } from '../requirements.ts'
import * as shape from '../shapes.ts'

/** Lists the policies of a type. */
export const ListPolicies = globalReadOperation({
  name: 'ListPolicies',
  errors: [errors.AccessDeniedException, errors.AWSOrganizationsNotInUseException, errors.InvalidInputException],
  input: z.object({ Filter: shape.policyType, ...shape.page }),
  load: (_input, call, reads) => findManagedOrganization(call, reads),
  requires: ({ Filter }) => [needFor('ListPolicies', '*', { 'organizations:PolicyType': Filter })],
  async run(input, organization, _call, { reads }) {
    const policies = await policiesOfType(reads, organization, requirePolicyType(input.Filter))
    const { items, ...more } = pageOf('ListPolicies', policies, input, ({ id }) => id)
    return { Policies: items.map((policy) => policySummary(organization, policy)), ...more }
  },
  record: (input) => recordOf(input),
})
