import type { Kysely } from 'kysely'
import type { RowSeal } from '../row-seal.ts'
import type { CommonReads, CommonWrites } from '../store.ts'

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

export function commonReads(database: Kysely<CommonSchema>, seal: RowSeal): CommonReads {
  return {
    async meta(name) {
      const row = await database.selectFrom('meta').selectAll().where('name', '=', name).executeTakeFirst()
      return row === undefined ? null : seal.open('meta', row).value
    },
    async pendingRecords() {
      const rows = await database.selectFrom('pending_record').selectAll().orderBy('event_id').execute()
      return rows.map((row) => ({ eventId: row.event_id, text: row.text }))
    },
  }
}

export function commonWrites(database: Kysely<CommonSchema>, seal: RowSeal): CommonWrites {
  return {
    async putMeta(name, value) {
      const row = seal.seal('meta', { name, value })
      await database
        .insertInto('meta')
        .values(row)
        .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
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
