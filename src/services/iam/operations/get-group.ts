import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { membersOf } from '../members.ts'
import { pageOf } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { existing, findSubject, needOn } from '../subject.ts'
import { groupView, userView } from '../views.ts'

/** Shows a group and the users in it. */
export const GetGroup = globalReadOperation({
  name: 'GetGroup',
  errors: [errors.NoSuchEntity, errors.ValidationError],
  input: z.object({ GroupName: shape.name, ...shape.paging }),
  load: ({ GroupName }, call, reads) => findSubject('group', GroupName, call, reads),
  requires: (_input, group) => [needOn('GetGroup', group)],
  async run(input, found, { caller: { account } }, { reads }) {
    const group = existing(found)
    const members = await membersOf(reads, account, group.name)
    const { items, more } = pageOf('GetGroup', members, input, ({ name }) => name.toLowerCase())
    return { Group: groupView(account, group), Users: items.map((user) => userView(account, user)), ...more }
  },
  record: (input) => recordOf(input),
})
