import { sql, type CompiledQuery, type Insertable, type Kysely, type QueryExecutorProvider } from 'kysely'
import { dialectOf } from './dialect.ts'

const statements = new Map<string, CompiledQuery>()

/** Adds a row to a table. What it is told by is put together once for each table and engine. */
export async function addRow<Schema, Table extends keyof Schema & string>(
  database: Kysely<Schema>,
  table: Table,
  row: Insertable<Schema[Table]>,
): Promise<void> {
  await put(database, table, row, null)
}

/** Puts a row into a table, in the place of the one with the same `key` columns where there is one. */
export async function putRow<Schema, Table extends keyof Schema & string>(
  database: Kysely<Schema>,
  table: Table,
  row: Insertable<Schema[Table]>,
  key: readonly (keyof Schema[Table] & string)[],
): Promise<void> {
  await put(database, table, row, key)
}

async function put<Schema>(
  database: Kysely<Schema>,
  table: string,
  row: object,
  key: readonly string[] | null,
): Promise<void> {
  const columns = Object.keys(row)
  // Rows of a table have the same columns wherever they are made; were one of another make, it has its own statement.
  const name = [dialectOf(database).name, table, key ?? '', ...columns].join(' ')
  const statement = statements.get(name) ?? compile(database, table, columns, key)
  statements.set(name, statement)
  await database.executeQuery({ ...statement, parameters: Object.values(row) as unknown[] })
}

function compile(
  database: QueryExecutorProvider,
  table: string,
  columns: readonly string[],
  key: readonly string[] | null,
) {
  const names = sql.join(columns.map((column) => sql.ref(column)))
  const values = sql.join(columns.map((column) => sql`${column}`))
  const insert = sql`insert into ${sql.table(table)} (${names}) values (${values})`
  if (key === null) return insert.compile(database)
  const updates = columns.map((column) => sql`${sql.ref(column)} = excluded.${sql.ref(column)}`)
  const keys = sql.join(key.map((column) => sql.ref(column)))
  return sql`${insert} on conflict (${keys}) do update set ${sql.join(updates)}`.compile(database)
}
