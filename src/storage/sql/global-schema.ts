import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { addFormat, createCommonTables, type CommonSchema, type Sealed } from './common.ts'
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

export const GLOBAL_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-documents-and-access-keys': { up: createDocumentsAndAccessKeys },
  '0002-sealed-rows': {
    async up(database) {
      await addMacs(database, GLOBAL_TABLES)
      await addFormat(database)
    },
  },
}

/** The tables whose rows carry a MAC. */
export const GLOBAL_TABLES: readonly string[] = ['meta', 'document', 'access_key']

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
