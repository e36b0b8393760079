import { z } from 'zod'
import { computeMac } from '../../../crypto/mac.ts'
import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { requestAlias } from '../condition-keys.ts'
import { findKeyToUse } from '../keys/find-key.ts'
import { withGrantTokens } from '../grants/grant-tokens.ts'
import { recordOf } from '../record.ts'
import { endDryRun, requireState, requireUse, workingKey } from '../requirements.ts'
import * as shape from '../shapes.ts'
import { useErrors, useInput } from '../cryptography/use.ts'

const ACTION = 'kms:GenerateMac'
const find = findKeyToUse(ACTION)

/** Computes the HMAC of up to 4,096 bytes: the same in every Region of a multi-Region key. */
export const GenerateMac = readOperation({
  name: 'GenerateMac',
  cryptographic: true,
  errors: useErrors,
  input: z.object({ ...useInput, Message: shape.message, MacAlgorithm: shape.macAlgorithm }),
  load: ({ KeyId, GrantTokens }, call, reads) => withGrantTokens(GrantTokens, reads, () => find(KeyId, call, reads)),
  requires: ({ KeyId, MacAlgorithm }, key, { region }) => [
    need(ACTION, key, region, { 'kms:MacAlgorithm': MacAlgorithm, ...requestAlias(KeyId) }),
  ],
  run({ Message, MacAlgorithm, DryRun }, key) {
    requireState('GenerateMac', key)
    requireUse('GenerateMac', key, 'GENERATE_VERIFY_MAC', MacAlgorithm)
    endDryRun(DryRun)
    return { KeyId: key.arn, Mac: computeMac(workingKey(key).secret, MacAlgorithm, Message), MacAlgorithm }
  },
  record: (input, key) => recordOf(input, [key]),
})
