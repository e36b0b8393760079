import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { shownPolicy } from '../../../kernel/access/policy-text.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { DEFAULT_POLICY_NAME, requirePolicyName } from '../keys/policy-name.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:GetKeyPolicy'
const find = findKeyToManage(ACTION)

/** Gives a key's policy, to the letter as it was put, but for principals that are no more. */
export const GetKeyPolicy = readOperation({
  name: 'GetKeyPolicy',
  errors: [errors.InvalidArnException, errors.NotFoundException],
  input: z.object({ KeyId: shape.keyId, PolicyName: shape.policyName.default(DEFAULT_POLICY_NAME) }),
  load: ({ KeyId }, call, reads) => find(KeyId, call, reads),
  requires: (_input, key, { region }) => [need(ACTION, key, region)],
  async run({ PolicyName }, { record: { policy, principals } }, _call, { reads }) {
    requirePolicyName(PolicyName)
    return { Policy: await shownPolicy(policy, 'key', principals, (arn) => reads.principalId(arn)), PolicyName }
  },
  record: (input, key) => recordOf(input, [key]),
})
