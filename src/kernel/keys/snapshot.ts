import type { KeyObject } from 'node:crypto'
import { createSealer, type Sealer } from '../../crypto/sealing/ciphertext-blob.ts'
import { openKeyPair, type KeyPair } from '../../crypto/key-pair.ts'
import { arnOf, type KeyRecord } from '../../domain/key.ts'
import type { MaterialId } from '../../domain/material-id.ts'
import { keyState, type KeyState } from '../../domain/key-state.ts'
import type { CompiledPolicy } from '../../policy/compile.ts'
import type { RegionReads } from '../../storage/store.ts'
import { scopeOf, type Vault } from '../../storage/vault.ts'
import type { RegionMarks } from '../region-marks.ts'
import { createGrantIndex, type GrantLookup } from './grant-index.ts'

/** What a snapshot takes besides its texts and materials, and what each material does, in bytes. */
const BASE_BYTES = 2048
const MATERIAL_BYTES = 1024

/** A key as it was at one moment, with all that using it needs. Immutable but for what it works out on demand. */
export interface KeySnapshot {
  readonly record: KeyRecord
  /** What it takes in memory, as far as it is reckoned; its grants are not. */
  readonly bytes: number
  readonly arn: string
  readonly state: KeyState
  /** The names of its aliases. */
  readonly aliases: readonly string[]
  readonly policy: CompiledPolicy
  readonly grantsOf: GrantLookup
  /** Seals and opens ciphertexts with one of the key's materials; null where the key does not have it. */
  sealer(id: MaterialId): Sealer | null
  /** The Regions without whose word nobody can say since the start that this one was not put back. */
  readonly unheard: RegionMarks['unheard']
  /** The current material of a key that does not encrypt with sealers; null where none has arrived. */
  readonly working: WorkingKey | null
}

/** An HMAC, RSA, elliptic or lattice key, opened once for each snapshot. */
export interface WorkingKey {
  readonly secret: KeyObject
  /** Both halves; only for asymmetric keys. */
  readonly pair: KeyPair
}

/** What a snapshot is made with besides what is stored. */
interface SnapshotMeans extends Pick<RegionMarks, 'unheard'> {
  /** Makes the policy of a key ready to decide: many keys have the same one. */
  readonly policyOf: (record: KeyRecord) => CompiledPolicy
}

/** Reads a key with all that belongs to it; null where there is none. */
export async function readSnapshot(
  reads: RegionReads,
  vault: Vault,
  account: string,
  keyId: string,
  { policyOf, unheard }: SnapshotMeans,
): Promise<KeySnapshot | null> {
  const record = await reads.key(account, keyId)
  if (record === null) return null
  const aliases = (await reads.aliasesOf(account, keyId)).map(({ name }) => name)
  const materials = await reads.materialsOf(account, keyId)
  const sealers = new Map<MaterialId, Sealer>()
  const scopeArn = scopeOf(record)
  let policy: CompiledPolicy | null = null
  let working: WorkingKey | null = null
  return {
    record,
    bytes: BASE_BYTES + MATERIAL_BYTES * materials.length + lengthOf(record, aliases),
    arn: arnOf(record),
    state: keyState(record),
    unheard,
    aliases,
    get policy() {
      return (policy ??= policyOf(record))
    },
    grantsOf: createGrantIndex((grantees) => reads.grantsTo(account, keyId, grantees)),
    sealer(id) {
      const known = sealers.get(id)
      if (known !== undefined) return known
      const stored = materials.find((material) => material.id === id)
      if (stored === undefined) return null
      const sealer = createSealer({ material: vault.open(record, stored), materialId: id, scopeArn })
      sealers.set(id, sealer)
      return sealer
    },
    get working() {
      const stored = materials.find((material) => material.id === record.current)
      if (working === null && stored !== undefined) working = openWorkingKey(vault.open(record, stored))
      return working
    },
  }
}

/** The length of all its texts that anybody may choose. */
function lengthOf({ policy, description, tags }: KeyRecord, aliases: readonly string[]): number {
  const texts = [policy, description, ...aliases, ...tags.flatMap(({ key, value }) => [key, value])]
  return texts.reduce((sum, text) => sum + text.length, 0)
}

function openWorkingKey(secret: KeyObject): WorkingKey {
  let pair: KeyPair | null = null
  return {
    secret,
    get pair() {
      return (pair ??= openKeyPair(secret))
    },
  }
}
