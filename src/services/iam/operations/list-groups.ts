import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { allOf, pageOf } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { needIn, subjects } from '../subject.ts'
import { groupView } from '../views.ts'

/** Lists the groups of the account. */
export const ListGroups = globalReadOperation({
  name: 'ListGroups',
  errors: [errors.ValidationError],
  input: z.object({ PathPrefix: shape.pathPrefix.default('/'), ...shape.paging }),
  load: () => null,
  requires: ({ PathPrefix }, _found, { caller }) => [
    needIn('ListGroups', subjects.group.arn(caller.account, { path: PathPrefix, name: '' })),
  ],
  async run(input, _found, { caller: { account } }, { reads }) {
    const all = (await allOf(reads, 'group', account)).filter(({ path }) => path.startsWith(input.PathPrefix))
    const { items, more } = pageOf('ListGroups', all, input, ({ name }) => name.toLowerCase())
    return { Groups: items.map((each) => groupView(account, each)), ...more }
  },
  record: (input) => recordOf(input),
})
