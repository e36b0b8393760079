import { z } from 'zod'
import { writeOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { acceptPolicy } from '../keys/accept-policy.ts'
import { changeKey } from '../keys/change-key.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { DEFAULT_POLICY_NAME, requirePolicyName } from '../keys/policy-name.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:PutKeyPolicy'
const find = findKeyToManage(ACTION)

/** Replaces a key's policy, in this Region only and whatever the key's state is. */
export const PutKeyPolicy = writeOperation({
  name: 'PutKeyPolicy',
  errors: [
    errors.InvalidArnException,
    errors.LimitExceededException,
    errors.MalformedPolicyDocumentException,
    errors.NotFoundException,
  ],
  input: z.object({
    KeyId: shape.keyId,
    PolicyName: shape.policyName.default(DEFAULT_POLICY_NAME),
    Policy: shape.policy,
    BypassPolicyLockoutSafetyCheck: z.boolean().default(false),
  }),
  load: ({ KeyId }, call, reads) => find(KeyId, call, reads),
  requires: ({ BypassPolicyLockoutSafetyCheck }, key, { region }) => [
    need(ACTION, key, region, {
      'kms:BypassPolicyLockoutSafetyCheck': String(BypassPolicyLockoutSafetyCheck),
    }),
  ],
  async run({ Policy, PolicyName, BypassPolicyLockoutSafetyCheck }, { record }, call, powers): Promise<void> {
    requirePolicyName(PolicyName)
    const accepted = await acceptPolicy(Policy, BypassPolicyLockoutSafetyCheck, record, call, powers.reads)
    await changeKey(powers, { ...record, ...accepted }, call.now)
  },
  record: (input, key) => recordOf(input, [key]),
})
