import { z } from 'zod'
import { need } from '../../../kernel/access/need.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { list } from '../../../kernel/parse.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findTrail, seenIn, trailsOf } from '../trails/find.ts'
import { wireTrail } from '../trails/settings.ts'

const NAMES_AT_ONCE = 200

/** Shows the trails that are seen in a Region, or those of them that are named. */
export const describeTrails = globalReadOperation({
  name: 'DescribeTrails',
  errors: Object.values(errors),
  input: z.object({
    trailNameList: list(z.string(), NAMES_AT_ONCE).optional(),
    includeShadowTrails: z.boolean().optional(),
  }),
  async load({ trailNameList: names = [], includeShadowTrails = true }, call, reads) {
    const named = await Promise.all(names.map((name) => findTrail(reads, name, call)))
    const trails =
      names.length === 0
        ? seenIn(await trailsOf(reads, call.caller.account), call.region)
        : named.flatMap(({ trail }) => trail ?? [])
    return includeShadowTrails ? trails : trails.filter(({ homeRegion }) => homeRegion === call.region)
  },
  requires: (_asked, _found, { region }) => [need('cloudtrail:DescribeTrails', '*', region)],
  run: (_asked, trails) => ({ trailList: trails.map(wireTrail) }),
  record: (asked) => recordOf(asked),
})
