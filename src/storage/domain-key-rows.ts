import { DatabaseSync } from 'node:sqlite'
import type { WrappedDomainKey } from '../crypto/sealing/keyring.ts'

interface Row {
  readonly version: number
  readonly format: number
  readonly root_ref: string
  readonly wrapped: Uint8Array
  readonly kcv: Uint8Array
}

/** The domain keys of an open database as they rest, by ascending version. */
export function domainKeyRows(database: DatabaseSync): readonly WrappedDomainKey[] {
  const rows = database.prepare('select * from domain_key order by version').all() as unknown as readonly Row[]
  return rows.map(({ version, format, root_ref: rootRef, wrapped, kcv }) => ({
    version,
    format,
    rootRef,
    wrapped: Buffer.from(wrapped),
    kcv: Buffer.from(kcv),
  }))
}

/** Those of a database file, which may be in use. A file that was never begun has none. */
export function readDomainKeyRows(path: string): readonly WrappedDomainKey[] {
  using database = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
  const table = database.prepare("select 1 from sqlite_master where type = 'table' and name = 'domain_key'").get()
  return table === undefined ? [] : domainKeyRows(database)
}
