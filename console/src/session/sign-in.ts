import type { Asking } from '../api/client.ts'
import { ApiError, asApiError } from '../api/errors.ts'
import type { Credentials } from '../api/signed-fetch.ts'
import { beginConsoleSession, describeSystem, redeemLink } from '../api/keyspan.ts'
import { assumeRole, getCallerIdentity, type Identity, type SessionCredentials } from '../api/sts.ts'
import { endSession, setSession, type Session } from './session.ts'

/**
 * Signs in with an access key. The session has temporary credentials in its place.
 *
 * @throws ApiError where the key is not good
 */
export async function signIn(given: Credentials, region: string): Promise<void> {
  const { account, arn } = await identify({ credentials: given, region })
  const isTemporary = given.sessionToken !== undefined
  const credentials = isTemporary ? given : await beginConsoleSession({ credentials: given, region })
  setSession({ credentials, account, arn, endsAt: endOf(credentials), before: null })
}

/** Signs in by the link that `keyspan console` has printed. @throws ApiError where it was used or is too old */
export async function signInByLink(token: string, region: string): Promise<void> {
  const credentials = await redeemLink(token)
  const { account, arn } = await identify({ credentials, region })
  setSession({ credentials, account, arn, endsAt: credentials.endsAt, before: null })
}

/** Who somebody is. Where the Region gives no answer, the others are asked, by whoever may see which there are. */
async function identify(asking: Asking): Promise<Identity> {
  try {
    return await getCallerIdentity(asking)
  } catch (error) {
    if (error instanceof ApiError) throw error
    const { Regions } = await describeSystem(asking)
    for (const region of Regions) {
      const identity = await getCallerIdentity({ ...asking, region }).catch(() => null)
      if (identity !== null) return identity
    }
    throw error
  }
}

/** The token of a link in the address, which has it no longer; null where there is none. */
export function takeLink(): string | null {
  const [, token] = /^#sign-in=([\w-]+)$/.exec(window.location.hash) ?? []
  if (token === undefined) return null
  window.history.replaceState(null, '', window.location.pathname)
  return token
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

/** What a session that is over is refused with, by one protocol or another. */
const ENDS = ['ExpiredTokenException', 'ExpiredToken', 'UnrecognizedClientException']

/** Signs out where an answer says that the session is over. */
export function noteError(error: unknown): void {
  if (ENDS.includes(asApiError(error).code)) endSession()
}
