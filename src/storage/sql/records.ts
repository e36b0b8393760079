import type { Kysely } from 'kysely'
import type { RecordReads, RecordWrites } from '../store.ts'

/** CloudTrail-shaped records that are committed with what they tell of, until the audit log holds them. */
export interface RecordSchema {
  pending_record: { event_id: string; text: string }
}

export async function createRecords({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('pending_record')
    .addColumn('event_id', 'text', (column) => column.primaryKey())
    .addColumn('text', 'text', (column) => column.notNull())
    .execute()
}

export function recordReads(database: Kysely<RecordSchema>): RecordReads {
  return {
    async pendingRecords() {
      const rows = await database.selectFrom('pending_record').selectAll().orderBy('event_id').execute()
      return rows.map((row) => ({ eventId: row.event_id, text: row.text }))
    },
  }
}

export function recordWrites(database: Kysely<RecordSchema>): RecordWrites {
  return {
    async putRecord({ eventId, text }) {
      await database.insertInto('pending_record').values({ event_id: eventId, text }).execute()
    },
    async deleteRecords(eventIds) {
      if (eventIds.length > 0) await database.deleteFrom('pending_record').where('event_id', 'in', eventIds).execute()
    },
  }
}
