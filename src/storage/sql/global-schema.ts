import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import {
  addFormat,
  addRecordPlaces,
  createCommonTables,
  type CommonSchema,
  type Sealed,
  createReceipts,
} from './common.ts'
import { addMacs } from './seal-rows.ts'

/** The tables of what belongs to no Region. Times are epoch milliseconds of the server's clock. */
export interface GlobalSchema extends CommonSchema {
  /** Accounts, identities, the organization: JSON by kind. `id` is the unique id, where the kind has one. */
  document: Sealed & { kind: string; account: string; name: string; id: string | null; content: string }
  /**
   * Access keys, long-term and temporary; the secret is sealed under the global domain key. `content` is JSON.
   * Without an owner it is the root user's.
   */
  access_key: Sealed & {
    id: string
    account: string
    owner: string | null
    secret: string
    content: string
    created_at: number
    expires_at: number | null
  }
}

/** The tables that there were when rows got a MAC. */
const TABLES_BEFORE_MACS = ['meta', 'document', 'access_key']

export const GLOBAL_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-documents-and-access-keys': { up: createDocumentsAndAccessKeys },
  '0002-record-places': { up: addRecordPlaces },
  '0003-sealed-rows': {
    async up(database) {
      await addMacs(database, TABLES_BEFORE_MACS)
      await addFormat(database)
    },
  },
  '0004-receipts': { up: createReceipts },
}

/** The tables whose rows carry a MAC. */
export const GLOBAL_TABLES: readonly string[] = [...TABLES_BEFORE_MACS, 'receipt']

async function createDocumentsAndAccessKeys(database: Kysely<unknown>): Promise<void> {
  const { schema } = database
  await schema
    .createTable('document')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.unique())
    .addColumn('content', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('document_pk', ['kind', 'account', 'name'])
    .execute()
  await schema
    .createTable('access_key')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('owner', 'text')
    .addColumn('secret', 'text', (column) => column.notNull())
    .addColumn('content', 'text', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'integer')
    .execute()
  await schema.createIndex('access_key_owner').on('access_key').columns(['account', 'owner']).execute()
  await schema.createIndex('access_key_expiry').on('access_key').column('expires_at').execute()
  await createCommonTables(database)
}
