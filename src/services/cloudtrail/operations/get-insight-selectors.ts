import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findTrail, needFor, requireTrail } from '../trails/find.ts'

/** Says of every trail that it has no insights: nothing here makes any. */
export const getInsightSelectors = globalReadOperation({
  name: 'GetInsightSelectors',
  errors: Object.values(errors),
  input: z.object({ TrailName: z.string() }),
  load: ({ TrailName }, call, reads) => findTrail(reads, TrailName, call),
  requires: (_asked, found, call) => needFor('GetInsightSelectors', found, call),
  run(_asked, found, call): never {
    requireTrail(found, call)
    throw errors.InsightNotEnabledException(`Trail ${found.arn} does not have Insights enabled.`)
  },
  record: (asked) => recordOf(asked),
})
