import { askRest, type Asking } from './client.ts'

/** What an audit log has last signed, and who vouches for it. */
export interface AuditLog {
  /** A Region, or `global`. */
  readonly Place: string
  /** The public key of the log, as `name+id+key`. */
  readonly Key: string
  /** Left out before the first one. */
  readonly Checkpoint?: {
    readonly Records: number
    /** In seconds since 1970. */
    readonly Time: number
  }
  readonly Witnesses: readonly { readonly Place: string; readonly Records: number; readonly Time: number }[]
}

/** The proof of an event; or that no checkpoint covers it yet. */
export type ProvedEvent =
  | { readonly Covered: false }
  | {
      readonly Covered: true
      readonly Place: string
      /** As C2SP's tlog-proof has it. */
      readonly Proof: string
      readonly Key: string
      readonly WitnessKeys: readonly string[]
    }

/** The logs that the events of a Region stand in. @throws ApiError */
export async function describeAuditLog(asking: Asking): Promise<readonly AuditLog[]> {
  return (await askRest<{ readonly Logs: readonly AuditLog[] }>(asking, 'keyspan', '/audit-log', {})).Logs
}

/** @throws ApiError */
export function proveEvent(asking: Asking, EventId: string): Promise<ProvedEvent> {
  return askRest<ProvedEvent>(asking, 'keyspan', '/prove-event', { EventId })
}
