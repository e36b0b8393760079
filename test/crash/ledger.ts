/** A value that the server has confirmed, and one that it was asked for and has not answered. */
export interface Entry {
  confirmed: string
  asked: string | null
}

/** A ciphertext that the server has given out: it must open for ever. */
export interface Sealed {
  readonly plaintext: string
  readonly blob: Uint8Array
}

/** What a client knows of one multi-Region key. */
export interface KnownKey {
  readonly id: string
  /** By Region: where the client knows the key to be. */
  readonly descriptions: Map<string, Entry>
  readonly aliases: Set<string>
  readonly sealed: Sealed[]
  /** Where the primary is, as far as the client knows. */
  primary: string
}

/** What a set of clients was told, to be held against what the server knows after a crash. */
export interface Ledger {
  readonly keys: KnownKey[]
  /** The request ids of answered changes: each must be in the audit log. */
  readonly requests: Set<string>
  answered: number
}

export function createLedger(): Ledger {
  return { keys: [], requests: new Set(), answered: 0 }
}
