import type { Caller } from '../../kernel/identities/caller.ts'
import type { WireError } from '../../kernel/errors.ts'
import { errors } from './errors.ts'

/** All that STS does for temporary credentials that are no role's (AWS STS API Reference, GetSessionToken). */
const SERVED: Readonly<Record<'user' | 'console' | 'federated', readonly string[]>> = {
  user: ['AssumeRole', 'GetCallerIdentity'],
  console: ['AssumeRole', 'GetCallerIdentity'],
  federated: ['GetCallerIdentity'],
}

const refused = (operation: string) =>
  errors.AccessDenied(
    `Cannot call ${operation} with session credentials`,
    {},
    {
      why: `STS does not serve ${operation} to temporary credentials of this kind, whatever policies say.`,
      remedy: 'Ask with a long-term access key, or take on a role with AssumeRole.',
      resource: null,
      owner: null,
    },
  )

/** Refuses a session what STS does for long-term credentials and roles only. */
export function refuseStsSession(operation: string, { session }: Caller): WireError | null {
  if (session === null || session.kind === 'role') return null
  return SERVED[session.kind].includes(operation) ? null : refused(operation)
}

/** Refuses what only long-term credentials may ask for. */
export function requireLongTerm(operation: string, { session }: Caller): void {
  if (session !== null) throw refused(operation)
}

/** The unique id of the user who calls; null for the root user. */
export function userIdOf({ forms }: Caller): string | null {
  return forms.find(({ kind }) => kind === 'user')?.id ?? null
}
