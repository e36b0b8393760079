import { askRest, type Asking } from './client.ts'

/** One Region of a key. */
export interface FamilyMember {
  readonly Region: string
  readonly Role: 'PRIMARY' | 'REPLICA' | 'HANDING_OFF'
  /** A state of keys; `COMING` where the Region has not heard of its replica, `GONE` where that was deleted, `UNREACHABLE` where nobody knows. */
  readonly State: string
}

/** What a Region has yet to hear from another. */
export interface Unheard {
  readonly From: string
  readonly To: string
  readonly Messages: number
  /** What they are about, by the names of the protocol. */
  readonly Says: readonly string[]
  /** In seconds since 1970. */
  readonly Since: number
  /** Whether the two can reach each other now. */
  readonly Connected: boolean
}

/** What one Region waits for. */
export interface Wait {
  readonly Region: string
  readonly For: readonly string[]
  readonly What: 'REPLICA' | 'CHANGES' | 'ROTATION' | 'IMPORT' | 'PRIMARY' | 'DELETION' | 'UPGRADE' | 'RECOVERY'
  /** In seconds since 1970; absent where nobody knows. */
  readonly Since?: number
  readonly Text: string
}

/** One Region's part in the deletion of them all. */
export interface DeletionStep {
  readonly Region: string
  readonly Order: number
  readonly Stage: 'FREE' | 'SCHEDULED' | 'WAITING' | 'GONE' | 'UNKNOWN'
  /** In seconds since 1970, as the other times. */
  readonly Since?: number
  readonly DeletionDate?: number
  readonly NotBefore?: number
  readonly After: readonly string[]
  readonly PrimaryChanges: boolean
}

/** A line that both policies have, or only the first or the second. */
export interface DiffLine {
  readonly In: 'both' | 'first' | 'second'
  readonly Text: string
}

/** A key in all of its Regions. */
export interface KeyFamily {
  readonly Members: readonly FamilyMember[]
  /** Those that have the key, in the order of the values of properties. */
  readonly Regions: readonly string[]
  readonly Properties: readonly {
    readonly Name: string
    readonly Values: readonly string[]
    readonly Differs: boolean
  }[]
  readonly Unheard: readonly Unheard[]
  readonly Waits: readonly Wait[]
  readonly Deletion: readonly DeletionStep[]
  readonly Troubles: readonly string[]
  readonly PolicyDifferences: readonly {
    readonly From: string
    readonly To: string
    readonly Lines: readonly DiffLine[]
  }[]
}

/** @throws ApiError */
export function describeFamily(asking: Asking, KeyId: string, WithPolicyDifferences = false): Promise<KeyFamily> {
  return askRest<KeyFamily>(asking, 'keyspan', '/family', { KeyId, WithPolicyDifferences })
}
