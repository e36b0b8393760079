import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findTrail, needFor, requireTrail } from '../trails/find.ts'
import { wireSelectors } from '../trails/selectors.ts'

/** Shows which events a trail delivers. */
export const getEventSelectors = globalReadOperation({
  name: 'GetEventSelectors',
  errors: Object.values(errors),
  input: z.object({ TrailName: z.string() }),
  load: ({ TrailName }, call, reads) => findTrail(reads, TrailName, call),
  requires: (_asked, found, call) => needFor('GetEventSelectors', found, call),
  run: (_asked, found, call) => ({
    TrailARN: found.arn,
    ...wireSelectors(requireTrail(found, call).settings.selectors),
  }),
  record: (asked) => recordOf(asked),
})
