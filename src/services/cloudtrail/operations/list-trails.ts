import { z } from 'zod'
import { trailArn } from '../../../domain/trail/trail.ts'
import { need } from '../../../kernel/access/need.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { trailsOf } from '../trails/find.ts'
import { refuseToken } from '../trails/token.ts'

/** Lists the trails of an account, whatever their home Regions. */
export const listTrails = globalReadOperation({
  name: 'ListTrails',
  errors: Object.values(errors),
  input: z.object({ NextToken: z.string().optional() }),
  async load({ NextToken }, { caller: { account } }, reads) {
    refuseToken(NextToken)
    return trailsOf(reads, account)
  },
  requires: (_asked, _found, { region }) => [need('cloudtrail:ListTrails', '*', region)],
  run: (_asked, trails) => ({
    Trails: trails.map((trail) => ({ TrailARN: trailArn(trail), Name: trail.name, HomeRegion: trail.homeRegion })),
  }),
  record: (asked) => recordOf(asked),
})
