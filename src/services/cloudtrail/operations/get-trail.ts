import { z } from 'zod'
import { globalReadOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { recordOf } from '../../../kernel/plain-record.ts'
import { findTrail, needFor, requireTrail } from '../trails/find.ts'
import { wireTrail } from '../trails/settings.ts'

/** Shows a trail. */
export const getTrail = globalReadOperation({
  name: 'GetTrail',
  errors: Object.values(errors),
  input: z.object({ Name: z.string() }),
  load: ({ Name }, call, reads) => findTrail(reads, Name, call),
  requires: (_asked, found, call) => needFor('GetTrail', found, call),
  run: (_asked, found, call) => ({ Trail: wireTrail(requireTrail(found, call)) }),
  record: (asked) => recordOf(asked),
})
