import { setImmediate } from 'node:timers/promises'
import { KeyringError, unwrapSecretOfAny, type Place, type RootKeyProvider } from '../crypto/sealing/keyring.ts'
import { openDomainKeysOf } from './check-store.ts'
import { createRowSeal, RowError, type RowSeal } from './row-seal.ts'
import { mapSecrets, openMaterialRow, type MaterialRow } from './sealed-parts.ts'
import type { Snapshot } from './store-house.ts'
import { GLOBAL_TABLES } from './sql/global-schema.ts'
import { hiddenTextOf } from './sql/hidden-text.ts'
import { REGION_TABLES } from './sql/region-schema.ts'

/** How many faults are told. */
const MOST_FAULTS = 100
/** How many rows are looked at in one turn of the event loop. */
const ROWS_PER_TURN = 500

/** What opens in a store. */
export interface SealedReport {
  /** A Region, or `global`. */
  readonly place: string
  /** How much rests under each domain key, by its version. */
  readonly versions: readonly { readonly version: number; readonly retired: boolean; readonly rows: number }[]
  /** What opened: secrets and encrypted texts, and materials of keys. */
  readonly secrets: number
  readonly materials: number
  /** What does not open, in sentences: the first hundred. */
  readonly faults: readonly string[]
}

type Row = Parameters<RowSeal['open']>[1]

/** Opens everything that rests in a store, and keeps nothing of it. Its server may be running. */
export async function checkSealed(store: Snapshot, root: RootKeyProvider, place: Place): Promise<SealedReport> {
  const faults: string[] = []
  const count = { secrets: 0, materials: 0 }
  const rowsUnder = new Map<number, number>()
  const domainKeys = await openDomainKeysOf(store, root, place).catch((error: unknown) => {
    if (error instanceof KeyringError) return error
    throw error
  })
  if (domainKeys instanceof KeyringError) {
    return { place: place.region, versions: [], ...count, faults: [domainKeys.message] }
  }
  const seal = createRowSeal(domainKeys, place.region)

  async function lookAt(table: string, row: Row): Promise<number> {
    if (table === 'material') {
      const material = row as unknown as MaterialRow
      if (material.ciphertext.length === 0) return 0
      const key = (await store.find('key', { account: material.account, id: material.key_id })) as Row | undefined
      openMaterialRow(material, key, place, domainKeys as Exclude<typeof domainKeys, KeyringError>, seal)
      count.materials += 1
      return material.domain_key_version
    }
    seal.open(table, row)
    const hidden = hiddenTextOf(table, row)
    if (hidden !== null) seal.show(table, hidden.of, String(row[hidden.column]))
    count.secrets += Number(hidden !== null)
    mapSecrets(table, row, (label, context, wrapped) => {
      const secret = unwrapSecretOfAny(domainKeys as Exclude<typeof domainKeys, KeyringError>, label, context, wrapped)
      if (secret === null) throw new KeyringError(`The secret ${label} of ${context} in ${place.region} does not open.`)
      secret.fill(0)
      count.secrets += 1
      return wrapped
    })
    return Buffer.from(row.mac).readUInt32BE()
  }

  let seen = 0
  const tables = place.region === 'global' ? GLOBAL_TABLES : [...REGION_TABLES, 'material']
  for (const table of tables) {
    for await (const row of store.rows(table)) {
      seen += 1
      if (seen % ROWS_PER_TURN === 0) await setImmediate()
      try {
        const version = await lookAt(table, row as Row)
        rowsUnder.set(version, (rowsUnder.get(version) ?? 0) + 1)
      } catch (error) {
        if (!(error instanceof RowError || error instanceof KeyringError)) throw error
        if (faults.length < MOST_FAULTS) faults.push(error.message)
      }
    }
  }
  const versions = domainKeys.map(({ version, isRetired: retired = false }) => {
    return { version, retired, rows: rowsUnder.get(version) ?? 0 }
  })
  return { place: place.region, versions, ...count, faults }
}
