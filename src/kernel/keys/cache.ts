import { createRecent } from '../../domain/recent.ts'
import type { KeyRecord } from '../../domain/key.ts'
import type { CompiledPolicy } from '../../policy/compile.ts'
import type { RegionStore, Touched } from '../../storage/store.ts'
import type { Vault } from '../../storage/vault.ts'
import { compileStoredPolicy } from './policy.ts'
import type { RegionMarks } from '../region-marks.ts'
import { readSnapshot, type KeySnapshot } from './snapshot.ts'

/** How many keys a Region keeps ready: memory does not grow with the number of keys there are. */
const KEYS = 10_000
/** And how many of their policies, where they differ. */
const POLICIES = 1000

/** The keys of one Region as they are now, ready for use. What a commit changes is forgotten before it is answered. */
export interface KeyCache {
  /** The policy of a key, ready to decide: those that are the same are made ready once. */
  readonly policyOf: (record: KeyRecord) => CompiledPolicy
  key(account: string, keyId: string): KeySnapshot | Promise<KeySnapshot | null>
  keyByAlias(account: string, aliasName: string): KeySnapshot | null | Promise<KeySnapshot | null>
  keyByMaterial(materialId: string): KeySnapshot | null | Promise<KeySnapshot | null>
}

/** A bounded cache over a Region's store that follows the store's commits. */
export function createKeyCache(store: RegionStore, vault: Vault, marks: Pick<RegionMarks, 'unheard'>): KeyCache {
  const snapshots = createRecent<string, KeySnapshot>(KEYS)
  const targets = createRecent<string, Touched>(2 * KEYS)
  const policies = createRecent<string, CompiledPolicy>(POLICIES)
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

  function policyOf({ policy, principals }: KeyRecord): CompiledPolicy {
    const name = `${JSON.stringify(principals)}\n${policy}`
    const known = policies.get(name) ?? compileStoredPolicy(policy, principals)
    policies.set(name, known)
    return known
  }

  async function load(account: string, keyId: string): Promise<KeySnapshot | null> {
    const before = commits
    const means = { policyOf, unheard: marks.unheard }
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
      const target = targets.get(materialId)
      if (target !== undefined) return key(target.account, target.keyId)
      return loadTarget(materialId, () => store.reads.keyOfMaterial(materialId))
    },
  }
}

function nameOf(account: string, id: string): string {
  return `${account}/${id}`
}
