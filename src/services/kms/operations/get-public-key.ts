import { z } from 'zod'
import { isAsymmetric } from '../../../domain/key-spec.ts'
import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { requestAlias } from '../condition-keys.ts'
import { errors } from '../errors.ts'
import { findKeyToUse } from '../keys/find-key.ts'
import { withGrantTokens } from '../grants/grant-tokens.ts'
import { algorithmMembers } from '../keys/key-metadata.ts'
import { recordOf } from '../record.ts'
import { requireState, workingKey } from '../requirements.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:GetPublicKey'
const find = findKeyToUse(ACTION)

/** Gives the public half of an asymmetric key, the same in every Region of a multi-Region key. */
export const GetPublicKey = readOperation({
  name: 'GetPublicKey',
  errors: [
    errors.InvalidGrantTokenException,
    errors.KMSInvalidStateException,
    errors.NotFoundException,
    errors.UnsupportedOperationException,
  ],
  input: z.object({ KeyId: shape.keyId, GrantTokens: shape.grantTokens.optional() }),
  load: ({ KeyId, GrantTokens }, call, reads) => withGrantTokens(GrantTokens, reads, () => find(KeyId, call, reads)),
  requires: ({ KeyId }, key, { region }) => [need(ACTION, key, region, requestAlias(KeyId))],
  run(_input, key) {
    requireState('GetPublicKey', key)
    const { spec, usage } = key.record
    if (!isAsymmetric(spec)) throw errors.UnsupportedOperationException()
    return {
      KeyId: key.arn,
      // A copy: the bytes of an answer are wiped once they are sent.
      PublicKey: Buffer.from(workingKey(key).pair.spki),
      CustomerMasterKeySpec: spec,
      KeySpec: spec,
      KeyUsage: usage,
      ...algorithmMembers(key.record),
    }
  },
  record: (input, key) => recordOf(input, [key]),
})
