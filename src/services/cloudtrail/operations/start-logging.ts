import { z } from 'zod'
import { startTrail } from '../../../domain/trail/trail.ts'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findTrail, needFor, putTrail, requireChangeable } from '../trails/find.ts'

/** Starts a trail: what is recorded from now on is delivered. */
export const startLogging = globalWriteOperation({
  name: 'StartLogging',
  errors: Object.values(errors),
  input: z.object({ Name: z.string() }),
  load: ({ Name }, call, reads) => findTrail(reads, Name, call),
  requires: (_asked, found, call) => needFor('StartLogging', found, call),
  run: (_asked, found, call, { writes }): Promise<void> =>
    putTrail(writes, startTrail(requireChangeable(found, call), call.now)),
  record: (asked) => recordOf(asked),
})
