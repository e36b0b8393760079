import { z } from 'zod'
import { need } from '../../../kernel/access/need.ts'
import { globalReadOperation } from '../../../kernel/operation.ts'
import type { DescribedDrill, Drills } from '../drills.ts'
import { errors } from '../errors.ts'
import { requireOperator } from '../require-operator.ts'

/**
 * Says how the Regions of a server are to each other, and what a drill does to them: as `keyspan region status`. It is
 * for the account that the deployment began with: it counts what waits of all.
 */
export const describeDrill = (drills: Drills) =>
  globalReadOperation({
    name: 'DescribeDrill',
    errors: [errors.ResourceNotFoundException],
    input: z.object({}),
    load: () => null,
    requires: (_input, _found, { region }) => [need('keyspan:DescribeDrill', '*', region)],
    async run(_input, _found, call) {
      requireOperator(drills, call)
      return drillAnswer(await drills.describe())
    },
    record: () => ({ requestParameters: null, resources: [] }),
  })

/** A drill as an answer tells it. */
export function drillAnswer({ development, now, faults, regions, lines }: DescribedDrill) {
  return {
    Development: development,
    Time: new Date(now),
    Faults: faults,
    Regions: regions.map(({ region, down }) => ({ Region: region, Down: down })),
    Lines: lines.map(({ source, destination, cut, lateMs, waiting, since }) => ({
      Source: source,
      Destination: destination,
      Cut: cut,
      DelaySeconds: lateMs / 1000,
      Waiting: waiting,
      WaitingSince: since === null ? null : new Date(since),
    })),
  }
}
