import type { DatabaseError } from 'pg'
import {
  type CompiledQuery,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
  type DatabaseConnection,
  type DataTypeNode,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely'
import { NotHeldError, UncertainChangeError } from '../store.ts'
import type { Session, Sessions } from './sessions.ts'

/** Who may change anything. */
export interface Fence {
  /** The term of this process; each transaction sees that it is not over. */
  readonly term: number
  /** The table in which the term is, as SQL names it. */
  readonly table: string
  /** Told of a transaction that may or may not have happened, or is refused. */
  readonly lose: (reason: string) => void
}

/** What a connection needs to know. */
interface Place {
  readonly sessions: Sessions
  readonly schema: string
  /** Null where nobody else can change it. */
  readonly fence: Fence | null
}

/** Kysely's dialect for the tables of one schema. The types of columns are those that SQLite's migrations name. */
export function postgresDialect(place: Place): Dialect {
  return {
    createDriver: () => new PostgresDriver(place),
    createQueryCompiler: () => new TypedCompiler(),
    createAdapter: () => new TransactionAdapter(),
    createIntrospector: (database) => new PostgresIntrospector(database),
  }
}

/** Numbers are as wide as SQLite's, and texts are in the order of their bytes, as there. */
const TYPES: Readonly<Record<string, string>> = { integer: 'bigint', blob: 'bytea', text: 'text collate "C"' }

class TypedCompiler extends PostgresQueryCompiler {
  protected override visitDataType(node: DataTypeNode): void {
    this.append(TYPES[node.dataType] ?? node.dataType)
  }
}

/** Of whoever brings the tables of a schema up. */
const MIGRATION_LOCK = 7_217_415_341

/** Migrations are in one transaction, and so is their lock: where one has failed, there is nothing to be given back. */
class TransactionAdapter extends PostgresAdapter {
  override async acquireMigrationLock(database: Kysely<unknown>): Promise<void> {
    await sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(database)
  }

  override async releaseMigrationLock(): Promise<void> {}
}

class PostgresDriver implements Driver {
  readonly #place: Place

  constructor(place: Place) {
    this.#place = place
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<PostgresConnection> {
    return new PostgresConnection(await this.#place.sessions.acquire(), this.#place.schema)
  }

  async beginTransaction(connection: PostgresConnection): Promise<void> {
    const { fence } = this.#place
    await connection.useSchema()
    if (fence === null) {
      await connection.run('begin')
      return
    }
    // Who takes over changes the term, and waits for this transaction.
    const [, found] = await connection.run(
      `begin; select 1 from ${fence.table} where term = ${fence.term} for key share`,
    )
    if (found?.rowCount === 1) return
    fence.lose('another process has taken over')
    throw new NotHeldError('Another process has taken over: this one changes nothing more.')
  }

  async commitTransaction(connection: PostgresConnection): Promise<void> {
    const warnings: string[] = []
    const listen = ({ severity, message }: { severity?: string | undefined; message?: string | undefined }): void => {
      // A commit that was not awaited by those who keep copies of it is told so, and no more.
      if (severity !== 'NOTICE') warnings.push(message ?? '')
    }
    const { client } = connection.session
    client.on('notice', listen)
    try {
      const [result] = await connection.run('commit')
      if (result?.command === 'ROLLBACK')
        throw new RolledBackError('A statement has failed before: nothing is changed.')
      if (warnings.length > 0) throw new Error(warnings.join(' '))
    } catch (error) {
      if (error instanceof RolledBackError || isRefusal(error)) throw error
      this.#place.fence?.lose('a change may or may not have been committed')
      throw new UncertainChangeError('A change may have been committed or not: the answer of PostgreSQL was lost.', {
        cause: error,
      })
    } finally {
      client.off('notice', listen)
    }
  }

  async rollbackTransaction(connection: PostgresConnection): Promise<void> {
    if (connection.session.isBroken) return
    await connection.run('rollback').catch(() => {
      connection.session.isBroken = true
    })
  }

  async releaseConnection(connection: PostgresConnection): Promise<void> {
    this.#place.sessions.release(connection.session)
  }

  async destroy(): Promise<void> {
    await this.#place.sessions.close()
  }
}

class RolledBackError extends Error {}

/** Says whether PostgreSQL has said that it has not committed: a constraint, or two that waited for each other. */
function isRefusal(error: unknown): boolean {
  return /^(23|40(?!003))/.test((error as Partial<DatabaseError>).code ?? '')
}

class PostgresConnection implements DatabaseConnection {
  readonly session: Session
  readonly #schema: string

  constructor(session: Session, schema: string) {
    this.session = session
    this.#schema = schema
  }

  /** Outside of transactions: what is set in one is undone with it. */
  async useSchema(): Promise<void> {
    if (this.session.schema === this.#schema) return
    await this.run(`set search_path to "${this.#schema}"`)
    this.session.schema = this.#schema
  }

  /** Runs statements without parameters; gives the result of each. */
  async run(text: string): Promise<readonly { readonly command: string; readonly rowCount: number | null }[]> {
    return [await this.session.client.query(text)].flat()
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.session.schema !== this.#schema) await this.useSchema()
    const { rows, rowCount } = await this.session.client.query(sql, parameters.map(storable))
    return { rows: rows as Row[], numAffectedRows: BigInt(rowCount ?? 0) }
  }

  // oxlint-disable-next-line require-yield -- the interface asks for a generator; nothing here streams
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('Results are read whole, or by a cursor; streaming is not supported.')
  }
}

/** SECURITY: a text is kept as it is, or not at all: its row's MAC is over every character. */
function storable(parameter: unknown): unknown {
  if (typeof parameter === 'string' && parameter.includes('\0')) {
    throw new Error('PostgreSQL keeps no text with the character U+0000 in it.')
  }
  return parameter
}
