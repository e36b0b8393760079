import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { existingKey, findKeyOwner, needOnOwner } from '../access-keys.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Switches an access key on or off. */
export const UpdateAccessKey = globalWriteOperation({
  name: 'UpdateAccessKey',
  errors: [errors.NoSuchEntity, errors.ValidationError],
  input: z.object({
    UserName: shape.name.optional(),
    AccessKeyId: shape.accessKeyId,
    Status: shape.accessKeyStatus,
  }),
  load: ({ UserName }, call, reads) => findKeyOwner(UserName, call, reads),
  requires: (_input, owner, call) => [needOnOwner('UpdateAccessKey', owner, call)],
  async run({ AccessKeyId, Status }, owner, call, { writes }): Promise<void> {
    const key = await existingKey(AccessKeyId, owner, call, writes)
    await writes.putAccessKey({ ...key, content: { ...key.content, status: Status } })
  },
  record: (input) => recordOf(input),
})
