import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { checkNoPublicAccess } from '../../../policy/compare/checks.ts'
import { answerTo, checkedPolicy, needFor } from '../checked-policy.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

const TYPES = { 'AWS::KMS::Key': 'RESOURCE_POLICY', 'AWS::IAM::AssumeRolePolicyDocument': 'TRUST_POLICY' } as const

/** Tells whether the policy of a key or of a role lets in nobody but those whom it names. */
export const CheckNoPublicAccess = readOperation({
  name: 'CheckNoPublicAccess',
  errors: [errors.InvalidParameterException, errors.UnprocessableEntityException, errors.ValidationException],
  input: z.object({ policyDocument: shape.policyDocument, resourceType: z.string().max(256) }),
  load: () => null,
  requires: (_input, _found, call) => [needFor('CheckNoPublicAccess', call)],
  run({ policyDocument, resourceType }) {
    const type = Object.entries(TYPES).find(([name]) => name === resourceType)?.[1]
    if (type === undefined) {
      throw errors.InvalidParameterException(
        `The resource type ${resourceType} is not served here: give ${Object.keys(TYPES).join(' or ')}.`,
      )
    }
    return answerTo(checkNoPublicAccess(checkedPolicy(policyDocument, type, 'policyDocument')), {
      pass: 'The resource policy does not grant public access for the given resource type.',
      fail: 'The resource policy grants public access for the given resource type.',
      reason: 'Public access granted in the following statement',
    })
  },
  record: (input) => recordOf(input),
})
