import type { QueryResult } from 'pg'
import type { RowExpression } from '../house/store-database.ts'
import type { Snapshot, StoredRow, StoreHouse, StoreOpener } from '../house/store-house.ts'
import type { Fence } from './dialect.ts'
import { openPostgres } from './open-postgres.ts'
import { openReading } from './open-reading.ts'
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
    places: () => placesOf(readers),
    opener: (place) => (migrations) => openPostgres(schemaOf(place), migrations, { options, readers, fence }),
    snapshot: (place) => openSnapshot(readers, schemaOf(place)),
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

/** The stores of a database that another process serves, to be read. */
export interface ReadingHouse {
  places(): Promise<readonly string[]>
  opener(place: string): StoreOpener
  close(): Promise<void>
}

/**
 * Reads the stores of a database while one process holds it.
 *
 * SECURITY: a server that was cut off from those that have taken its place knows of no later holder: it is not believed.
 *
 * @param hold the term of whoever holds it, and the table in which that is
 */
export function readingHouse(options: SessionOptions, { table, term }: Pick<Fence, 'table' | 'term'>): ReadingHouse {
  const prepare: SessionOptions['prepare'] = async (client) => {
    const { rowCount } = await client.query(`select from ${table} where term = $1`, [term])
    if (rowCount !== 1) throw new Error('Another process has taken over, or the database is not the one it has.')
    await client.query('set default_transaction_read_only = on')
  }
  const readers = openSessions({ ...options, prepare }, READERS)
  return {
    places: () => placesOf(readers),
    opener: (place) => (migrations) => openReading(schemaOf(place), migrations, { options, readers }),
    close: () => readers.close(),
  }
}

async function placesOf(readers: Sessions): Promise<readonly string[]> {
  const { rows } = await ask(readers, `select nspname as name from pg_namespace where nspname like 'keyspan\\_%'`)
  const places = rows.map(({ name }) => String(name).slice(PREFIX.length)).toSorted()
  return [...places.filter((place) => place === 'global'), ...places.filter((place) => place !== 'global')]
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

async function openSnapshot(sessions: Sessions, schema: string): Promise<Snapshot> {
  const session = await sessions.acquire()
  const { client } = session
  let cursors = 0
  await client.query(`begin isolation level repeatable read read only; set local search_path to "${schema}"`)
  return {
    async has(table) {
      const { rows } = await client.query<{ found: boolean }>('select to_regclass($1) is not null as found', [
        `"${schema}"."${table}"`,
      ])
      return rows[0]?.found === true
    },
    async *rows(table, name) {
      const cursor = `rows_${(cursors += 1)}`
      const order = table === 'domain_key' ? ' order by version' : ''
      await client.query(`declare ${cursor} cursor for select new.*${named(name)} from "${table}" as new${order}`)
      for (;;) {
        const { rows } = await client.query<StoredRow>(`fetch ${ROWS} from ${cursor}`)
        yield* rows
        if (rows.length < ROWS) break
      }
    },
    async find(table, cells) {
      const where = Object.keys(cells)
        .map((column, index) => `"${column}" = $${index + 1}`)
        .join(' and ')
      const { rows } = await client.query<StoredRow>(`select * from "${table}" where ${where}`, Object.values(cells))
      return rows[0]
    },
    async [Symbol.asyncDispose]() {
      await end(sessions, session)
    },
  }
}

async function end(sessions: Sessions, session: Session): Promise<void> {
  await session.client.query('rollback').catch(() => {
    session.isBroken = true
  })
  sessions.release(session)
}

function named(name: RowExpression | undefined): string {
  return name === undefined ? '' : `, ${name('new', 'postgresql')} as "_name"`
}
