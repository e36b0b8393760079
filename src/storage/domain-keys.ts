import type { Kysely } from 'kysely'
import {
  createDomainKey,
  KeyringError,
  openDomainKey,
  wrapDomainKey,
  type DomainKey,
  type Place,
  type RootKeyProvider,
} from '../crypto/sealing/keyring.ts'
import { createRowSeal, type RowSeal } from './row-seal.ts'
import { commonWrites, DEPLOYMENT, type CommonSchema } from './sql/common.ts'
import { hasRows, sealRows } from './sql/seal-rows.ts'
import type { SqliteFile } from './sqlite.ts'

/** What opens a database: its domain keys, and the seal of its rows. */
export interface StoreKeys {
  /** By ascending version; the last one is in use. */
  readonly domainKeys: readonly DomainKey[]
  readonly seal: RowSeal
}

/**
 * Opens a database's domain keys, or makes the first one.
 *
 * The rows of a database that is older than their seals are sealed as they are, once: its domain keys then take another
 * form. Only who has them in the old form, from a copy of that time, can make this happen again.
 *
 * @param tables those whose rows are sealed
 * @param marks what a new database keeps from the first moment on
 * @throws KeyringError
 */
export async function openDomainKeys<Schema extends CommonSchema>(
  { writer }: SqliteFile<Schema>,
  tables: readonly string[],
  root: RootKeyProvider,
  place: Place,
  now: number,
  marks: ReadonlyMap<string, string> = new Map(),
): Promise<StoreKeys> {
  const database = writer as unknown as Kysely<CommonSchema>
  const rows = await database.selectFrom('domain_key').selectAll().orderBy('version').execute()
  if (rows.length === 0) return begin(database, tables, root, place, now, marks)
  const domainKeys: DomainKey[] = []
  for (const { version, format, root_ref: rootRef, wrapped, kcv } of rows) {
    const row = { version, format, rootRef, wrapped: Buffer.from(wrapped), kcv: Buffer.from(kcv) }
    domainKeys.push({ version, key: await openDomainKey(root, place, row) })
  }
  const keys = keysOf(domainKeys, place)
  if (rows.some(({ format }) => format === 1)) {
    const wrapped = await Promise.all(domainKeys.map((each) => wrapDomainKey(root, place, each)))
    await database.transaction().execute(async (writes) => {
      await sealRows(writes, tables, keys.seal)
      for (const { version, ...row } of wrapped) {
        await writes.updateTable('domain_key').set(columnsOf(row)).where('version', '=', version).execute()
      }
    })
  }
  return keys
}

/** Says whether there are domain keys, of whatever form. */
export async function hasDomainKeys<Schema extends CommonSchema>({ reader }: SqliteFile<Schema>): Promise<boolean> {
  return hasRows(reader, 'domain_key')
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

function columnsOf({ format, rootRef, wrapped, kcv }: Omit<Awaited<ReturnType<typeof wrapDomainKey>>, 'version'>) {
  return { format, root_ref: rootRef, wrapped, kcv }
}

function keysOf(domainKeys: readonly DomainKey[], place: Place): StoreKeys {
  return { domainKeys, seal: createRowSeal(domainKeys, place.region) }
}
