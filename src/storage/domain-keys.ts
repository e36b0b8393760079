import type { Kysely, Selectable } from 'kysely'
import {
  createDomainKey,
  KeyringError,
  newestOf,
  openDomainKey,
  wrapDomainKey,
  type DomainKey,
  type Place,
  type RootKeyProvider,
} from '../crypto/sealing/keyring.ts'
import { createRowSeal, type RowSeal } from './row-seal.ts'
import { commonWrites, DEPLOYMENT, type CommonSchema } from './sql/common.ts'
import { hasRows, sealRows } from './sql/seal-rows.ts'
import type { StoreDatabase } from './house/store-database.ts'

/** What opens a database: its domain keys, and the seal of its rows. */
export interface StoreKeys {
  /** By ascending version; the last one is in use. It grows where another is made. */
  readonly domainKeys: DomainKey[]
  readonly seal: RowSeal
}

/**
 * Opens a database's domain keys, or makes the first one. Those that another root key has wrapped than the one that
 * wraps now are wrapped anew.
 *
 * The rows of a database that is older than their seals are sealed as they are, once: its domain keys then take another
 * form. Only who has them in the old form, from a copy of that time, can make this happen again.
 *
 * @param tables those whose rows are sealed
 * @param marks what a new database keeps from the first moment on
 * @throws KeyringError
 */
export async function openDomainKeys<Schema extends CommonSchema>(
  { writer }: StoreDatabase<Schema>,
  tables: readonly string[],
  root: RootKeyProvider,
  place: Place,
  now: number,
  marks: ReadonlyMap<string, string> = new Map(),
): Promise<StoreKeys> {
  const database = writer as unknown as Kysely<CommonSchema>
  const rows = await rowsIn(database)
  if (rows.length === 0) return begin(database, tables, root, place, now, marks)
  const domainKeys = await openRows(rows, root, place)
  const keys = keysOf(domainKeys, place)
  const isUnsealed = rows.some(isOfOldForm)
  if (isUnsealed || rows.some(({ root_ref: ref }) => ref !== root.currentRef())) {
    const wrapped = await wrapAll(domainKeys, root, place)
    await database.transaction().execute(async (writes) => {
      if (isUnsealed) await sealRows(writes, tables, keys.seal)
      await putAll(writes, wrapped)
    })
  }
  return keys
}

/** Opens a database's domain keys, and changes nothing; null where there are none, or they have their old form. */
export async function readDomainKeys<Schema extends CommonSchema>(
  { reader }: StoreDatabase<Schema>,
  root: RootKeyProvider,
  place: Place,
): Promise<StoreKeys | null> {
  const rows = await rowsIn(reader as unknown as Kysely<CommonSchema>)
  if (rows.length === 0 || rows.some(isOfOldForm)) return null
  return keysOf(await openRows(rows, root, place), place)
}

type Row = Selectable<CommonSchema['domain_key']>

function rowsIn(database: Kysely<CommonSchema>): Promise<readonly Row[]> {
  return database.selectFrom('domain_key').selectAll().orderBy('version').execute()
}

async function openRows(rows: readonly Row[], root: RootKeyProvider, place: Place): Promise<DomainKey[]> {
  const domainKeys: DomainKey[] = []
  for (const { version, format, root_ref: rootRef, wrapped, kcv } of rows) {
    const row = { version, format, rootRef, wrapped: Buffer.from(wrapped), kcv: Buffer.from(kcv) }
    domainKeys.push(await openDomainKey(root, place, row))
  }
  return domainKeys
}

function isOfOldForm({ format }: Row): boolean {
  return format === 1
}

/** Says whether there are domain keys, of whatever form. */
export async function hasDomainKeys<Schema extends CommonSchema>({ reader }: StoreDatabase<Schema>): Promise<boolean> {
  return hasRows(reader, 'domain_key')
}

/** Wraps the domain keys of an open database with the root key that wraps now. */
export async function rewrapDomainKeys(
  database: Kysely<CommonSchema>,
  { domainKeys }: StoreKeys,
  root: RootKeyProvider,
  place: Place,
): Promise<void> {
  const wrapped = await wrapAll(domainKeys, root, place)
  await database.transaction().execute((writes) => putAll(writes, wrapped))
}

/** Makes another domain key, under which everything is sealed from now on. Gives its version. */
export async function addDomainKey(
  database: Kysely<CommonSchema>,
  { domainKeys }: StoreKeys,
  root: RootKeyProvider,
  place: Place,
  now: number,
): Promise<number> {
  const { key, version, ...wrapped } = await createDomainKey(root, place, newestOf(domainKeys).version + 1)
  const row = { version, ...columnsOf(wrapped), created_at: now }
  await database.transaction().execute((writes) => writes.insertInto('domain_key').values(row).execute())
  domainKeys.push({ version, key })
  return version
}

/** Retires every domain key but the newest: no row is believed by them any more. Nothing may rest under them. */
export async function retireDomainKeys(
  database: Kysely<CommonSchema>,
  { domainKeys }: StoreKeys,
  root: RootKeyProvider,
  place: Place,
): Promise<void> {
  const newest = newestOf(domainKeys)
  const retired = domainKeys.filter((each) => each !== newest).map((each) => ({ ...each, isRetired: true }))
  const wrapped = await wrapAll(retired, root, place)
  await database.transaction().execute((writes) => putAll(writes, wrapped))
  domainKeys.splice(0, retired.length, ...retired)
}

type Wrapped = Awaited<ReturnType<typeof wrapDomainKey>>

async function wrapAll(domainKeys: readonly DomainKey[], root: RootKeyProvider, place: Place) {
  return Promise.all(domainKeys.map((each) => wrapDomainKey(root, place, each)))
}

async function putAll(writes: Kysely<CommonSchema>, wrapped: readonly Wrapped[]): Promise<void> {
  for (const { version, ...row } of wrapped) {
    await writes.updateTable('domain_key').set(columnsOf(row)).where('version', '=', version).execute()
  }
}

/** The first domain key, and whose the database is: neither is there without the other. */
async function begin(
  database: Kysely<CommonSchema>,
  tables: readonly string[],
  root: RootKeyProvider,
  place: Place,
  now: number,
  marks: ReadonlyMap<string, string>,
): Promise<StoreKeys> {
  for (const table of tables.filter((name) => name !== 'meta')) {
    if (!(await hasRows(database, table))) continue
    throw new KeyringError(`The domain keys of ${place.region} are missing, and its data is not. Restore a backup.`)
  }
  const { key, version, ...wrapped } = await createDomainKey(root, place, 1)
  const keys = keysOf([{ version, key }], place)
  const row = { version, ...columnsOf(wrapped), created_at: now }
  await database.transaction().execute(async (writes) => {
    await writes.insertInto('domain_key').values(row).execute()
    // What a first start of an older version has left was never vouched for.
    await writes.deleteFrom('meta').execute()
    const { putMeta } = commonWrites(writes, keys.seal)
    await putMeta(DEPLOYMENT, place.deployment)
    for (const [name, value] of marks) await putMeta(name, value)
  })
  return keys
}

function columnsOf({ format, rootRef, wrapped, kcv }: Omit<Wrapped, 'version'>) {
  return { format, root_ref: rootRef, wrapped, kcv }
}

function keysOf(domainKeys: DomainKey[], place: Place): StoreKeys {
  return { domainKeys, seal: createRowSeal(domainKeys, place.region) }
}
