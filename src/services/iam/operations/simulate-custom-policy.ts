import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { simulate, triedPolicies } from '../simulation.ts'
import { needIn } from '../subject.ts'

/** Says what policies would allow, which nobody need have. */
export const SimulateCustomPolicy = globalReadOperation({
  name: 'SimulateCustomPolicy',
  errors: [errors.InvalidInput, errors.ValidationError],
  input: z.object({
    PolicyInputList: shape.policyInputs,
    OrderedOrganizationPolicyInputList: shape.organizationPolicies,
    ...shape.simulation,
  }),
  load: () => null,
  requires: () => [needIn('SimulateCustomPolicy', '*')],
  run(input, _found, { caller: { account } }) {
    const identity = triedPolicies('PolicyInputList', input.PolicyInputList)
    return simulate('SimulateCustomPolicy', input, { account, identity, boundary: null, caller: null }, {})
  },
  record: (input) => recordOf(input),
})
