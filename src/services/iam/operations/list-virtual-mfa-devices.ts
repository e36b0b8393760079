import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { needIn } from '../subject.ts'

/** Lists the account's second factors: there are none here. */
export const ListVirtualMFADevices = globalReadOperation({
  name: 'ListVirtualMFADevices',
  errors: [],
  input: z.object({ ...shape.paging }),
  load: () => null,
  requires: () => [needIn('ListVirtualMFADevices', '*')],
  run: () => ({ VirtualMFADevices: [], IsTruncated: false }),
  record: (input) => recordOf(input),
})
