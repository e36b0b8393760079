import { setTimeout as sleep } from 'node:timers/promises'
import { sql, type Kysely } from 'kysely'
import {
  KeyringError,
  newestOf,
  wrapMaterial,
  wrapSecretAgain,
  type DomainKey,
  type Place,
} from '../crypto/sealing/keyring.ts'
import type { Resealed } from './store-keyring.ts'
import { RowError, type RowSeal } from './row-seal.ts'
import { mapSecrets, openMaterialRow, type MaterialRow } from './sealed-parts.ts'
import { dialectOf, type RowPlace } from './sql/dialect.ts'
import { hiddenTextOf } from './sql/hidden-text.ts'

/** How many rows are looked at before others have their turn, and are sealed anew in one transaction. */
const ROWS = 200
/** How long others have their turn, in milliseconds. */
const TURN_MS = 2
/** How many damaged rows are told by name. */
const MOST_NAMED = 20

type Cell = string | number | Uint8Array | null
type Row = Readonly<Record<string, Cell>> & { readonly mac: Uint8Array }
type Found = Row & { readonly _place: RowPlace }
type Database = Kysely<Record<string, Record<string, Cell>>>

/** A store whose rows are sealed anew. */
export interface Resealing {
  readonly place: Place
  readonly tables: readonly string[]
  readonly domainKeys: readonly DomainKey[]
  readonly seal: RowSeal
  /** What is committed. */
  readonly reader: Database
  /** Runs a transaction that counts as no change of what rows say. */
  write<Result>(work: (database: Database) => Promise<Result>): Promise<Result>
}

/**
 * Seals everything anew that does not rest under the newest domain key: rows, the secrets in them, materials.
 *
 * Each step is a transaction of its own, and what is done already is passed over: cut off, it is begun again. Rows say
 * the same afterwards.
 *
 * @param signal ends it between two steps
 */
export async function reseal(store: Resealing, signal: AbortSignal): Promise<Resealed> {
  const { start, at, place: column } = dialectOf(store.reader)
  const place = sql.ref(column)
  let rows = 0
  const damaged: string[] = []
  for (const table of [...store.tables, ...(store.place.region === 'global' ? [] : ['material'])]) {
    for (let after = start; !signal.aborted;) {
      const page = sql<Found>`
        select ${place} as _place, * from ${sql.table(table)} where ${place} > ${at(after)} order by ${place} limit ${ROWS}`
      const found = (await page.execute(store.reader)).rows
      const due = found.filter((row) => isDue(store, table, row)).map(({ _place: each }) => each)
      const done = due.length === 0 ? null : await store.write((database) => resealRows(store, database, table, due))
      rows += done?.rows ?? 0
      damaged.push(...(done?.damaged ?? []).slice(0, MOST_NAMED - damaged.length))
      after = found.at(-1)?._place ?? after
      if (found.length < ROWS) break
      await sleep(TURN_MS)
    }
  }
  return { rows, damaged }
}

async function resealRows(
  store: Resealing,
  database: Database,
  table: string,
  places: readonly RowPlace[],
): Promise<Resealed> {
  const damaged: string[] = []
  let rows = 0
  const { at, place: column } = dialectOf(database)
  for (const place of places) {
    const isHere = sql`${sql.ref(column)} = ${at(place)}`
    const rowAt = sql<Row>`select * from ${sql.table(table)} where ${isHere}`
    // It may be gone by now, or another.
    const [row] = (await rowAt.execute(database)).rows
    try {
      const next = row === undefined ? null : await again(store, database, table, row)
      if (row === undefined || next === null) continue
      const changed = Object.entries(next).filter(([name, cell]) => cell !== row[name])
      const set = sql.join(changed.map(([name, cell]) => sql`${sql.ref(name)} = ${cell}`))
      await sql`update ${sql.table(table)} set ${set} where ${isHere}`.execute(database)
      rows += 1
    } catch (error) {
      if (!isDamage(error)) throw error
      damaged.push(error.message)
    }
  }
  return { rows, damaged }
}

/** Says whether a row is not yet, in all its parts, under the newest domain key. One that is damaged is not. */
function isDue(store: Resealing, table: string, row: Row): boolean {
  const { version } = newestOf(store.domainKeys)
  if (table === 'material') return isOlderMaterial(row as unknown as MaterialRow, version)
  try {
    return versionOf(row) !== version || againRow(store, table, row) !== null
  } catch (error) {
    if (isDamage(error)) return true
    throw error
  }
}

function isDamage(error: unknown): error is Error {
  return error instanceof RowError || error instanceof KeyringError
}

/** The version of the domain key by which a row is believed; null where it has no MAC. */
function versionOf({ mac }: Row): number | null {
  const bytes = Buffer.from(mac ?? [])
  return bytes.length < 4 ? null : bytes.readUInt32BE()
}

function again(store: Resealing, database: Database, table: string, row: Row): Promise<Row | null> | Row | null {
  return table === 'material' ? againMaterial(store, database, row) : againRow(store, table, row)
}

/** A row under the newest domain key; null where it is already. */
function againRow({ domainKeys, seal, place }: Resealing, table: string, row: Row): Row | null {
  const { version } = newestOf(domainKeys)
  const again = (label: string, context: string, wrapped: string): string => {
    const text = wrapSecretAgain(domainKeys, label, context, wrapped)
    if (text !== null) return text
    throw new KeyringError(`The secret ${label} of ${context} in ${place.region} is damaged. Restore a backup.`)
  }
  const { mac: _mac, ...opened } = seal.open(table, row)
  const hidden = hiddenTextOf(table, opened)
  const next = {
    ...opened,
    ...(hidden === null
      ? mapSecrets(table, opened, again)
      : { [hidden.column]: seal.hideAgain(table, hidden.of, String(opened[hidden.column])) }),
  }
  const isSame = Object.entries(next).every(([name, cell]) => cell === row[name])
  if (isSame && versionOf(row) === version) return null
  return seal.seal(table, next)
}

/** A material under the newest domain key; null where it is already, or is known and not here. */
async function againMaterial(
  { place, domainKeys, seal }: Resealing,
  database: Database,
  row: Row,
): Promise<Row | null> {
  const stored = row as unknown as MaterialRow
  const newest = newestOf(domainKeys)
  if (!isOlderMaterial(stored, newest.version)) return null
  const keys = sql<Row>`select * from key where account = ${stored.account} and id = ${stored.key_id}`
  const [key] = (await keys.execute(database)).rows
  const { about, material } = openMaterialRow(stored, key, place, domainKeys, seal)
  const { domainKeyVersion, recordVersion, ...sealed } = wrapMaterial(
    newest,
    about,
    material,
    stored.record_version + 1,
  )
  return { ...row, ...sealed, domain_key_version: domainKeyVersion, record_version: recordVersion }
}

function isOlderMaterial(row: MaterialRow, version: number): boolean {
  return row.domain_key_version !== version && row.ciphertext.length > 0
}
