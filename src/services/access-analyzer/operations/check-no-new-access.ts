import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { checkNoNewAccess } from '../../../policy/compare/checks.ts'
import { answerTo, checkedPolicy, needFor } from '../checked-policy.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Tells whether a policy allows nothing that another does not. */
export const CheckNoNewAccess = readOperation({
  name: 'CheckNoNewAccess',
  errors: [errors.InvalidParameterException, errors.UnprocessableEntityException, errors.ValidationException],
  input: z.object({
    newPolicyDocument: shape.policyDocument,
    existingPolicyDocument: shape.policyDocument,
    policyType: shape.checkedType,
  }),
  load: () => null,
  requires: (_input, _found, call) => [needFor('CheckNoNewAccess', call)],
  run({ newPolicyDocument, existingPolicyDocument, policyType }) {
    const [policy, existing] = [
      checkedPolicy(newPolicyDocument, policyType, 'newPolicyDocument'),
      checkedPolicy(existingPolicyDocument, policyType, 'existingPolicyDocument'),
    ]
    return answerTo(checkNoNewAccess(policy, existing), {
      pass: 'The modified permissions do not grant new access compared to your existing policy.',
      fail: 'The modified permissions grant new access compared to your existing policy.',
      reason: 'New access in the statement',
    })
  },
  record: (input) => recordOf(input),
})
