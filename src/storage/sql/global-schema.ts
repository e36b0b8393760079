import { sql, type Kysely } from 'kysely'
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
  document: Sealed & Changed & { kind: string; account: string; name: string; id: string | null; content: string }
  /**
   * Access keys, long-term and temporary; the secret is sealed under the global domain key. `content` is JSON.
   * Without an owner it is the root user's.
   */
  access_key: Sealed &
    Changed & {
      id: string
      account: string
      owner: string | null
      secret: string
      content: string
      created_at: number
      expires_at: number | null
    }
  /** What was deleted, until something of that name is there again: a document, or an access key under its id. */
  deletion: Sealed & { kind: string; account: string; name: string; seq: number }
}

/** A row that tells by which change of the store it became so; null where it is older than that. */
interface Changed {
  seq: number | null
}

/** Orders rows by their changes. */
export const changedBy = sql<number>`coalesce(seq, 0)`

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
  '0005-changes': { up: addChanges },
  '0006-listings-in-order': {
    async up({ schema }) {
      await schema.dropIndex('deletion_changes').execute()
      await schema.createIndex('deletion_changes').on('deletion').expression(changedBy).execute()
      await schema.createIndex('document_name').on('document').columns(['kind', 'name']).execute()
    },
  },
}

/** The tables whose rows carry a MAC. */
export const GLOBAL_TABLES: readonly string[] = [...TABLES_BEFORE_MACS, 'receipt', 'deletion']

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

/** Adds what tells others what has changed since they last asked. */
async function addChanges({ schema }: Kysely<unknown>): Promise<void> {
  for (const table of ['document', 'access_key']) {
    await schema.alterTable(table).addColumn('seq', 'integer').execute()
    await schema.createIndex(`${table}_changes`).on(table).expression(changedBy).execute()
  }
  await schema
    .createTable('deletion')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('mac', 'blob')
    .addPrimaryKeyConstraint('deletion_pk', ['kind', 'account', 'name'])
    .execute()
  await schema.createIndex('deletion_changes').on('deletion').column('seq').execute()
}
