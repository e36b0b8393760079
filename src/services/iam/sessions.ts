import type { Caller } from '../../kernel/identities/caller.ts'
import type { WireError } from '../../kernel/errors.ts'
import { errors } from './errors.ts'

/**
 * Refuses sessions of GetFederationToken, and those of GetSessionToken without a second factor, which nobody has here
 * (AWS STS API Reference): what ends after minutes shall make nothing that lasts.
 */
export function refuseIamSession(_operation: string, { session }: Caller): WireError | null {
  if (session === null || session.kind === 'role' || session.kind === 'console') return null
  const source = session.kind === 'user' ? 'GetSessionToken' : 'GetFederationToken'
  return errors.InvalidClientTokenId(
    `The security token included in the request is invalid. IAM takes no credentials of ${source}: use a long-term ` +
      'access key, or assume a role.',
    {},
    {
      why: `IAM serves nothing to credentials of ${source}, whatever policies say.`,
      remedy: 'Ask with a long-term access key, or take on a role with AssumeRole.',
      resource: null,
      owner: null,
    },
  )
}
