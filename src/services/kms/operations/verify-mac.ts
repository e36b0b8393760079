import { z } from 'zod'
import { verifyMac } from '../../../crypto/mac.ts'
import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { requestAlias } from '../condition-keys.ts'
import { errors } from '../errors.ts'
import { findKeyToUse } from '../keys/find-key.ts'
import { withGrantTokens } from '../grants/grant-tokens.ts'
import { recordOf } from '../record.ts'
import { endDryRun, requireState, requireUse, workingKey } from '../requirements.ts'
import * as shape from '../shapes.ts'
import { useErrors, useInput } from '../cryptography/use.ts'

const ACTION = 'kms:VerifyMac'
const find = findKeyToUse(ACTION)

/** Verifies an HMAC. One that is not good is an error, never an answer. */
export const VerifyMac = readOperation({
  name: 'VerifyMac',
  cryptographic: true,
  errors: [...useErrors, errors.KMSInvalidMacException],
  input: z.object({ ...useInput, Message: shape.message, MacAlgorithm: shape.macAlgorithm, Mac: shape.ciphertext }),
  load: ({ KeyId, GrantTokens }, call, reads) => withGrantTokens(GrantTokens, reads, () => find(KeyId, call, reads)),
  requires: ({ KeyId, MacAlgorithm }, key, { region }) => [
    need(ACTION, key, region, { 'kms:MacAlgorithm': MacAlgorithm, ...requestAlias(KeyId) }),
  ],
  run({ Message, MacAlgorithm, Mac, DryRun }, key) {
    requireState('VerifyMac', key)
    requireUse('VerifyMac', key, 'GENERATE_VERIFY_MAC', MacAlgorithm)
    const isGood = verifyMac(workingKey(key).secret, MacAlgorithm, Message, Mac)
    if (!isGood) throw errors.KMSInvalidMacException()
    endDryRun(DryRun)
    return { KeyId: key.arn, MacValid: true, MacAlgorithm }
  },
  record: (input, key) => recordOf(input, [key]),
})
