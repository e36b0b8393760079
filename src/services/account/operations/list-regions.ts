import { z } from 'zod'
import { COMMERCIAL_REGIONS } from '../../../domain/region.ts'
import { regionOptStatus } from '../../../domain/region-opt-in.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { integer, list } from '../../../kernel/parse.ts'
import { enabledRegions } from '../../../storage/region-opt-in.ts'
import { errors } from '../errors.ts'
import { findAccount, needFor } from '../find-account.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

const MAX_RESULTS = 50

/** Lists every Region of AWS's commercial partition, and whether the account may use it. */
export const ListRegions = globalReadOperation({
  name: 'ListRegions',
  errors: [errors.AccessDeniedException, errors.ValidationException],
  input: z.object({
    AccountId: shape.accountId.optional(),
    MaxResults: integer(1, MAX_RESULTS).optional(),
    NextToken: z.string().max(1000).optional(),
    RegionOptStatusContains: list(
      z.enum(['ENABLED', 'ENABLING', 'DISABLING', 'DISABLED', 'ENABLED_BY_DEFAULT']),
      10,
    ).optional(),
  }),
  load: ({ AccountId }, call, reads) => findAccount(AccountId, call, reads),
  requires: (_input, account) => [needFor('ListRegions', account)],
  async run({ MaxResults = MAX_RESULTS, NextToken, RegionOptStatusContains: wanted }, { id }, _call, { reads }) {
    const enabled = await enabledRegions(reads, id)
    const all = COMMERCIAL_REGIONS.toSorted().map((RegionName) => ({
      RegionName,
      RegionOptStatus: regionOptStatus(RegionName, enabled),
    }))
    const rest = all.filter(
      ({ RegionName, RegionOptStatus }) =>
        (wanted === undefined || wanted.length === 0 || wanted.includes(RegionOptStatus)) &&
        RegionName > (NextToken ?? ''),
    )
    const Regions = rest.slice(0, MaxResults)
    // The token is the last name of the page: there is nothing to hide in it.
    return { Regions, ...(rest.length > MaxResults && { NextToken: Regions.at(-1)?.RegionName }) }
  },
  record: (input) => recordOf(input),
})
