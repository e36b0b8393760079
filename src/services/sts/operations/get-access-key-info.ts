import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { need } from '../../../kernel/access/need.ts'
import { pattern } from '../../../kernel/parse.ts'
import { errors } from '../errors.ts'

/** Says to which account an access key belongs. */
export const GetAccessKeyInfo = globalReadOperation({
  name: 'GetAccessKeyInfo',
  errors: [errors.ValidationError],
  input: z.object({
    AccessKeyId: z
      .string()
      .min(16)
      .max(128)
      .regex(...pattern('[\\w]*')),
  }),
  load: ({ AccessKeyId }, _call, reads) => reads.accessKey(AccessKeyId),
  requires: (_input, _found, { region }) => [need('sts:GetAccessKeyInfo', '*', region)],
  run({ AccessKeyId }, key) {
    if (key === null) throw errors.ValidationError(`Invalid Access Key: ${AccessKeyId}`)
    return { Account: key.account }
  },
  record: ({ AccessKeyId }) => ({ requestParameters: { accessKeyId: AccessKeyId }, resources: [] }),
})
