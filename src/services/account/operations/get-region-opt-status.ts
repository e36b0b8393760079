import { z } from 'zod'
import { regionOptStatus } from '../../../domain/region-opt-in.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { enabledRegions } from '../../../storage/region-opt-in.ts'
import { errors } from '../errors.ts'
import { findAccount, needFor } from '../find-account.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { requireRegion } from '../switch-region.ts'

/** Tells whether an account may use a Region. */
export const GetRegionOptStatus = globalReadOperation({
  name: 'GetRegionOptStatus',
  errors: [errors.AccessDeniedException, errors.ValidationException],
  input: z.object({ AccountId: shape.accountId.optional(), RegionName: shape.regionName }),
  load: ({ AccountId }, call, reads) => findAccount(AccountId, call, reads),
  requires: (_input, account) => [needFor('GetRegionOptStatus', account)],
  async run({ RegionName }, { id }, _call, { reads }) {
    const region = requireRegion(RegionName)
    return { RegionName, RegionOptStatus: regionOptStatus(region, await enabledRegions(reads, id)) }
  },
  record: (input) => recordOf(input),
})
