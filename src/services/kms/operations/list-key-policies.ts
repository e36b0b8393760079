import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { errors } from '../errors.ts'
import { findKeyToManage } from '../keys/find-key.ts'
import { paged } from '../page.ts'
import { DEFAULT_POLICY_NAME } from '../keys/policy-name.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

const ACTION = 'kms:ListKeyPolicies'
const find = findKeyToManage(ACTION)

/** Lists the names of a key's policies: there is one. */
export const ListKeyPolicies = readOperation({
  name: 'ListKeyPolicies',
  errors: [errors.InvalidArnException, errors.InvalidMarkerException, errors.NotFoundException],
  input: z.object({ KeyId: shape.keyId, Limit: shape.limit(1000).optional(), Marker: shape.marker.optional() }),
  load: ({ KeyId }, call, reads) => find(KeyId, call, reads),
  requires: (_input, key, { region }) => [need(ACTION, key, region)],
  run({ Marker }, _key, call, powers) {
    // One name fits every page, so no marker was ever given out.
    paged('ListKeyPolicies', call, powers).after(Marker)
    return { PolicyNames: [DEFAULT_POLICY_NAME], Truncated: false }
  },
  record: (input, key) => recordOf(input, [key]),
})
