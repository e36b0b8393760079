import type { DomainKey, Place, RootKeyProvider } from '../crypto/sealing/keyring.ts'

/** What was done to a store. */
export interface Resealed {
  /** How many rows were sealed anew. */
  readonly rows: number
  /** Rows that do not open, and stay as they are: the first twenty, in sentences. */
  readonly damaged: readonly string[]
}

/** Changes the keys of one store while it is in use. Each change is whole or not at all, whenever the process is killed. */
export interface StoreKeyring {
  /** Where its keys belong. */
  readonly place: Place
  /** By ascending version; the last one is in use. */
  readonly domainKeys: readonly DomainKey[]
  /** Wraps the domain keys with the root key that wraps now. */
  rewrap(root: RootKeyProvider): Promise<void>
  /** Makes another domain key, under which everything is sealed from now on. Gives its version. */
  add(root: RootKeyProvider, now: number): Promise<number>
  /** Whether a domain key but the newest is not retired: what is under it is still to be sealed anew. */
  isDue(): boolean
  /**
   * Seals everything anew that rests under an older domain key.
   *
   * @param signal ends it soon; what is done is done
   * @returns what was done, and whether nothing rests under an older one now
   */
  renew(signal: AbortSignal): Promise<Resealed & { readonly isClean: boolean }>
  /** Retires every domain key but the newest. Nothing may rest under them. */
  retire(root: RootKeyProvider): Promise<void>
}
