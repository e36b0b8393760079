import { z } from 'zod'
import { globalReadOperation } from '../../kernel/operation.ts'
import { findKeyOwner, needOnOwner } from './access-keys.ts'
import { errors } from './errors.ts'
import { recordOf } from './record.ts'
import * as shape from './shapes.ts'
import { existing, findSubject, needOn } from './subject.ts'

/**
 * A listing of something that users have in AWS and never have here: a console password's second factor, keys for
 * other services. Tools ask for them before they delete a user.
 */
export function emptyUserListing(operation: string, member: string) {
  return globalReadOperation({
    name: operation,
    errors: [errors.NoSuchEntity, errors.ValidationError],
    input: z.object({ UserName: shape.name.optional(), ...shape.paging }),
    load: ({ UserName }, call, reads) => findKeyOwner(UserName, call, reads),
    requires: (_input, user, call) => [needOnOwner(operation, user, call)],
    run(_input, user) {
      if (user !== null) existing(user)
      return { [member]: [], IsTruncated: false }
    },
    record: (input) => recordOf(input),
  })
}

/** A listing of something that roles have in AWS and never have here. */
export function emptyRoleListing(operation: string, member: string) {
  return globalReadOperation({
    name: operation,
    errors: [errors.NoSuchEntity],
    input: z.object({ RoleName: shape.name, ...shape.paging }),
    load: ({ RoleName }, call, reads) => findSubject('role', RoleName, call, reads),
    requires: (_input, role) => [needOn(operation, role)],
    run(_input, role) {
      existing(role)
      return { [member]: [], IsTruncated: false }
    },
    record: (input) => recordOf(input),
  })
}
