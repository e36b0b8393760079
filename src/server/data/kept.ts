import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { sqliteHouse } from '../../storage/house/sqlite-house.ts'
import type { StoreHouse } from '../../storage/house/store-house.ts'
import { replaceFile } from '../../storage/whole-file.ts'
import { DataDirectoryError, holdsKeysInFiles, type DataDirectory } from './data-directory.ts'

/** Where the stores of a deployment are, and whose logs lie in its data directory. */
export interface Kept {
  readonly stores: StoreHouse
  /**
   * Tells the audit logs of this data directory from those of other processes that serve the same stores; empty where
   * there are no others.
   */
  readonly node: string
  /** Whether whoever has written the stores last had the logs of this data directory as well. */
  readonly isOwnLog: boolean
}

const NODE_BYTES = 4

/** What a data directory has itself: files of SQLite. @throws DataDirectoryError where they are not what there is */
export function keptIn(data: DataDirectory): Kept {
  requireFiles(data)
  return { stores: sqliteHouse(data), node: nodeOf(data) ?? '', isOwnLog: true }
}

/**
 * Says whether any Region's store has a key in it: what belongs to all Regions, the accounts, must then never begin
 * anew. A file that cannot be read may have some.
 */
export async function holdsKeys(data: DataDirectory, stores: StoreHouse): Promise<boolean> {
  if (stores.engine === 'sqlite') return holdsKeysInFiles(data)
  for (const place of await stores.places()) {
    await using store = await stores.snapshot(place)
    if (!(await store.has('key'))) continue
    for await (const _key of store.rows('key')) return true
  }
  return false
}

/** @throws DataDirectoryError where the data is in a database: what is in files is not what it was, or is nothing */
export function requireFiles(data: DataDirectory): void {
  const address = databaseOf(data)
  if (address === null) return
  if (existsSync(data.global)) throw new DataDirectoryError(halfCopiedText(data, address))
  throw new DataDirectoryError(
    `The data of ${data.path} is in ${address}, and not in files. Give --database ${address}, with what the server has ` +
      'behind it, such as ?sslmode=verify-full. To have it in files: keyspan storage copy --to files',
  )
}

/** @throws DataDirectoryError where a data directory has data of its own, which a database would hide */
export function requireNoFiles(data: DataDirectory): void {
  if (!existsSync(data.global)) return
  const address = databaseOf(data)
  if (address !== null) throw new DataDirectoryError(halfCopiedText(data, address))
  throw new DataDirectoryError(
    `${data.path} has data in files, which a database would hide. Leave --database out, or copy them: keyspan storage copy ` +
      '--to database',
  )
}

function halfCopiedText({ path }: DataDirectory, address: string): string {
  return (
    `The data of ${path} was copied to ${address}, and the copy is whole; the command was cut off before it put the files ` +
    `aside. Say it again, and it ends: keyspan storage copy --to database --database ${address}`
  )
}

/** The name of the logs of a data directory; null where none was given. */
export function nodeOf({ node }: DataDirectory): string | null {
  return textIn(node)
}

/** The database that the stores of a data directory are in; null where they are in files. */
export function databaseOf({ elsewhere }: Pick<DataDirectory, 'elsewhere'>): string | null {
  return textIn(elsewhere)
}

function textIn(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : null
}

/** Gives the logs of a data directory a name by chance, once. */
export async function openNode(data: DataDirectory): Promise<string> {
  const known = nodeOf(data)
  if (known !== null) return known
  const node = randomBytes(NODE_BYTES).toString('hex')
  await nameNode(data, node)
  return node
}

/** Gives the logs of a data directory a name. */
export async function nameNode(data: DataDirectory, node: string): Promise<void> {
  await replaceFile(data.node, `${node}\n`)
}
