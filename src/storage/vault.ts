import type { KeyObject } from 'node:crypto'
import { openGrantToken, sealGrantToken, type GrantReference } from '../crypto/sealing/grant-token.ts'
import { newestOf, unwrapMaterial, wrapMaterial, type Place } from '../crypto/sealing/keyring.ts'
import { scopeArn } from '../crypto/material.ts'
import type { KeyRecord } from '../domain/key.ts'
import type { MaterialId } from '../domain/material-id.ts'
import { PARTITION } from '../domain/region.ts'
import { createImportTokens, type ImportTokens } from './import-tokens.ts'
import { aboutMaterial } from './about-material.ts'
import { createPageMarkers, type PageMarkers } from './page-markers.ts'
import { openIdentity, putIdentity, type RegionIdentity } from './region-identity.ts'
import type { RegionStore, RegionWrites, StoredMaterial } from './store.ts'

/** Opens and seals what rests in one Region's store. It holds the domain keys, and nothing else for long. */
export interface Vault {
  /** Seals a key's material for the store. */
  seal(key: KeyRecord, id: MaterialId, generation: number, material: KeyObject): StoredMaterial
  /** Opens a stored material; throws where it does not belong to `key` or was changed. */
  open(key: KeyRecord, stored: StoredMaterial): KeyObject
  /** The key by which the Region signs what it says to others now. */
  readonly identity: RegionIdentity
  /**
   * Makes another identity, in a transaction.
   *
   * @returns has it count, once the transaction is committed
   */
  renewIdentity(writes: RegionWrites): Promise<() => void>
  readonly grantTokens: GrantTokens
  readonly pageMarkers: PageMarkers
  readonly importTokens: ImportTokens
}

/** Makes and reads the grant tokens of one Region. */
export interface GrantTokens {
  seal(reference: GrantReference): string
  /** Null where this Region has not made the token. Whether its grant still is must be looked up. */
  open(token: string): GrantReference | null
}

/** The name under which a material's bytes are bound to its key: the same in every Region for a multi-Region key. */
export function scopeOf(key: Pick<KeyRecord, 'account' | 'id' | 'region'>): string {
  return scopeArn({ partition: PARTITION, region: key.region, account: key.account, keyId: key.id })
}

/** Opens a Region's vault; a Region that has none gets its identity. */
export async function openVault(store: RegionStore, deployment: string): Promise<Vault> {
  const place: Place = { deployment, partition: PARTITION, region: store.region }
  const { domainKeys } = store
  let identity = await openIdentity(store)
  return {
    get identity() {
      return identity
    },
    async renewIdentity(writes) {
      const next = await putIdentity(writes, store, identity)
      return () => {
        identity = next
      }
    },
    grantTokens: {
      seal: (reference) => sealGrantToken(newestOf(domainKeys), store.region, reference),
      open: (token) => openGrantToken(domainKeys, store.region, token),
    },
    pageMarkers: createPageMarkers(domainKeys, store.region),
    importTokens: createImportTokens(domainKeys, store.region),
    seal(key, id, generation, material) {
      const about = aboutMaterial(place, key, id, generation)
      return {
        id,
        account: key.account,
        keyId: key.id,
        generation,
        ...wrapMaterial(newestOf(domainKeys), about, material),
      }
    },
    open(key, stored) {
      const domainKey = domainKeys.find(({ version }) => version === stored.domainKeyVersion)
      if (domainKey === undefined)
        throw new Error(`Domain key ${stored.domainKeyVersion} of ${store.region} is missing.`)
      return unwrapMaterial(domainKey, aboutMaterial(place, key, stored.id, stored.generation), stored)
    },
  }
}
