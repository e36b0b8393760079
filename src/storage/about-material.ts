import type { MaterialAbout, Place } from '../crypto/sealing/keyring.ts'
import type { KeyRecord } from '../domain/key.ts'
import type { MaterialId } from '../domain/material-id.ts'

/** What the material of a key is bound to at rest. */
export function aboutMaterial(place: Place, key: KeyRecord, materialId: MaterialId, generation: number): MaterialAbout {
  return {
    ...place,
    account: key.account,
    keyId: key.id,
    materialId,
    generation,
    keySpec: key.spec,
    keyUsage: key.usage,
    origin: key.origin,
  }
}
