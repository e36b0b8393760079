import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { needAnywhere } from '../find-stack.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Lists the stacks that import what is exported under a name. */
export const ListImports = readOperation({
  name: 'ListImports',
  errors: [errors.ValidationError],
  input: z.object({ ExportName: z.string().min(1).max(255), NextToken: shape.nextToken.optional() }),
  load: () => null,
  requires: (_given, _found, call) => [needAnywhere('ListImports', call)],
  async run({ ExportName }, _found, { caller: { account } }, { reads: { listing } }) {
    const users = await listing.importsOf(account, ExportName)
    if (users.length === 0) throw errors.ValidationError(`Export '${ExportName}' is not imported by any stack.`)
    return { Imports: users.map(({ stackName }) => stackName) }
  },
  record: (input) => recordOf(input),
})
