import type { Kysely } from 'kysely'
import type { CommonReads, CommonWrites } from '../store.ts'

/** The tables that every database has, a Region's and the global one. Times are epoch milliseconds. */
export interface CommonSchema {
  meta: { name: string; value: string }
  domain_key: { version: number; root_ref: string; wrapped: Uint8Array; kcv: Uint8Array; created_at: number }
  /** CloudTrail-shaped records that are committed with what they tell of, until the audit log holds them. */
  pending_record: { event_id: string; text: string }
}

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
    async pendingRecords() {
      const rows = await database.selectFrom('pending_record').selectAll().orderBy('event_id').execute()
      return rows.map((row) => ({ eventId: row.event_id, text: row.text }))
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
    async putRecord({ eventId, text }) {
      await database.insertInto('pending_record').values({ event_id: eventId, text }).execute()
    },
    async deleteRecords(eventIds) {
      if (eventIds.length > 0) await database.deleteFrom('pending_record').where('event_id', 'in', eventIds).execute()
    },
  }
}
