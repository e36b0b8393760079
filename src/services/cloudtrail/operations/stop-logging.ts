import { z } from 'zod'
import { stopTrail } from '../../../domain/trail/trail.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findTrail, needFor, putTrail, requireChangeable } from '../trails/find.ts'

/** Stops a trail. What was recorded before is still delivered, this call included. */
export const stopLogging = globalWriteOperation({
  name: 'StopLogging',
  errors: Object.values(errors),
  input: z.object({ Name: z.string() }),
  load: ({ Name }, call, reads) => findTrail(reads, Name, call),
  requires: (_asked, found, call) => needFor('StopLogging', found, call),
  run: (_asked, found, call, { writes }): Promise<void> =>
    putTrail(writes, stopTrail(requireChangeable(found, call), call.now)),
  record: (asked) => recordOf(asked),
})
