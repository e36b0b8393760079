import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { findKeyToDescribe, isUnmade, makeAwsKey } from '../keys/aws-managed-key.ts'
import { requestAlias } from '../condition-keys.ts'
import { errors } from '../errors.ts'
import { keyMetadata } from '../keys/key-metadata.ts'
import { withGrantTokens } from '../grants/grant-tokens.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:DescribeKey'
const find = findKeyToDescribe(ACTION)

/**
 * Tells everything about a key but its material, policy, tags and aliases.
 *
 * The key that AWS manages for a service is made when its alias is first described.
 */
export const DescribeKey = readOperation({
  name: 'DescribeKey',
  errors: [errors.InvalidArnException, errors.InvalidGrantTokenException, errors.NotFoundException],
  input: z.object({ KeyId: shape.keyId, GrantTokens: shape.grantTokens.optional() }),
  load: ({ KeyId, GrantTokens }, call, reads) => withGrantTokens(GrantTokens, reads, () => find(KeyId, call, reads)),
  requires: ({ KeyId }, key, { region }) => [
    need(ACTION, key, region, requestAlias(KeyId), isUnmade(key) ? 'creation' : 'name'),
  ],
  firstUse: {
    isDue: isUnmade,
    make: makeAwsKey,
  },
  run: (_input, key) => ({ KeyMetadata: keyMetadata(key.record) }),
  record: (input, key) => recordOf(input, [key === null || isUnmade(key) ? null : key]),
})
