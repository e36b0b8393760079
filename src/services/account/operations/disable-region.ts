import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { findAccount, needFor } from '../find-account.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { requireRegion, switchRegion } from '../switch-region.ts'

/** Keeps an account from using an opt-in Region; what it has there stays as it is. */
export const DisableRegion = globalWriteOperation({
  name: 'DisableRegion',
  errors: [errors.AccessDeniedException, errors.ValidationException],
  input: z.object({ AccountId: shape.accountId.optional(), RegionName: shape.regionName }),
  load: ({ AccountId }, call, reads) => findAccount(AccountId, call, reads),
  requires: ({ RegionName }, account) => [needFor('DisableRegion', account, { 'account:TargetRegion': RegionName })],
  run: ({ RegionName }, { id }, _call, { writes }) => switchRegion(writes, id, requireRegion(RegionName), 'DISABLED'),
  record: (input) => recordOf(input),
})
