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

/** The token and the public key for one Region, used again and again. */
export interface ImportParameters {
  readonly ImportToken: Uint8Array
  readonly PublicKey: Uint8Array
}

/** A material in a Region, as a client knows it. */
export interface Place {
  readonly region: string
  readonly id: string
}

/** A change of imported material that the server was asked for. */
export type ImportRequest =
  | { readonly type: 'new'; readonly region: string; readonly bytes: Buffer; readonly until: number }
  | { readonly type: 'existing'; readonly place: Place; readonly until: number }
  | { readonly type: 'delete'; readonly place: Place }
  | { readonly type: 'rotate' }

/** What a client knows of the material that it has brought to a key. */
export interface Imported {
  /** The bytes by id, of all that the key was given and has not forgotten. */
  readonly bytes: Map<string, Buffer>
  /** The ids of what was ever in use, the oldest first: the last one is current. */
  used: readonly string[]
  /** What waits to be rotated to; it may be gone once it was deleted or expires in any Region. */
  staged: { readonly id: string; readonly mayBeGone: boolean } | null
  /** By Region and id, what is there and until when: for ever is infinite. */
  readonly held: Map<string, Map<string, number>>
  /** By Region: an answered token must be good after a crash. */
  readonly parameters: Map<string, ImportParameters>
  /** What the server has not answered. */
  asked: ImportRequest | null
}

/** What a client knows of one key. */
export interface KnownKey {
  readonly id: string
  /** By Region: where the client knows the key to be. */
  readonly descriptions: Map<string, Entry>
  readonly aliases: Set<string>
  readonly sealed: Sealed[]
  /** Where the primary is, as far as the client knows. */
  primary: string
  /** Null where the server made the material. */
  readonly imported: Imported | null
}

/** What a set of clients was told, to be held against what the server knows after a crash. */
export interface Ledger {
  readonly keys: KnownKey[]
  /** The request ids of answered changes: each must be in the audit log. */
  readonly requests: Set<string>
  answered: number
  /** How often imported material has come, gone or been rotated to, as answered. */
  imports: number
}

export function nothingImported(): Imported {
  return { bytes: new Map(), used: [], staged: null, held: new Map(), parameters: new Map(), asked: null }
}

export function createLedger(): Ledger {
  return { keys: [], requests: new Set(), answered: 0, imports: 0 }
}
