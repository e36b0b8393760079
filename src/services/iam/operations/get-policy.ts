import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { existingPolicy, findPolicy, needOnPolicy, policyUsers, usesOf } from '../managed-policies.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { fullPolicyView } from '../views.ts'

/** Shows a managed policy, without its text. */
export const GetPolicy = globalReadOperation({
  name: 'GetPolicy',
  errors: [errors.NoSuchEntity, errors.ValidationError],
  input: z.object({ PolicyArn: shape.arn }),
  load: ({ PolicyArn }, call, reads) => findPolicy(PolicyArn, call, reads),
  requires: (_input, found) => [needOnPolicy('GetPolicy', found)],
  async run({ PolicyArn }, found, { caller }, { reads }) {
    const policy = existingPolicy(found)
    const useOf = usesOf(await policyUsers(reads, caller.account))
    return { Policy: fullPolicyView(PolicyArn, policy, useOf(PolicyArn)) }
  },
  record: (input) => recordOf(input),
})
