import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { needAnywhere } from '../find-stack.ts'
import { paged } from '../page.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { exportView } from '../views.ts'

const PER_PAGE = 100

/** Lists what the stacks of the account export in this Region. */
export const ListExports = readOperation({
  name: 'ListExports',
  errors: [errors.ValidationError],
  input: z.object({ NextToken: shape.nextToken.optional() }),
  load: () => null,
  requires: (_given, _found, call) => [needAnywhere('ListExports', call)],
  async run({ NextToken }, _found, call, powers) {
    const pages = paged('ListExports', call, powers)
    const page = { after: pages.after(NextToken), limit: PER_PAGE + 1 }
    const links = await powers.reads.listing.exports(call.caller.account, page)
    const { items, ...more } = pages.cut(links, PER_PAGE, ({ name }) => name)
    return { Exports: items.map((link) => exportView(call, link)), ...more }
  },
  record: (input) => recordOf(input),
})
