import { setImmediate } from 'node:timers/promises'
import { openDomainKey, type DomainKey, type Place, type RootKeyProvider } from '../crypto/sealing/keyring.ts'
import type { StateCommitment } from '../crypto/transparency/checkpoint.ts'
import { domainKeyRows } from './domain-key-rows.ts'
import { createRowSeal, RowError } from './row-seal.ts'
import { changeSum, createStateDigest, STATE } from './state-digest.ts'
import type { Snapshot } from './store-house.ts'
import { GLOBAL_TABLES } from './sql/global-schema.ts'
import { REGION_TABLES } from './sql/region-schema.ts'

/** How many damaged rows are told by name. */
const MOST_NAMED = 100
/** How many are looked at in one turn of the event loop. */
const ROWS_PER_TURN = 1000

/** What a look at every row of a store has found. */
export interface StoreReport {
  /** How many rows were looked at. */
  readonly rows: number
  /** What the store says that it is; null where it says nothing. */
  readonly state: StateCommitment | null
  /** Whether its rows are those that this is the digest of. */
  readonly isWhole: boolean
  /** Rows that are not as the server has written them, the first hundred. */
  readonly damaged: readonly string[]
  /** What it keeps under names of its own: only rows that are good. */
  readonly meta: ReadonlyMap<string, string>
  /** By ascending version. */
  readonly domainKeys: readonly DomainKey[]
}

/**
 * Looks at every row of a store, and changes nothing. Its server may be running.
 *
 * @throws KeyringError where its domain keys do not open
 */
export async function checkStore(store: Snapshot, root: RootKeyProvider, place: Place): Promise<StoreReport> {
  const domainKeys = await openDomainKeysOf(store, root, place)
  const seal = createRowSeal(domainKeys, place.region)
  const tables = place.region === 'global' ? GLOBAL_TABLES : REGION_TABLES
  const digest = createStateDigest(tables, domainKeys, place.region)
  const damaged: string[] = []
  const meta = new Map<string, string>()
  let [rows, sum] = [0, 0n]
  for (const [table, expression] of digest.tables) {
    for await (const { _name: name, ...row } of store.rows(table, expression)) {
      rows += 1
      if (rows % ROWS_PER_TURN === 0) await setImmediate()
      sum = changeSum(sum, 0n, digest.term(table, name))
      if (!tables.includes(table)) continue
      try {
        seal.open(table, row as Parameters<typeof seal.open>[1])
        if (table === 'meta') meta.set(String(row['name']), String(row['value']))
      } catch (error) {
        if (!(error instanceof RowError)) throw error
        if (damaged.length < MOST_NAMED) damaged.push(error.message)
      }
    }
  }
  const state = digest.parse(meta.get(STATE) ?? '')
  return {
    rows,
    state: state.sum === null ? null : digest.commit(state),
    isWhole: state.sum === sum,
    damaged,
    meta,
    domainKeys,
  }
}

/** The domain keys of a store. @throws KeyringError where one does not open */
export async function openDomainKeysOf(
  store: Snapshot,
  root: RootKeyProvider,
  place: Place,
): Promise<readonly DomainKey[]> {
  const keys: DomainKey[] = []
  for (const row of await domainKeyRows(store)) keys.push(await openDomainKey(root, place, row))
  return keys
}
