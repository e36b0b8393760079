import { createSecretKey, hash, timingSafeEqual, type KeyObject } from 'node:crypto'
import { createRecent } from '../../domain/recent.ts'
import { parseArn } from '../../domain/arn.ts'
import type { AccessKeyDetails } from '../../domain/identity.ts'
import type { CallerOrigin, Session } from '../../domain/session.ts'
import type { StoredAccessKey } from '../../storage/global-store.ts'
import { callerNamed, callerOf } from './callers.ts'
import type { Caller } from './caller.ts'
import type { GlobalHost } from '../global-host.ts'
import { organizationLayers, type OrganizationLayers } from './organization-layers.ts'
import { createPolicyShelf } from './policy-shelf.ts'

const CACHED_CREDENTIALS = 10_000

/** A verified signature's key, and who it makes the caller. */
export interface Credential {
  /** `AWS4` and the secret access key, as the derivation of signing keys begins. */
  readonly secret: KeyObject
  readonly caller: Caller
  /** By the server's clock; null for a long-term key. */
  readonly expiresAt: number | null
}

/** Who callers are. What any commit to the global store changes counts from the next request on. */
export interface Identities {
  /**
   * The credential of an access key; null where there is none, or it is not active.
   *
   * @param sessionToken must be the one that was given out with a temporary key, and null for a long-term key
   */
  readonly credential: (accessKeyId: string, sessionToken: string | null) => Promise<Credential | null>
  /** At once where it was asked for before. */
  organization(account: string): OrganizationLayers | null | Promise<OrganizationLayers | null>
  /** The caller that was made from it, as it is now; null where its user or role is no more. */
  callerFrom(origin: CallerOrigin): Promise<Caller | null>
  /** The caller that a root user, user or role would be; null where there is none of that ARN. */
  callerNamed(arn: string): Promise<Caller | null>
}

interface Known {
  readonly credential: Credential
  readonly session: Session | null
}

/** The identities in the global store. */
export function createIdentities({ store, secrets }: GlobalHost): Identities {
  const shelf = createPolicyShelf()
  const credentials = createRecent<string, Known>(CACHED_CREDENTIALS)
  const organizations = new Map<string, ReturnType<Identities['organization']>>()
  // INVARIANT: what was read before a commit is never kept after it.
  let commits = 0
  store.onCommit(() => {
    commits += 1
    credentials.clear()
    organizations.clear()
  })

  function organization(account: string): ReturnType<Identities['organization']> {
    const known = organizations.get(account)
    if (known !== undefined) return known
    const found = organizationLayers(store.reads, account, shelf)
    organizations.set(account, found)
    const isKept = () => organizations.get(account) === found
    found.then(
      (layers) => isKept() && organizations.set(account, layers),
      // What has failed is tried again.
      () => isKept() && organizations.delete(account),
    )
    return found
  }

  const callerFrom = async (origin: CallerOrigin) =>
    callerOf(store.reads, origin, await organization(origin.account), shelf)

  async function find(id: string): Promise<Known | null> {
    const before = commits
    const stored = await store.reads.accessKey(id)
    if (stored === null || !isActive(stored)) return null
    const session = (stored.content['session'] as Session | undefined) ?? null
    const { account, owner } = stored
    const caller = await callerFrom({ account, accessKeyId: id, owner, session })
    if (caller === null) return null
    const secret = openSecret(secrets.open(id, stored.secret))
    const known = { credential: { secret, caller, expiresAt: stored.expiresAt }, session }
    if (commits === before) credentials.set(id, known)
    return known
  }

  return {
    organization,
    callerFrom,
    callerNamed: async (arn) => callerNamed(store.reads, arn, await organization(parseArn(arn)?.account ?? ''), shelf),
    async credential(id, sessionToken) {
      const known = credentials.get(id) ?? (await find(id))
      return known !== null && isTokenOf(known.session, sessionToken) ? known.credential : null
    },
  }
}

function isActive({ content }: StoredAccessKey): boolean {
  return (content['status'] as AccessKeyDetails['status'] | undefined) !== 'Inactive'
}

/** A long-term key comes without a token, a temporary one with its own. */
function isTokenOf(session: Session | null, token: string | null): boolean {
  if (session === null || token === null) return session === null && token === null
  return timingSafeEqual(hash('sha256', token, 'buffer'), Buffer.from(session.tokenHash, 'hex'))
}

function openSecret(bytes: Buffer): KeyObject {
  const prefixed = Buffer.concat([Buffer.from('AWS4'), bytes])
  const secret = createSecretKey(prefixed)
  bytes.fill(0)
  prefixed.fill(0)
  return secret
}
