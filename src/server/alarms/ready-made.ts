import { parseArn } from '../../domain/arn.ts'
import { DAY_MS } from '../../domain/limits.ts'
import type { AlarmEvent } from './event.ts'

/** An alarm that has a name of its own. */
export interface ReadyMade {
  /** When it rings, for people. */
  readonly meaning: string
  /** What every record that it can ring for has in its text: others are not read. */
  readonly hint: string
  readonly pattern: unknown
  /** What no pattern can say. */
  readonly also?: (event: AlarmEvent) => boolean
  /** How many such events of an account within how long make it ring, in milliseconds; without it, each one does. */
  readonly flood?: Flood
  /** How long before an imported material expires it rings, in milliseconds. */
  readonly ahead?: number
}

/** So many events of an account within so long, in milliseconds. */
export interface Flood {
  readonly count: number
  readonly within: number
}

const MINUTE_MS = 60_000

/** What every record of a change has. */
export const CHANGE_HINT = '"readOnly":false'
const REFUSAL_HINT = '"errorCode":"AccessDenied'

/** Changes that were made, by the names of their calls. */
function made(service: string, names: readonly string[], meaning: string): ReadyMade {
  const source = { source: [`aws.${service}`] }
  return {
    meaning,
    hint: CHANGE_HINT,
    pattern: { ...source, detail: { ...(names.length > 0 && { eventName: names }), errorCode: [{ exists: false }] } },
  }
}

function sent(type: string, meaning: string): ReadyMade {
  return { meaning, hint: '"AwsServiceEvent"', pattern: { source: ['aws.kms'], 'detail-type': [type] } }
}

const refused = { detail: { errorCode: ['AccessDenied', 'AccessDeniedException'] } }

/** THE table of ready-made alarms. `docs/guide/alarms.md` shows it to the reader. */
export const READY_MADE: Readonly<Record<string, ReadyMade>> = {
  'key-deletion-scheduled': made('kms', ['ScheduleKeyDeletion'], 'a key is going to be deleted'),
  'key-deletion-cancelled': made('kms', ['CancelKeyDeletion'], 'a key is not going to be deleted after all'),
  'key-deleted': sent('KMS CMK Deletion', 'a key was deleted, and with it what it has encrypted'),
  'key-disabled': made('kms', ['DisableKey'], 'a key was disabled'),
  'key-policy-changed': made('kms', ['PutKeyPolicy'], 'a key policy was put'),
  'key-rotated': sent('KMS CMK Rotation', 'a key was rotated, by itself or because somebody asked for it'),
  'key-rotation-disabled': made('kms', ['DisableKeyRotation'], 'a key is not rotated by itself any more'),
  'key-material-deleted': made('kms', ['DeleteImportedKeyMaterial'], 'an imported material was deleted'),
  'key-material-expired': sent('KMS Imported Key Material Expiration', 'an imported material has expired'),
  'key-material-expiring': {
    meaning: 'an imported material expires within 7 days, or as many as `within` says',
    hint: '',
    pattern: { source: ['keyspan'], 'detail-type': ['Keyspan Imported Key Material Expires Soon'] },
    ahead: 7 * DAY_MS,
  },
  'grant-created': made('kms', ['CreateGrant'], 'a grant was given'),
  'grant-to-another-account': {
    ...made('kms', ['CreateGrant'], 'a grant was given to somebody of another account'),
    also: isGrantAbroad,
  },
  'cross-account-use': {
    meaning: 'a key was used from another account; the account that owns it is told',
    hint: '"sharedEventID"',
    pattern: { source: ['aws.kms'], detail: { sharedEventID: [{ exists: true }] } },
    also: isFromAbroad,
  },
  'primary-changed': {
    ...made('kms', ['UpdatePrimaryRegion'], 'the primary of a multi-Region key moves to another Region'),
    // The new primary's Region records it too, and names no resource.
    pattern: {
      source: ['aws.kms'],
      detail: {
        eventName: ['UpdatePrimaryRegion'],
        resources: { ARN: [{ exists: true }] },
        errorCode: [{ exists: false }],
      },
    },
  },
  'key-replicated': made('kms', ['ReplicateKey'], 'a multi-Region key gets a replica in another Region'),
  'identity-changed': made('iam', [], 'a user, a role, an access key or a policy was changed'),
  'organization-changed': made('organizations', [], 'the organization or one of its policies was changed'),
  'root-used': {
    meaning: 'the root user of an account has made a request, whatever became of it',
    hint: '"type":"Root"',
    pattern: { detail: { userIdentity: { type: ['Root'] } } },
  },
  'request-refused': { meaning: 'a request was refused', hint: REFUSAL_HINT, pattern: refused },
  'refusals-flood': {
    meaning: '50 requests of an account were refused within 5 minutes, or as `count` and `within` say',
    hint: REFUSAL_HINT,
    pattern: refused,
    flood: { count: 50, within: 5 * MINUTE_MS },
  },
}

function isGrantAbroad({ account, detail }: AlarmEvent): boolean {
  const { granteePrincipal, retiringPrincipal } = (detail['requestParameters'] ?? {}) as Record<string, unknown>
  return [granteePrincipal, retiringPrincipal].some((principal) => {
    const home = typeof principal === 'string' ? parseArn(principal)?.account : undefined
    return home !== undefined && home !== '' && home !== ownerOf(detail, account)
  })
}

/** The account whose key it is. */
function ownerOf({ resources }: AlarmEvent['detail'], account: string): string {
  const [resource] = (resources ?? []) as readonly { readonly accountId?: string }[]
  return resource?.accountId ?? account
}

function isFromAbroad({ account, detail }: AlarmEvent): boolean {
  const { accountId } = (detail['userIdentity'] ?? {}) as { readonly accountId?: string }
  return accountId !== undefined && accountId !== account
}
