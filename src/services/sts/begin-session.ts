import { hash } from 'node:crypto'
import { DAY_MS } from '../../domain/limits.ts'
import type { Session } from '../../domain/session.ts'
import { newAccessKey, newSessionToken, type NewAccessKey } from '../../kernel/identities/new-access-key.ts'
import type { GlobalPowers } from '../../kernel/operation.ts'

/** Temporary credentials as STS answers with them. */
export interface TemporaryCredentials {
  readonly AccessKeyId: string
  readonly SecretAccessKey: string
  readonly SessionToken: string
  readonly Expiration: Date
}

/** `Omit` over each member of the union. */
type Begun<Any> = Any extends Session ? Omit<Any, 'tokenHash' | 'issuedAt'> : never

/** What the holder of a session signs with. */
export interface SessionKey extends NewAccessKey {
  readonly sessionToken: string
}

/** Makes the access key and the token of a session. */
export function newSessionKey(): SessionKey {
  return { ...newAccessKey('ASIA'), sessionToken: newSessionToken() }
}

/**
 * Begins a session: keeps what its access key stands for. Of the token only a hash is kept.
 *
 * @param owner the unique id of the user or role; null for the root user
 */
export async function beginSession(
  { writes, secrets }: Pick<GlobalPowers, 'writes' | 'secrets'>,
  account: string,
  owner: string | null,
  session: Begun<Session>,
  seconds: number,
  now: number,
  { accessKeyId, secretAccessKey, sessionToken: token }: SessionKey = newSessionKey(),
): Promise<TemporaryCredentials> {
  const expiresAt = now + seconds * 1000
  // Those that have expired lately are kept: their holders are told that they have expired.
  await writes.deleteExpiredAccessKeys(now - DAY_MS)
  await writes.putAccessKey({
    id: accessKeyId,
    account,
    owner,
    secret: secrets.seal(accessKeyId, Buffer.from(secretAccessKey)),
    content: { session: { ...session, tokenHash: hash('sha256', token), issuedAt: now } },
    createdAt: now,
    expiresAt,
  })
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: token,
    Expiration: new Date(expiresAt),
  }
}
