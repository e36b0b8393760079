import { sql, type Kysely, type Selectable } from 'kysely'
import type { RowSeal } from '../row-seal.ts'
import type { LastUseReads, LastUseWrites } from '../store.ts'
import type { Sealed } from './common.ts'
import { prepared } from './prepared.ts'

/** The table of the last use of each key. It is apart from the keys: what is written there changes no key. */
export interface LastUseSchema {
  last_use: Sealed & {
    account: string
    key_id: string
    operation: string
    /** Epoch milliseconds. */
    at: number
    event_id: string
    request_id: string
  }
}

/** What is looked at beside it. */
interface Schema extends LastUseSchema {
  key: { account: string; id: string }
}

/** Makes the table of last uses. */
export async function createLastUses({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('last_use')
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('operation', 'text', (column) => column.notNull())
    .addColumn('at', 'integer', (column) => column.notNull())
    .addColumn('event_id', 'text', (column) => column.notNull())
    .addColumn('request_id', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('last_use_pk', ['account', 'key_id'])
    .execute()
}

/** The question about last uses. */
export function lastUseReads(database: Kysely<LastUseSchema>, seal: RowSeal): LastUseReads {
  return {
    async lastUse(account, keyId) {
      const row = await database
        .selectFrom('last_use')
        .selectAll()
        .where('account', '=', account)
        .where('key_id', '=', keyId)
        .executeTakeFirst()
      if (row === undefined) return null
      seal.open('last_use', row)
      return { operation: row.operation, at: row.at, eventId: row.event_id, requestId: row.request_id }
    },
  }
}

const putUse = prepared<Schema, Selectable<LastUseSchema['last_use']>, unknown>((database, given) =>
  database
    .insertInto('last_use')
    .columns(['account', 'key_id', 'operation', 'at', 'event_id', 'request_id', 'mac'])
    .expression((from) =>
      from
        .selectFrom('key')
        .select([
          'account',
          'id',
          given('operation').as('operation'),
          given('at').as('at'),
          given('event_id').as('event_id'),
          given('request_id').as('request_id'),
          given('mac').as('mac'),
        ])
        .where('account', '=', given('account'))
        .where('id', '=', given('key_id')),
    )
    .onConflict((conflict) =>
      conflict
        .columns(['account', 'key_id'])
        .doUpdateSet({
          operation: given('operation'),
          at: given('at'),
          event_id: given('event_id'),
          request_id: given('request_id'),
          mac: given('mac'),
        })
        .where(sql.ref('last_use.at'), '<=', given('at')),
    ),
)

/** The change of last uses. */
export function lastUseWrites(database: Kysely<Schema>, seal: RowSeal): LastUseWrites {
  return {
    async putLastUse({ account, keyId, operation, at, eventId, requestId }) {
      const use = { account, key_id: keyId, operation, at, event_id: eventId, request_id: requestId }
      await putUse(database, seal.seal('last_use', use))
    },
  }
}

/** Forgets the last use of a key that is deleted. */
export async function deleteLastUseOf(database: Kysely<LastUseSchema>, account: string, keyId: string): Promise<void> {
  await database.deleteFrom('last_use').where('account', '=', account).where('key_id', '=', keyId).execute()
}
