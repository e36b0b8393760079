import { z } from 'zod'
import { globalWriteOperation } from '../../../kernel/operation.ts'
import { beginSession } from '../../sts/begin-session.ts'
import { errors } from '../../sts/errors.ts'
import { recordSession } from '../../sts/record.ts'
import { requireLongTerm, userIdOf } from '../../sts/requirements.ts'

/** How long somebody stays signed in to the console. */
const SECONDS = 3600

/**
 * Gives a user, or the root user, temporary credentials for the console, so that it keeps none that last. Unlike those
 * of GetSessionToken, IAM serves them, as it serves who is signed in to AWS's console. It needs no permission.
 */
export const BeginConsoleSession = globalWriteOperation({
  name: 'BeginConsoleSession',
  errors: [errors.AccessDenied],
  input: z.object({}),
  load: () => null,
  requires: () => [],
  async run(_input, _found, { caller, now }, powers) {
    requireLongTerm('BeginConsoleSession', caller)
    const userId = userIdOf(caller)
    const session = { kind: 'console', userId } as const
    return { Credentials: await beginSession(powers, caller.account, userId, session, SECONDS, now) }
  },
  record: (given, _found, output) => recordSession(given, output),
})
