import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { detailsOf, findKeyOwner, keysOf, needOnOwner, ownerMember } from '../access-keys.ts'
import { errors } from '../errors.ts'
import { pageOf } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Lists the access keys of a user, or of the caller, without their secrets. */
export const ListAccessKeys = globalReadOperation({
  name: 'ListAccessKeys',
  errors: [errors.NoSuchEntity, errors.ValidationError],
  input: z.object({ UserName: shape.name.optional(), ...shape.paging }),
  load: ({ UserName }, call, reads) => findKeyOwner(UserName, call, reads),
  requires: (_input, owner, call) => [needOnOwner('ListAccessKeys', owner, call)],
  async run(input, owner, call, { reads }) {
    const { items, more } = pageOf('ListAccessKeys', await keysOf(owner, call, reads), input, ({ id }) => id)
    const AccessKeyMetadata = items.map((key) => ({
      ...ownerMember(owner),
      AccessKeyId: key.id,
      Status: detailsOf(key).status,
      CreateDate: new Date(key.createdAt),
    }))
    return { AccessKeyMetadata, ...more }
  },
  record: (input) => recordOf(input),
})
