import type { Kysely } from 'kysely'
import { newestOf, type Place } from '../crypto/sealing/keyring.ts'
import { addDomainKey, retireDomainKeys, rewrapDomainKeys, type StoreKeys } from './domain-keys.ts'
import { reseal, type Resealing } from './reseal.ts'
import type { CommonSchema } from './sql/common.ts'
import type { StoreDatabase } from './house/store-database.ts'
import type { StoreKeyring } from './store-keyring.ts'
import type { StoreState } from './store-state.ts'

/** The keyring of an open store. */
export function openStoreKeyring<Schema extends CommonSchema>({
  file,
  keys,
  state,
  place,
  tables,
}: {
  readonly file: StoreDatabase<Schema>
  readonly keys: StoreKeys
  readonly state: Pick<StoreState<Schema>, 'write'>
  readonly place: Place
  readonly tables: readonly string[]
}): StoreKeyring {
  const writer = file.writer as unknown as Kysely<CommonSchema>
  const { domainKeys, seal } = keys
  const resealing: Resealing = {
    place,
    tables,
    domainKeys,
    seal,
    reader: file.reader as unknown as Resealing['reader'],
    write: (work) => state.write((database) => work(database as unknown as Resealing['reader']), false),
  }
  return {
    place,
    domainKeys,
    rewrap: (root) => rewrapDomainKeys(writer, keys, root, place),
    add: (root, now) => addDomainKey(writer, keys, root, place, now),
    isDue: () => domainKeys.slice(0, -1).some(({ isRetired }) => isRetired !== true),
    async renew(signal) {
      let rows = 0
      for (;;) {
        const newest = newestOf(domainKeys)
        const pass = await reseal(resealing, signal)
        rows += pass.rows
        const isStill = pass.rows === 0 && newest === newestOf(domainKeys)
        // What was sealed before the newest key was made, and written when the pass was by, is found by another one.
        if (pass.damaged.length === 0 && !signal.aborted && !isStill) continue
        return { rows, damaged: pass.damaged, isClean: pass.damaged.length === 0 && !signal.aborted }
      }
    },
    retire: (root) => retireDomainKeys(writer, keys, root, place),
  }
}
