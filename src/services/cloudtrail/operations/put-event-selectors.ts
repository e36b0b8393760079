import { z } from 'zod'
import { changeTrail } from '../../../domain/trail/trail.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findTrail, needFor, putTrail, requireChangeable } from '../trails/find.ts'
import { acceptSelectors, advancedInput, basicInput, wireSelectors } from '../trails/selectors.ts'

/** Says which events a trail delivers from now on. */
export const putEventSelectors = globalWriteOperation({
  name: 'PutEventSelectors',
  errors: Object.values(errors),
  input: z.object({
    TrailName: z.string(),
    EventSelectors: basicInput.optional(),
    AdvancedEventSelectors: advancedInput.optional(),
  }),
  async load({ TrailName, EventSelectors, AdvancedEventSelectors }, call, reads) {
    const selectors = acceptSelectors(EventSelectors, AdvancedEventSelectors)
    return { ...(await findTrail(reads, TrailName, call)), selectors }
  },
  requires: (_asked, found, call) => needFor('PutEventSelectors', found, call),
  async run(_asked, { selectors, ...found }, call, { writes }) {
    const trail = changeTrail(requireChangeable(found, call), { selectors }, call.now)
    await putTrail(writes, { ...trail, isSelective: true })
    return { TrailARN: found.arn, ...wireSelectors(selectors) }
  },
  record: (asked, _found, answer) => recordOf(asked, answer),
})
