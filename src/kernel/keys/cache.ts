import { createRecent, type Recent } from '../../domain/recent.ts'
import type { KeyRecord } from '../../domain/key.ts'
import type { CompiledPolicy } from '../../policy/compile.ts'
import type { RegionStore, Touched } from '../../storage/store.ts'
import type { Vault } from '../../storage/vault.ts'
import { compileStoredPolicy } from './policy.ts'
import type { RegionMarks } from '../region-marks.ts'
import { createGrantMemory, type GrantMemory } from './grant-index.ts'
import { readSnapshot, type KeySnapshot } from './snapshot.ts'

/**
 * How much memory the keys that are kept ready may take, in bytes, as far as they are reckoned: some thirteen thousand
 * of them that encrypt, and twice as many that are only looked at. It does not grow with the number of keys there are,
 * nor with that of Regions.
 */
const READY_BYTES = 80 * 1024 * 1024
/** How many aliases and materials are known to belong to a key. */
const TARGETS = 20_000
/** How many policies of keys are kept ready, where they differ. */
const POLICIES = 1000

/** The keys of one Region as they are now, ready for use. What a commit changes is forgotten before it is answered. */
export interface KeyCache {
  /** The policy of a key, ready to decide: those that are the same are made ready once. */
  readonly policyOf: (record: KeyRecord) => CompiledPolicy
  key(account: string, keyId: string): KeySnapshot | Promise<KeySnapshot | null>
  keyByAlias(account: string, aliasName: string): KeySnapshot | null | Promise<KeySnapshot | null>
  keyByMaterial(materialId: string): KeySnapshot | null | Promise<KeySnapshot | null>
}

/** What the caches of all Regions of a server keep together: they share its bounds. */
export interface ReadyKeys {
  readonly snapshots: Recent<string, KeySnapshot>
  readonly targets: Recent<string, Touched>
  readonly policies: Recent<string, CompiledPolicy>
  readonly grants: GrantMemory
}

export function createReadyKeys(): ReadyKeys {
  return {
    snapshots: createRecent(READY_BYTES, ({ bytes }) => bytes),
    targets: createRecent(TARGETS),
    policies: createRecent(POLICIES),
    grants: createGrantMemory(),
  }
}

/** The cache over a Region's store, which follows the store's commits. */
export function createKeyCache(
  store: RegionStore,
  vault: Vault,
  marks: Pick<RegionMarks, 'unheard'>,
  { snapshots, targets, policies, grants }: ReadyKeys,
): KeyCache {
  const nameOf = (account: string, id: string) => `${store.region}/${account}/${id}`
  // INVARIANT: a snapshot that was read before a commit is never kept after it.
  let commits = 0

  store.onCommit(({ touched }) => {
    commits += 1
    for (const { account, keyId } of touched) {
      const gone = snapshots.get(nameOf(account, keyId))
      snapshots.delete(nameOf(account, keyId))
      for (const alias of gone?.aliases ?? []) targets.delete(nameOf(account, alias))
    }
  })

  const onGrow = (snapshot: KeySnapshot, by: number): void =>
    snapshots.grow(nameOf(snapshot.record.account, snapshot.record.id), snapshot, by)

  function policyOf({ policy, principals }: KeyRecord): CompiledPolicy {
    const name = `${JSON.stringify(principals)}\n${policy}`
    const known = policies.get(name) ?? compileStoredPolicy(policy, principals)
    policies.set(name, known)
    return known
  }

  const means = { policyOf, grants, unheard: marks.unheard, onGrow }

  async function load(account: string, keyId: string): Promise<KeySnapshot | null> {
    const before = commits
    const snapshot = await readSnapshot(store.reads, vault, account, keyId, means)
    if (snapshot !== null && commits === before) snapshots.set(nameOf(account, keyId), snapshot)
    return snapshot
  }

  function key(account: string, keyId: string) {
    return snapshots.get(nameOf(account, keyId)) ?? load(account, keyId)
  }

  async function loadTarget(name: string, find: () => Promise<Touched | null>): Promise<KeySnapshot | null> {
    const before = commits
    const target = await find()
    if (target === null) return null
    if (commits === before) targets.set(name, target)
    return key(target.account, target.keyId)
  }

  return {
    policyOf,
    key,
    keyByAlias(account, aliasName) {
      const name = nameOf(account, aliasName)
      const target = targets.get(name)
      const snapshot = target === undefined ? undefined : snapshots.get(nameOf(target.account, target.keyId))
      // An alias is believed only as long as its key, as cached, has it: what moves it touches the key.
      if (snapshot?.aliases.includes(aliasName)) return snapshot
      return loadTarget(name, async () => {
        const alias = await store.reads.alias(account, aliasName)
        return alias === null ? null : { account, keyId: alias.targetKeyId }
      })
    },
    keyByMaterial(materialId) {
      const name = nameOf('', materialId)
      const target = targets.get(name)
      if (target !== undefined) return key(target.account, target.keyId)
      return loadTarget(name, () => store.reads.keyOfMaterial(materialId))
    },
  }
}
