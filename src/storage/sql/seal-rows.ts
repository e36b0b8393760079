import { sql, type Kysely } from 'kysely'
import type { RowSeal } from '../row-seal.ts'

/** How many rows are held in memory at once. */
const ROWS = 1000

type Columns = Record<string, string | number | Uint8Array | null>

/** Adds the column of MACs to these tables. */
export async function addMacs({ schema }: Kysely<unknown>, tables: readonly string[]): Promise<void> {
  for (const table of tables) await schema.alterTable(table).addColumn('mac', 'blob').execute()
}

/** Seals every row of these tables as it is. */
export async function sealRows<Schema>(
  database: Kysely<Schema>,
  tables: readonly string[],
  seal: RowSeal,
): Promise<void> {
  for (const table of tables) {
    for (let last = 0; ;) {
      const page = sql<Columns>`select rowid as place, * from ${sql.table(table)} where rowid > ${last} order by rowid`
      const { rows } = await sql<Columns>`${page} limit ${ROWS}`.execute(database)
      for (const { place, mac: _, ...row } of rows) {
        last = Number(place)
        const { mac } = seal.seal(table, row)
        await sql`update ${sql.table(table)} set mac = ${mac} where rowid = ${last}`.execute(database)
      }
      if (rows.length < ROWS) break
    }
  }
}

/** Says whether a table holds anything. */
export async function hasRows<Schema>(database: Kysely<Schema>, table: string): Promise<boolean> {
  return (await sql`select 1 from ${sql.table(table)} limit 1`.execute(database)).rows.length > 0
}
