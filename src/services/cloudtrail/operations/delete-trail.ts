import { z } from 'zod'
import { stopTrail, trailFile } from '../../../domain/trail/trail.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findTrail, needFor, requireAtHome } from '../trails/find.ts'

/** Deletes a trail. What was recorded before is still delivered, this call included. */
export const deleteTrail = globalWriteOperation({
  name: 'DeleteTrail',
  errors: Object.values(errors),
  input: z.object({ Name: z.string() }),
  load: ({ Name }, call, reads) => findTrail(reads, Name, call),
  requires: (_asked, found, call) => needFor('DeleteTrail', found, call),
  async run(_asked, found, call, { writes }): Promise<void> {
    const { account, ...trail } = requireAtHome(found, call)
    await writes.deleteDocument({ kind: 'trail', account, name: trailFile(trail) })
    if (trail.startedAt === null) return
    const ended = stopTrail({ account, ...trail }, call.now)
    await writes.putDocument({ kind: 'ended-trail', account, name: trail.id }, ended)
  },
  record: (asked) => recordOf(asked),
})
