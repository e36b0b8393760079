import type { GlobalStore, GlobalWrites } from '../storage/global-store.ts'
import type { Region } from '../domain/region.ts'
import type { Call } from './call.ts'
import type { WireError } from './errors.ts'
import type { Journal } from './journal.ts'

/** What this process serves that belongs to no Region: accounts, identities, the organization. */
export interface GlobalHost {
  readonly store: GlobalStore
  readonly journal: Journal<GlobalWrites>
  readonly secrets: SecretBox
  /** Where it is changed; null for here. What is here is a copy then, which only its home changes. */
  readonly home: GlobalHome | null
}

/** The place where what belongs to no Region is changed, as a Region elsewhere needs it. */
export interface GlobalHome {
  readonly region: Region
  /** Has the service-linked role of multi-Region keys made for an account, by whoever calls, unless it is there. */
  makeMultiRegionRole(call: Call): Promise<void>
  /** Why nothing of it is changed here. */
  refusal(): WireError
}

/** Seals the secrets of credentials for the global store. */
export interface SecretBox {
  /** @param id the access key that the secret belongs to: it opens for no other */
  readonly seal: (id: string, secret: Uint8Array) => string
  /** The caller wipes it. */
  readonly open: (id: string, sealed: string) => Buffer
}
