import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { allOf, pageOf } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { needIn, subjects } from '../subject.ts'
import { roleView } from '../views.ts'

/** Lists the roles of the account. */
export const ListRoles = globalReadOperation({
  name: 'ListRoles',
  errors: [errors.ValidationError],
  input: z.object({ PathPrefix: shape.pathPrefix.default('/'), ...shape.paging }),
  load: () => null,
  requires: ({ PathPrefix }, _found, { caller }) => [
    needIn('ListRoles', subjects.role.arn(caller.account, { path: PathPrefix, name: '' })),
  ],
  async run(input, _found, { caller: { account } }, { reads }) {
    const all = (await allOf(reads, 'role', account)).filter(({ path }) => path.startsWith(input.PathPrefix))
    const { items, more } = pageOf('ListRoles', all, input, ({ name }) => name.toLowerCase())
    return { Roles: await Promise.all(items.map((each) => roleView(account, each, reads))), ...more }
  },
  record: (input) => recordOf(input),
})
