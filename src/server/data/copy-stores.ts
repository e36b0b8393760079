import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { sql } from 'kysely'
import type { RootKeyProvider } from '../../crypto/sealing/keyring.ts'
import { PARTITION } from '../../domain/region.ts'
import { checkStore } from '../../storage/check-store.ts'
import { readDomainKeyRows } from '../../storage/domain-key-rows.ts'
import { DEPLOYMENT } from '../../storage/sql/common.ts'
import type { Migrations } from '../../storage/sql/blank.ts'
import { GLOBAL_MIGRATIONS, GLOBAL_TABLES } from '../../storage/sql/global-schema.ts'
import { REGION_MIGRATIONS, REGION_TABLES } from '../../storage/sql/region-schema.ts'
import { sqliteHouse } from '../../storage/house/sqlite-house.ts'
import type { StoredRow, StoreHouse, StoreOpener, StoreView } from '../../storage/house/store-house.ts'
import { replaceFile, syncPath } from '../../storage/whole-file.ts'
import { DataDirectoryError, makeDirectory, type DataDirectory } from './data-directory.ts'
import { databaseOf, nameNode, nodeOf } from './kept.ts'
import type { HeldStores } from './postgres-kept.ts'

/** How many rows are written at once. */
const ROWS = 200
const GLOBAL = 'global'
/** Those that carry no MAC. */
const UNSEALED = ['domain_key', 'pending_record']
/** The order of pending records: rows that are written in it have it again. */
const ORDER_COLUMN = 'position'

/** What was copied. */
export interface Copied {
  readonly places: readonly string[]
  readonly rows: number
}

/** Which way stores are copied. */
export type CopyTarget = 'database' | 'files'

/**
 * Copies the stores of a data directory into a database, or back. Nobody may serve either.
 *
 * Each store is one transaction, that of what belongs to no Region last: cut off at any instant, it can be begun again.
 * Every row of both sides is held against the digest of the store. What was copied is put aside: nobody serves it by
 * mistake.
 *
 * @param kept the database, which this process holds
 * @throws DataDirectoryError where the target is not empty, or the copy is not what the source is
 */
export async function copyStores(
  data: DataDirectory,
  kept: HeldStores,
  root: RootKeyProvider,
  target: CopyTarget,
): Promise<Copied> {
  const files = sqliteHouse(data)
  const [from, to] = target === 'database' ? [files, kept.stores] : [kept.stores, files]
  const deployment = await deploymentOf(from, GLOBAL)
  if (deployment === null) throw new DataDirectoryError(nothingText(data, kept.address, from.nameOf(GLOBAL), target))
  await makeDirectory(data.regions)
  const places = (await from.places()).toSorted((a, b) => Number(a === GLOBAL) - Number(b === GLOBAL))
  const isWhole = (await readDomainKeyRows(to, GLOBAL).catch(() => [])).length > 0
  if (!isWhole) await requireRoom(to, deployment)
  let rows = 0
  for (const place of places) {
    if (!isWhole) await copyStore(from, to, place)
    rows += await requireSame(from, to, root, { deployment, region: place }, isWhole)
  }
  if (target === 'database') await putFilesAside(data, kept.address)
  else {
    await rm(data.elsewhere, { force: true })
    await kept.hold.retire()
  }
  return { places, rows }
}

/** A copy that was cut off at its very end has nothing left to do. */
function nothingText(data: DataDirectory, address: string, source: string, target: CopyTarget): string {
  const isDone = target === 'database' ? databaseOf(data) === address : existsSync(data.global)
  return isDone
    ? `The data of ${data.path} is ${target === 'database' ? `in ${address}` : 'in its files'} already: it was copied.`
    : `${source} holds no data: there is nothing to copy.`
}

async function deploymentOf(stores: StoreHouse, place: string): Promise<string | null> {
  if (!(await stores.places()).includes(place)) return null
  await using store = await stores.snapshot(place)
  if (!(await store.has('meta'))) return null
  const row = await store.find('meta', { name: DEPLOYMENT })
  return row === undefined ? null : String(row['value'])
}

function full(to: StoreHouse, place: string): DataDirectoryError {
  return new DataDirectoryError(`${to.nameOf(place)} has data already. Nothing was copied: give an empty target.`)
}

/** What a copy of the same deployment has left that was cut off may be written over. */
async function requireRoom(to: StoreHouse, deployment: string): Promise<void> {
  for (const place of await to.places()) {
    const found = await deploymentOf(to, place)
    if (found !== null && found !== deployment) throw full(to, place)
  }
}

async function copyStore(from: StoreHouse, to: StoreHouse, place: string): Promise<void> {
  await bringUp(from, place)
  await using source = await from.snapshot(place)
  await fillStore(source, to.opener(place), place)
}

/** Has a store get the newest tables. */
export async function bringUp(stores: StoreHouse, place: string): Promise<void> {
  await (await stores.opener(place)(migrationsOf(place), 'durable')).close()
}

/** Makes another store that has the rows of one with the newest tables, in place of those that it may have. */
export async function fillStore(source: StoreView, open: StoreOpener, place: string): Promise<void> {
  const tables = place === GLOBAL ? GLOBAL_TABLES : [...REGION_TABLES, 'material']
  const database = await open<Record<string, StoredRow>>(migrationsOf(place), 'durable')
  try {
    await database.writer.transaction().execute(async (writes) => {
      for (const table of [...tables, ...UNSEALED]) {
        await sql`delete from ${sql.table(table)}`.execute(writes)
        for await (const rows of groupsOf(source.rows(table), table)) {
          await writes.insertInto(table).values(rows).execute()
        }
      }
    })
  } finally {
    await database.close()
  }
}

function migrationsOf(place: string): Migrations {
  return place === GLOBAL ? GLOBAL_MIGRATIONS : REGION_MIGRATIONS
}

async function* groupsOf(rows: AsyncIterable<StoredRow>, table: string): AsyncGenerator<readonly StoredRow[]> {
  let group: StoredRow[] = []
  for await (const row of rows) {
    const { [ORDER_COLUMN]: _order, ...ordered } = row
    group.push(table === 'pending_record' ? ordered : row)
    if (group.length < ROWS) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}

/**
 * Gives how many rows there are.
 *
 * @param isOlder whether the copy was there already
 * @throws DataDirectoryError where a copy is not what it was made from
 */
async function requireSame(
  from: StoreHouse,
  to: StoreHouse,
  root: RootKeyProvider,
  about: { readonly deployment: string; readonly region: string },
  isOlder: boolean,
): Promise<number> {
  const place = { ...about, partition: PARTITION }
  if (isOlder && (await deploymentOf(to, place.region)) !== about.deployment) throw full(to, place.region)
  await using source = await from.snapshot(place.region)
  await using copy = await to.snapshot(place.region)
  const [was, is] = [await checkStore(source, root, place), await checkStore(copy, root, place)]
  const isSame = was.state?.digest === is.state?.digest && was.state?.writes === is.state?.writes
  if (was.isWhole && is.isWhole && isSame && was.damaged.length + is.damaged.length === 0) return is.rows
  if (isOlder) throw full(to, place.region)
  const [trouble] = [...was.damaged, ...is.damaged]
  throw new DataDirectoryError(
    `The copy of ${place.region} cannot be trusted: ${trouble ?? 'its rows are not those of its digest'}. ` +
      `${was.isWhole ? '' : 'Neither can what it was made from. '}See keyspan audit verify; the source is as it was.`,
  )
}

/** INVARIANT: who finds the files finds the word where the data is as well, whenever the process is killed. */
async function putFilesAside(data: DataDirectory, address: string): Promise<void> {
  await replaceFile(data.elsewhere, `${address}\n`)
  if (nodeOf(data) === null) await nameNode(data, '')
  const aside = join(data.path, `copied-${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`)
  await mkdir(aside, { mode: 0o700, recursive: true })
  for (const path of [data.regions, ...['', '-wal', '-shm'].map((end) => `${data.global}${end}`)]) {
    if (existsSync(path)) await rename(path, join(aside, basename(path)))
  }
  await makeDirectory(data.regions)
  await syncPath(data.path)
}
