import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { allOf, pageOf } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { needIn, subjects } from '../subject.ts'
import { userView } from '../views.ts'

/** Lists the users of the account. */
export const ListUsers = globalReadOperation({
  name: 'ListUsers',
  errors: [errors.ValidationError],
  input: z.object({ PathPrefix: shape.pathPrefix.default('/'), ...shape.paging }),
  load: () => null,
  requires: ({ PathPrefix }, _found, { caller }) => [
    needIn('ListUsers', subjects.user.arn(caller.account, { path: PathPrefix, name: '' })),
  ],
  async run(input, _found, { caller: { account } }, { reads }) {
    const all = (await allOf(reads, 'user', account)).filter(({ path }) => path.startsWith(input.PathPrefix))
    const { items, more } = pageOf('ListUsers', all, input, ({ name }) => name.toLowerCase())
    return { Users: items.map((each) => userView(account, each)), ...more }
  },
  record: (input) => recordOf(input),
})
