import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { beginSession } from '../begin-session.ts'
import { errors } from '../errors.ts'
import { recordSession } from '../record.ts'
import { requireLongTerm, userIdOf } from '../requirements.ts'
import * as shape from '../shapes.ts'

const DEFAULT_SECONDS = 43_200
const ROOT_SECONDS = 3600

/** Gives a user, or the root user, temporary credentials of its own. It needs no permission (AWS STS API Reference). */
export const GetSessionToken = globalWriteOperation({
  name: 'GetSessionToken',
  errors: [errors.AccessDenied, errors.ValidationError],
  input: z.object({
    DurationSeconds: shape.duration(129_600).optional(),
    SerialNumber: z.string().optional(),
    TokenCode: z.string().optional(),
  }),
  load: () => null,
  requires: () => [],
  async run({ DurationSeconds, SerialNumber, TokenCode }, _found, { caller, now }, powers) {
    requireLongTerm('GetSessionToken', caller)
    if (SerialNumber !== undefined || TokenCode !== undefined) {
      throw errors.ValidationError(
        'Multi-factor authentication is not supported. Leave SerialNumber and TokenCode out.',
      )
    }
    const userId = userIdOf(caller)
    const longest = userId === null ? ROOT_SECONDS : DEFAULT_SECONDS
    const seconds = userId === null ? Math.min(DurationSeconds ?? longest, ROOT_SECONDS) : (DurationSeconds ?? longest)
    const session = { kind: 'user', userId } as const
    return { Credentials: await beginSession(powers, caller.account, userId, session, seconds, now) }
  },
  record: (given, _found, output) => recordSession(given, output),
})
