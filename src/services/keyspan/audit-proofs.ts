/** Who vouches for a log, and how far. */
export interface Voucher {
  /** The Region. */
  readonly place: string
  readonly key: string
  /** How many records it vouches for. */
  readonly records: number
  /** When it did so, in epoch milliseconds. */
  readonly time: number
}

/** What a log has last signed. */
export interface DescribedLog {
  /** The Region of the log, or `global`. */
  readonly place: string
  readonly key: string
  /** Null before the first one. */
  readonly checkpoint: {
    readonly records: number
    /** In epoch milliseconds. */
    readonly time: number
    /** As it is signed, with its signatures. */
    readonly text: string
  } | null
  readonly witnesses: readonly Voucher[]
}

/** What shows that a record stands in a log. */
export interface EventProof {
  readonly place: string
  readonly record: string
  readonly index: number
  /** The whole proof, as C2SP's tlog-proof has it. */
  readonly text: string
  readonly key: string
  readonly witnesses: readonly string[]
}

/**
 * What can be proved of audit logs.
 *
 * They throw ValidationException, ResourceNotFoundException or ServiceUnavailableException with a sentence for the
 * person who asks, and ThrottlingException where the account's questions wait for each other.
 */
export interface AuditProofs {
  /** The log of a Region, and that of what belongs to none. */
  describe(account: string, region: string): Promise<readonly DescribedLog[]>
  /** @returns null where the event is newer than the last checkpoint */
  prove(account: string, region: string, eventId: string): Promise<EventProof | null>
}
