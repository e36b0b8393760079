import type { QueryResult } from 'pg'
import type { RowExpression } from '../house/store-database.ts'
import type { Moment, StoredRow, StoreHouse, StoreView } from '../house/store-house.ts'
import type { Fence } from './dialect.ts'
import { openPostgres } from './open-postgres.ts'
import { openSessions, type Session, type SessionOptions, type Sessions } from './sessions.ts'

/** How many sessions read. */
const READERS = 8
/** How many rows are held in memory at once. */
const ROWS = 500
const PREFIX = 'keyspan_'

/** The stores in schemas of one database of PostgreSQL. */
export interface PostgresHouse extends StoreHouse {
  close(): Promise<void>
}

/** @param fence null where nobody else can change anything, or nothing is changed */
export function postgresHouse(options: SessionOptions, fence: Fence | null): PostgresHouse {
  const readers = openSessions(options, READERS)
  const nameOf = (place: string) => `${options.address.text} (schema "${schemaOf(place)}")`
  return {
    engine: 'postgresql',
    nameOf,
    async places() {
      const { rows } = await ask(readers, `select nspname as name from pg_namespace where nspname like 'keyspan\\_%'`)
      const places = rows.map(({ name }) => String(name).slice(PREFIX.length)).toSorted()
      return [...places.filter((place) => place === 'global'), ...places.filter((place) => place !== 'global')]
    },
    opener: (place) => (migrations) => openPostgres(schemaOf(place), migrations, { options, readers, fence }),
    async snapshot(place) {
      const moment = await openMoment(readers)
      return { ...moment.of(place), [Symbol.asyncDispose]: () => moment[Symbol.asyncDispose]() }
    },
    moment: () => openMoment(readers),
    async bytes(place) {
      const { rows } = await ask(
        readers,
        `select coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint as bytes from pg_class c
         join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relkind = 'r'`,
        [schemaOf(place)],
      )
      return { database: Number(rows[0]?.['bytes'] ?? 0), log: 0 }
    },
    close: () => readers.close(),
  }
}

function schemaOf(place: string): string {
  return `${PREFIX}${place}`
}

async function ask(
  sessions: Sessions,
  text: string,
  values: unknown[] = [],
): Promise<QueryResult<Record<string, unknown>>> {
  const session = await sessions.acquire()
  try {
    return await session.client.query<Record<string, unknown>>(text, values)
  } finally {
    sessions.release(session)
  }
}

/** What every store is as of now, in one session. */
async function openMoment(sessions: Sessions): Promise<Moment> {
  const session = await sessions.acquire()
  const { client } = session
  const close = async () => {
    await client.query('rollback').catch(() => {
      session.isBroken = true
    })
    sessions.release(session)
  }
  try {
    await client.query('begin isolation level repeatable read read only')
    // Only a transaction that has read something is bound to what it saw.
    await client.query('select 1 from pg_namespace limit 1')
  } catch (error) {
    await close()
    throw error
  }
  let cursors = 0
  return {
    of: (place) => viewOf(client, schemaOf(place), () => `rows_${(cursors += 1)}`),
    [Symbol.asyncDispose]: close,
  }
}

/** The order of rows that have one. */
const ORDERS: Readonly<Record<string, string>> = {
  domain_key: ' order by version',
  pending_record: ' order by position',
}

function viewOf(client: Session['client'], schema: string, nextCursor: () => string): StoreView {
  const tableOf = (table: string) => `"${schema}"."${table}"`
  return {
    async has(table) {
      const { rows } = await client.query<{ found: boolean }>('select to_regclass($1) is not null as found', [
        tableOf(table),
      ])
      return rows[0]?.found === true
    },
    async *rows(table, name) {
      const cursor = nextCursor()
      const order = ORDERS[table] ?? ''
      await client.query(
        `declare ${cursor} cursor for select new.*${named(name)} from ${tableOf(table)} as new${order}`,
      )
      for (;;) {
        const { rows } = await client.query<StoredRow>(`fetch ${ROWS} from ${cursor}`)
        yield* rows
        if (rows.length < ROWS) break
      }
      await client.query(`close ${cursor}`)
    },
    async find(table, cells) {
      const where = Object.keys(cells)
        .map((column, index) => `"${column}" = $${index + 1}`)
        .join(' and ')
      const { rows } = await client.query<StoredRow>(
        `select * from ${tableOf(table)} where ${where}`,
        Object.values(cells),
      )
      return rows[0]
    },
  }
}

function named(name: RowExpression | undefined): string {
  return name === undefined ? '' : `, ${name('new', 'postgresql')} as "_name"`
}
