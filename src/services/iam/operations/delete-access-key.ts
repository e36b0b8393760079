import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { existingKey, findKeyOwner, needOnOwner } from '../access-keys.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Deletes an access key. As in AWS, it may be the caller's last one. */
export const DeleteAccessKey = globalWriteOperation({
  name: 'DeleteAccessKey',
  errors: [errors.NoSuchEntity, errors.ValidationError],
  input: z.object({ UserName: shape.name.optional(), AccessKeyId: shape.accessKeyId }),
  load: ({ UserName }, call, reads) => findKeyOwner(UserName, call, reads),
  requires: (_input, owner, call) => [needOnOwner('DeleteAccessKey', owner, call)],
  async run({ AccessKeyId }, owner, call, { writes }): Promise<void> {
    const { id } = await existingKey(AccessKeyId, owner, call, writes)
    await writes.deleteAccessKey(id)
  },
  record: (input) => recordOf(input),
})
