import { readJson, type Asking } from './client.ts'
import { signedFetch } from './signed-fetch.ts'
import type { SessionCredentials } from './sts.ts'

interface BegunSession {
  readonly Credentials: {
    readonly AccessKeyId: string
    readonly SecretAccessKey: string
    readonly SessionToken: string
    /** In seconds since 1970, or as ISO 8601 has it. */
    readonly Expiration: number | string
  }
}

/** Credentials for the console, which end within the hour. @throws ApiError */
export async function beginConsoleSession({ credentials, region }: Asking): Promise<SessionCredentials> {
  const headers = { 'content-type': 'application/json' }
  const response = await signedFetch({
    credentials,
    region,
    service: 'keyspan',
    path: '/console-session',
    headers,
    body: '{}',
  })
  return credentialsOf(await readJson<BegunSession>(response))
}

/** The same by the token of a link, which is good once. @throws ApiError */
export async function redeemLink(token: string): Promise<SessionCredentials> {
  const response = await fetch('/console/session', { method: 'POST', body: token, credentials: 'omit' })
  return credentialsOf(await readJson<BegunSession>(response))
}

function credentialsOf({ Credentials: given }: BegunSession): SessionCredentials {
  const { Expiration: end } = given
  return {
    accessKeyId: given.AccessKeyId,
    secretAccessKey: given.SecretAccessKey,
    sessionToken: given.SessionToken,
    endsAt: typeof end === 'number' ? end * 1000 : Date.parse(end),
  }
}
