import { askQuery, type Asking } from './client.ts'
import type { Credentials } from './signed-fetch.ts'

const STS = { service: 'sts', version: '2011-06-15' }

/** Who somebody is. */
export interface Identity {
  readonly account: string
  readonly arn: string
}

/** @throws ApiError */
export async function getCallerIdentity(asking: Asking): Promise<Identity> {
  const xml = await askQuery(asking, STS, 'GetCallerIdentity', {})
  return { account: text(xml, 'Account'), arn: text(xml, 'Arn') }
}

/** @throws ApiError */
export async function assumeRole(asking: Asking, roleArn: string, sessionName: string): Promise<SessionCredentials> {
  return credentialsOf(await askQuery(asking, STS, 'AssumeRole', { RoleArn: roleArn, RoleSessionName: sessionName }))
}

/** Credentials, and when they end, in epoch milliseconds. */
export interface SessionCredentials extends Credentials {
  readonly sessionToken: string
  readonly endsAt: number
}

function credentialsOf(xml: Document): SessionCredentials {
  return {
    accessKeyId: text(xml, 'AccessKeyId'),
    secretAccessKey: text(xml, 'SecretAccessKey'),
    sessionToken: text(xml, 'SessionToken'),
    endsAt: Date.parse(text(xml, 'Expiration')),
  }
}

function text(xml: Document, name: string): string {
  return xml.querySelector(name)?.textContent ?? ''
}
