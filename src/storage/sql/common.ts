import { sql, type Kysely } from 'kysely'
import type { CommonReads, CommonWrites } from '../store.ts'

/** The tables that every database has, a Region's and the global one. Times are epoch milliseconds. */
export interface CommonSchema {
  meta: { name: string; value: string }
  domain_key: { version: number; root_ref: string; wrapped: Uint8Array; kcv: Uint8Array; created_at: number }
  /** CloudTrail-shaped records that are committed with what they tell of, until the audit log holds them. */
  pending_record: {
    event_id: string
    text: string
    /** The place in the audit log before which its line is not. */
    log_file: string
    log_offset: number
  }
}

/** SQLite takes some 32,000 variables in one statement. */
const VARIABLES = 500

export async function createCommonTables({ schema }: Kysely<unknown>): Promise<void> {
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
  await schema
    .createTable('pending_record')
    .addColumn('event_id', 'text', (column) => column.primaryKey())
    .addColumn('text', 'text', (column) => column.notNull())
    .execute()
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
  await sql`
    update pending_record
    set log_file = coalesce(date(json_extract(text, '$.eventTime'), '-1 day') || '.jsonl', '')
    where json_valid(text)`.execute(database)
}

export function commonReads(database: Kysely<CommonSchema>): CommonReads {
  return {
    async meta(name) {
      const row = await database.selectFrom('meta').select('value').where('name', '=', name).executeTakeFirst()
      return row?.value ?? null
    },
    async domainKeys() {
      const rows = await database.selectFrom('domain_key').selectAll().orderBy('version').execute()
      return rows.map((row) => ({
        version: row.version,
        rootRef: row.root_ref,
        wrapped: Buffer.from(row.wrapped),
        kcv: Buffer.from(row.kcv),
        createdAt: row.created_at,
      }))
    },
    async pendingRecords(limit) {
      const rows = await database
        .selectFrom('pending_record')
        .select(['event_id', 'log_file', 'log_offset', sql<number>`octet_length(text)`.as('size')])
        .orderBy(sql`rowid`)
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
          .orderBy(sql`rowid`)
          .execute()
        texts.push(...rows.map(({ text }) => text))
      }
      return texts
    },
  }
}

export function commonWrites(database: Kysely<CommonSchema>): CommonWrites {
  return {
    async putMeta(name, value) {
      await database
        .insertInto('meta')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute()
    },
    async putDomainKey({ version, rootRef, wrapped, kcv, createdAt }) {
      await database
        .insertInto('domain_key')
        .values({ version, root_ref: rootRef, wrapped, kcv, created_at: createdAt })
        .execute()
    },
    async putRecord({ eventId, text }, since) {
      await database
        .insertInto('pending_record')
        .values({ event_id: eventId, text, log_file: since.file, log_offset: since.offset })
        .execute()
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
