import { z } from 'zod'
import { newAccessKey } from '../../../kernel/identities/new-access-key.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { findKeyOwner, keysOf, needOnOwner, ownerId, ownerMember } from '../access-keys.ts'
import { errors } from '../errors.ts'
import { ACCESS_KEYS_PER_USER } from '../limits.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Makes an access key for a user, or for the caller. Its secret is in this answer and can never be read again. */
export const CreateAccessKey = globalWriteOperation({
  name: 'CreateAccessKey',
  errors: [errors.LimitExceeded, errors.NoSuchEntity, errors.ValidationError],
  input: z.object({ UserName: shape.name.optional() }),
  load: ({ UserName }, call, reads) => findKeyOwner(UserName, call, reads),
  requires: (_input, owner, call) => [needOnOwner('CreateAccessKey', owner, call)],
  async run(_input, owner, call, { writes, secrets }) {
    if ((await keysOf(owner, call, writes)).length >= ACCESS_KEYS_PER_USER) {
      throw errors.LimitExceeded(`Cannot exceed quota for AccessKeysPerUser: ${ACCESS_KEYS_PER_USER}`)
    }
    const { accessKeyId: id, secretAccessKey: secret } = call.chosen?.accessKey ?? newAccessKey('AKIA')
    const sealed = secrets.seal(id, Buffer.from(secret))
    await writes.putAccessKey({
      id,
      account: call.caller.account,
      owner: ownerId(owner),
      secret: sealed,
      content: { status: 'Active', lastUsed: null },
      createdAt: call.now,
      expiresAt: null,
    })
    const AccessKey = {
      ...ownerMember(owner),
      AccessKeyId: id,
      Status: 'Active',
      SecretAccessKey: secret,
      CreateDate: new Date(call.now),
    }
    return { AccessKey }
  },
  record: (input, _owner, output) => recordOf(input, output),
})
