import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { pageOf } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { existing, findSubject, needOn } from '../subject.ts'
import { groupView } from '../views.ts'

/** Lists the groups that a user is in. */
export const ListGroupsForUser = globalReadOperation({
  name: 'ListGroupsForUser',
  errors: [errors.NoSuchEntity, errors.ValidationError],
  input: z.object({ UserName: shape.name, ...shape.paging }),
  load: ({ UserName }, call, reads) => findSubject('user', UserName, call, reads),
  requires: (_input, user) => [needOn('ListGroupsForUser', user)],
  async run(input, found, { caller: { account } }, { reads }) {
    const { items, more } = pageOf('ListGroupsForUser', existing(found).groups, input, (name) => name)
    const groups = await Promise.all(items.map((name) => reads.document({ kind: 'group', account, name })))
    return { Groups: groups.flatMap((group) => (group === null ? [] : [groupView(account, group)])), ...more }
  },
  record: (input) => recordOf(input),
})
