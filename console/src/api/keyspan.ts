import { askRest, readJson, type Asking } from './client.ts'
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
export async function beginConsoleSession(asking: Asking): Promise<SessionCredentials> {
  return credentialsOf(await askRest<BegunSession>(asking, 'keyspan', '/console-session', {}))
}

/** A store of the server, with the log that belongs to it. */
export interface SystemPlace {
  /** A Region, or `global`. */
  readonly Place: string
  readonly StoreBytes: number
  /** In seconds since 1970; absent before the first one. */
  readonly CheckpointTime?: number
  readonly Witnesses: number
  /** Messages that others have yet to hear from it, and since when, in seconds since 1970; absent where all was heard. */
  readonly Unheard: number
  readonly UnheardSince?: number
}

/** A Region that another server serves. Times are seconds since 1970. */
export interface SystemPeer {
  readonly Region: string
  readonly Trusted: boolean
  /** Absent for never. */
  readonly HeardTime?: number
  /** Why it is not heard now; absent where it is. */
  readonly Trouble?: string
}

/** What serves here; of the rest, what the account may see. */
export interface SystemDescription {
  readonly Version: string
  readonly Regions: readonly string[]
  /** What a drill does to them, in sentences; none where there is no drill. */
  readonly Faults: readonly string[]
  readonly System?: {
    readonly Healthy: boolean
    readonly NodeVersion: string
    /** What holds the root key. */
    readonly RootKeyProvider: string
    readonly Development: boolean
    readonly Places: readonly SystemPlace[]
    readonly Peers: readonly SystemPeer[]
    /** Whose accounts these are a copy of; absent where they are its own. */
    readonly Home?: { readonly Region: string; readonly HeardTime?: number }
    readonly DiskFreeBytes: number
    readonly DiskSizeBytes: number
    readonly Notices: readonly string[]
  }
}

/** @throws ApiError */
export function describeSystem(asking: Asking): Promise<SystemDescription> {
  return askRest<SystemDescription>(asking, 'keyspan', '/system', {})
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
