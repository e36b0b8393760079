import type { KeyObject } from 'node:crypto'
import { createSealer, type Sealer } from '../../crypto/sealing/ciphertext-blob.ts'
import { openKeyPair, type KeyPair } from '../../crypto/key-pair.ts'
import { arnOf, type KeyRecord } from '../../domain/key.ts'
import type { MaterialId } from '../../domain/material-id.ts'
import { keyState, type KeyState } from '../../domain/key-state.ts'
import type { CompiledPolicy } from '../../policy/compile.ts'
import type { RegionReads, StoredMaterial } from '../../storage/store.ts'
import { scopeOf, type Vault } from '../../storage/vault.ts'
import type { RegionMarks } from '../region-marks.ts'
import { createGrantIndex, type GrantLookup, type GrantMemory } from './grant-index.ts'

/** What a snapshot takes besides its texts and materials, in bytes, as measured; and what each material does. */
const BASE_BYTES = 2500
const MATERIAL_BYTES = 700
/** And what each does that was opened. */
const OPENED_BYTES = 2600

/** A key as it was at one moment, with all that using it needs. Immutable but for what it works out on demand. */
export interface KeySnapshot {
  readonly record: KeyRecord
  /** What it takes in memory now, as far as it is reckoned; its grants are not. A material that is opened adds to it. */
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
  /** Where it remembers its grants, unless by itself. */
  readonly grants?: GrantMemory
  /** Told of a snapshot that takes so many bytes more than it did. */
  readonly onGrow?: (snapshot: KeySnapshot, by: number) => void
}

/** Reads a key with all that belongs to it; null where there is none. */
export async function readSnapshot(
  reads: RegionReads,
  vault: Vault,
  account: string,
  keyId: string,
  means: SnapshotMeans,
): Promise<KeySnapshot | null> {
  const record = await reads.key(account, keyId)
  if (record === null) return null
  const aliases = (await reads.aliasesOf(account, keyId)).map(({ name }) => name)
  const materials = await reads.materialsOf(account, keyId)
  const grantsOf = createGrantIndex((grantees) => reads.grantsTo(account, keyId, grantees), means.grants)
  return new StoredKey(record, aliases, materials, grantsOf, vault, means)
}

/** What is worked out on demand stands in a class: an object of closures would take twice the memory. */
class StoredKey implements KeySnapshot {
  readonly record: KeyRecord
  readonly arn: string
  readonly state: KeyState
  readonly aliases: readonly string[]
  readonly grantsOf: GrantLookup
  readonly #vault: Vault
  readonly #means: SnapshotMeans
  #bytes: number
  #policy: CompiledPolicy | null = null
  /** A material is kept once: sealed, or opened. */
  #sealed: readonly StoredMaterial[]
  readonly #opened: OpenedMaterial[] = []

  constructor(
    record: KeyRecord,
    aliases: readonly string[],
    materials: readonly StoredMaterial[],
    grantsOf: GrantLookup,
    vault: Vault,
    means: SnapshotMeans,
  ) {
    this.record = record
    this.#bytes = BASE_BYTES + MATERIAL_BYTES * materials.length + lengthOf(record, aliases)
    this.arn = arnOf(record)
    this.state = keyState(record)
    this.aliases = aliases
    this.grantsOf = grantsOf
    this.#vault = vault
    this.#means = means
    this.#sealed = materials
  }

  get bytes(): number {
    return this.#bytes
  }

  get unheard(): RegionMarks['unheard'] {
    return this.#means.unheard
  }

  get policy(): CompiledPolicy {
    return (this.#policy ??= this.#means.policyOf(this.record))
  }

  sealer(id: MaterialId): Sealer | null {
    return this.#open(id)?.sealer ?? null
  }

  get working(): WorkingKey | null {
    const { current } = this.record
    return current === null ? null : (this.#open(current)?.working ?? null)
  }

  #open(id: MaterialId): OpenedMaterial | null {
    const known = this.#opened.find((each) => each.id === id)
    if (known !== undefined) return known
    const stored = this.#sealed.find((each) => each.id === id)
    if (stored === undefined) return null
    const opened = new OpenedMaterial(id, this.#vault.open(this.record, stored), scopeOf(this.record))
    this.#opened.push(opened)
    this.#sealed = this.#sealed.filter((each) => each !== stored)
    this.#bytes += OPENED_BYTES
    this.#means.onGrow?.(this, OPENED_BYTES)
    return opened
  }
}

/** A material, and the one of its uses that its key has. */
class OpenedMaterial {
  readonly id: MaterialId
  readonly #material: KeyObject
  readonly #scopeArn: string
  #sealer: Sealer | null = null
  #working: WorkingKey | null = null

  constructor(id: MaterialId, material: KeyObject, scopeArn: string) {
    this.id = id
    this.#material = material
    this.#scopeArn = scopeArn
  }

  get sealer(): Sealer {
    return (this.#sealer ??= createSealer({
      material: this.#material,
      materialId: this.id,
      scopeArn: this.#scopeArn,
    }))
  }

  get working(): WorkingKey {
    return (this.#working ??= openWorkingKey(this.#material))
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
