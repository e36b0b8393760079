import { z } from 'zod'
import { changeTrail } from '../../../domain/trail/trail.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import type { CheckBucket } from '../bucket-check.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findTrail, needFor, putTrail, requireChangeable, trailsOf } from '../trails/find.ts'
import {
  acceptSettings,
  requireBucket,
  requireRoom,
  requireTogether,
  settingsInput,
  wireSettings,
} from '../trails/settings.ts'

/** Changes what a trail delivers and where to, from now on. */
export const updateTrail = (check: CheckBucket) =>
  globalWriteOperation({
    name: 'UpdateTrail',
    errors: Object.values(errors),
    input: z.object({ ...settingsInput, Name: z.string() }),
    async load(asked, call, reads) {
      return { ...(await findTrail(reads, asked.Name, call)), changes: acceptSettings(asked) }
    },
    requires: (_asked, found, call) => needFor('UpdateTrail', found, call),
    async ahead(_asked, { changes, ...found }, call) {
      const { settings } = requireChangeable(found, call)
      const isMoved = changes.bucket !== undefined || changes.prefix !== undefined
      if (isMoved) await requireBucket(check, { ...settings, ...changes }, call)
      return undefined
    },
    async run(_asked, { changes, ...found }, call, { writes }) {
      const trail = changeTrail(requireChangeable(found, call), changes, call.now)
      requireTogether(trail.settings)
      const others = await trailsOf(writes, trail.account)
      if (trail.settings.isMultiRegion) {
        requireRoom(
          others.filter(({ id }) => id !== trail.id),
          trail,
        )
      }
      await putTrail(writes, trail)
      return wireSettings(trail)
    },
    record: (asked, _found, answer) => recordOf(asked, answer),
  })
