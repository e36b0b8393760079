import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { needIn } from '../subject.ts'

/** Lists the account's alias: there is none here. */
export const ListAccountAliases = globalReadOperation({
  name: 'ListAccountAliases',
  errors: [],
  input: z.object({ ...shape.paging }),
  load: () => null,
  requires: () => [needIn('ListAccountAliases', '*')],
  run: () => ({ AccountAliases: [], IsTruncated: false }),
  record: (input) => recordOf(input),
})
