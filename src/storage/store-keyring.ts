import type { Kysely } from 'kysely'
import { newestOf, type DomainKey, type Place, type RootKeyProvider } from '../crypto/sealing/keyring.ts'
import { addDomainKey, retireDomainKeys, rewrapDomainKeys, type StoreKeys } from './domain-keys.ts'
import { reseal, type Resealed, type Resealing } from './reseal.ts'
import { commonWrites, type CommonSchema } from './sql/common.ts'
import type { CommonWrites } from './store.ts'
import type { SqliteFile } from './sqlite.ts'
import type { StoreState } from './store-state.ts'

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

/** The keyring of an open store. */
export function storeKeyring<Schema extends CommonSchema>({
  file,
  keys,
  state,
  place,
  tables,
}: {
  readonly file: SqliteFile<Schema>
  readonly keys: StoreKeys
  readonly state: Pick<StoreState, 'write'>
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
    write: <Result>(work: (database: Resealing['reader']) => Promise<Result>) =>
      state.write<CommonWrites & { readonly database: Kysely<CommonSchema> }, Result>(
        (run) => writer.transaction().execute((database) => run({ ...commonWrites(database, seal), database })),
        ({ database }) => work(database as unknown as Resealing['reader']),
        false,
      ),
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
