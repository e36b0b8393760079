import { asApiError } from '../api/errors.ts'
import type { Credentials } from '../api/signed-fetch.ts'
import { assumeRole, getCallerIdentity, getSessionToken, type SessionCredentials } from '../api/sts.ts'
import { setSession, type Session } from './session.ts'

/**
 * Signs in with an access key. The session has temporary credentials in its place where STS gives such.
 *
 * @throws ApiError where the key is not good
 */
export async function signIn(given: Credentials, region: string): Promise<void> {
  const asking = { credentials: given, region }
  const { account, arn } = await getCallerIdentity(asking)
  const isTemporary = given.sessionToken !== undefined
  const credentials = isTemporary ? given : await getSessionToken(asking)
  setSession({ credentials, account, arn, endsAt: endOf(credentials), before: null })
}

/** Takes a role, from which one can go back. @throws ApiError */
export async function switchRole(session: Session, region: string, roleArn: string): Promise<void> {
  const name = session.arn.replace(/^.*[/:]/, '').replaceAll(/[^\w+=,.@-]/g, '-')
  const credentials = await assumeRole({ credentials: session.credentials, region }, roleArn, name)
  const { account, arn } = await getCallerIdentity({ credentials, region })
  setSession({ credentials, account, arn, endsAt: credentials.endsAt, before: session.before ?? session })
}

function endOf(credentials: Credentials | SessionCredentials): number | null {
  return 'endsAt' in credentials ? credentials.endsAt : null
}

/** Signs out where an answer says that the session is over. */
export function noteError(error: unknown): void {
  const { code } = asApiError(error)
  if (code === 'ExpiredTokenException' || code === 'UnrecognizedClientException') setSession(null)
}
