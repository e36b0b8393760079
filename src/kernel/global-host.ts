import type { GlobalStore, GlobalWrites } from '../storage/global-store.ts'
import type { Journal } from './journal.ts'

/** What this process serves that belongs to no Region: accounts, identities, the organization. */
export interface GlobalHost {
  readonly store: GlobalStore
  readonly journal: Journal<GlobalWrites>
  readonly secrets: SecretBox
}

/** Seals the secrets of credentials for the global store. */
export interface SecretBox {
  /** @param id the access key that the secret belongs to: it opens for no other */
  seal(id: string, secret: Uint8Array): string
  /** The caller wipes it. */
  open(id: string, sealed: string): Buffer
}
