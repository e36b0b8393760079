import { sql, type Kysely } from 'kysely'
import type { RowSeal } from '../row-seal.ts'
import { dialectOf, type RowPlace } from './dialect.ts'

/** How many rows are held in memory at once. */
const ROWS = 1000

type Columns = Record<string, string | number | Uint8Array | null>

/** Adds the column of MACs to these tables. */
export async function addMacs({ schema }: Kysely<unknown>, tables: readonly string[]): Promise<void> {
  for (const table of tables) await schema.alterTable(table).addColumn('mac', 'blob').execute()
}

/** Seals every row of these tables that has no MAC yet, as it is. */
export async function sealRows<Schema>(
  database: Kysely<Schema>,
  tables: readonly string[],
  seal: RowSeal,
): Promise<void> {
  const { start, at, place: column } = dialectOf(database)
  const place = sql.ref(column)
  for (const table of tables) {
    for (let last = start; ;) {
      const { rows } = await sql<Columns & { readonly _place: RowPlace }>`
        select ${place} as _place, * from ${sql.table(table)} where ${place} > ${at(last)} and mac is null
        order by ${place} limit ${ROWS}`.execute(database)
      for (const { _place, mac: _, ...row } of rows) {
        last = _place
        const { mac } = seal.seal(table, row)
        await sql`update ${sql.table(table)} set mac = ${mac} where ${place} = ${at(last)}`.execute(database)
      }
      if (rows.length < ROWS) break
    }
  }
}

/** Says whether a table holds anything. */
export async function hasRows<Schema>(database: Kysely<Schema>, table: string): Promise<boolean> {
  return (await sql`select 1 from ${sql.table(table)} limit 1`.execute(database)).rows.length > 0
}
