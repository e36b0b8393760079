/** The last successful cryptographic operation with a key in one Region. */
export interface LastUse {
  readonly operation: string
  /** In epoch milliseconds. */
  readonly at: number
  /** The record of it that the key's account has. */
  readonly eventId: string
  readonly requestId: string
}

/** A use, and the key that was used. */
export interface KeyUse extends LastUse {
  readonly account: string
  readonly keyId: string
}
