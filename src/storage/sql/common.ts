import { sql, type Kysely, type Selectable } from 'kysely'
import type { RowSeal } from '../row-seal.ts'
import { dialectOf } from './dialect.ts'
import { hasRows } from './seal-rows.ts'
import type { CommonReads, CommonWrites } from '../store.ts'
import { prepared } from './prepared.ts'
import { addRow, putRow } from './put-row.ts'

/** A row that carries its MAC. */
export interface Sealed {
  mac: Uint8Array
}

/** The tables that every database has, a Region's and the global one. Times are epoch milliseconds. */
export interface CommonSchema {
  meta: Sealed & { name: string; value: string }
  domain_key: {
    version: number
    format: number
    root_ref: string
    wrapped: Uint8Array
    kcv: Uint8Array
    created_at: number
  }
  /** What calls have answered that may be made once only. It is encrypted. */
  receipt: Sealed & { name: string; answer: string }
  /** CloudTrail-shaped records that are committed with what they tell of, until the audit log holds them. */
  pending_record: {
    event_id: string
    text: string
    /** The place in the audit log before which its line is not. */
    log_file: string
    log_offset: number
  }
}

/** A damaged offset is the beginning of its file. */
const offset =
  sql<number>`case when log_offset between 0 and ${sql.lit(Number.MAX_SAFE_INTEGER)} then log_offset else 0 end`.as(
    'log_offset',
  )

/** What says in which order pending records were committed, where rows have no number of their own. */
const RECORD_ORDER = 'position'

/** SQLite takes some 32,000 variables in one statement. */
const VARIABLES = 500

export async function createCommonTables(database: Kysely<unknown>): Promise<void> {
  const { schema } = database
  await schema
    .createTable('meta')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute()
  await schema
    .createTable('domain_key')
    .addColumn('version', 'integer', (column) => column.primaryKey())
    .addColumn('root_ref', 'text', (column) => column.notNull())
    .addColumn('wrapped', 'blob', (column) => column.notNull())
    .addColumn('kcv', 'blob', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .execute()
  const records = schema
    .createTable('pending_record')
    .addColumn('event_id', 'text', (column) => column.primaryKey())
    .addColumn('text', 'text', (column) => column.notNull())
  const isNumbered = dialectOf(database).name === 'sqlite'
  const ordered = isNumbered
    ? records
    : records.addColumn(RECORD_ORDER, 'bigint', (column) => column.generatedAlwaysAsIdentity())
  await ordered.execute()
}

/** Makes the table of receipts. */
export async function createReceipts({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('receipt')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('answer', 'text', (column) => column.notNull())
    .addColumn('mac', 'blob')
    .execute()
}

/** Adds what tells which domain keys are older than the seals of rows. */
export async function addFormat({ schema }: Kysely<unknown>): Promise<void> {
  const add = schema.alterTable('domain_key').addColumn('format', 'integer', (column) => column.notNull().defaultTo(1))
  await add.execute()
}

/** Where a database keeps the deployment that it belongs to. */
export const DEPLOYMENT = 'deployment'

/** The deployment that a database belongs to, before anything in it can be trusted; null in a new one. */
export async function claimedDeployment(database: Kysely<CommonSchema>): Promise<string | null> {
  const row = await database.selectFrom('meta').select('value').where('name', '=', DEPLOYMENT).executeTakeFirst()
  return row?.value ?? null
}

/**
 * Gives pending records their place in the audit log. For those that are there already it is the day before their
 * event: none was written earlier.
 */
export async function addRecordPlaces(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .alterTable('pending_record')
    .addColumn('log_file', 'text', (column) => column.notNull().defaultTo(''))
    .execute()
  await database.schema
    .alterTable('pending_record')
    .addColumn('log_offset', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  if (!(await hasRows(database, 'pending_record'))) return
  await sql`
    update pending_record
    set log_file = coalesce(date(json_extract(text, '$.eventTime'), '-1 day') || '.jsonl', '')
    where json_valid(text)`.execute(database)
}

const metaByName = prepared<CommonSchema, { name: string }, Selectable<CommonSchema['meta']>>((database, given) =>
  database.selectFrom('meta').selectAll().where('name', '=', given('name')),
)

export function commonReads(database: Kysely<CommonSchema>, seal: RowSeal): CommonReads {
  const committed = sql.ref(dialectOf(database).name === 'sqlite' ? 'rowid' : RECORD_ORDER)
  return {
    async meta(name) {
      const [row] = await metaByName(database, { name })
      return row === undefined ? null : seal.open('meta', row).value
    },
    async receipt(name) {
      const row = await database.selectFrom('receipt').selectAll().where('name', '=', name).executeTakeFirst()
      return row === undefined ? null : seal.show('receipt', name, seal.open('receipt', row).answer)
    },
    async pendingRecords(limit) {
      const rows = await database
        .selectFrom('pending_record')
        .select(['event_id', 'log_file', offset, sql<number>`octet_length(text)`.as('size')])
        .where('event_id', 'is not', null)
        .orderBy(committed)
        .limit(limit)
        .execute()
      return rows.map((row) => ({
        eventId: row.event_id,
        size: row.size,
        since: { file: row.log_file, offset: row.log_offset },
      }))
    },
    async pendingTexts(eventIds) {
      const texts: string[] = []
      for (const ids of chunksOf(eventIds)) {
        const rows = await database
          .selectFrom('pending_record')
          .select('text')
          .where('event_id', 'in', ids)
          .orderBy(committed)
          .execute()
        texts.push(...rows.map(({ text }) => text))
      }
      return texts
    },
  }
}

export function commonWrites(database: Kysely<CommonSchema>, seal: RowSeal): CommonWrites {
  return {
    async putMeta(name, value) {
      const row = seal.seal('meta', { name, value })
      await putRow(database, 'meta', row, ['name'])
    },
    async putReceipt(name, answer) {
      const row = seal.seal('receipt', { name, answer: seal.hide('receipt', name, answer) })
      await addRow(database, 'receipt', row)
    },
    async deleteReceipts(prefix) {
      const from = database.deleteFrom('receipt').where('name', '>=', prefix)
      await from.where('name', '<', `${prefix}\uFFFF`).execute()
    },
    async putRecord({ eventId, text }, since) {
      await addRow(database, 'pending_record', {
        event_id: eventId,
        text,
        log_file: since.file,
        log_offset: since.offset,
      })
    },
    async deleteRecords(eventIds) {
      for (const ids of chunksOf(eventIds)) {
        await database.deleteFrom('pending_record').where('event_id', 'in', ids).execute()
      }
    },
  }
}

function* chunksOf(eventIds: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < eventIds.length; start += VARIABLES) yield eventIds.slice(start, start + VARIABLES)
}
