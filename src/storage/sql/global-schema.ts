import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The tables of what belongs to no Region. Times are epoch milliseconds of the server's clock. */
export interface GlobalSchema {
  meta: { name: string; value: string }
  account: { id: string; created_at: number }
  /** A long-term credential of an account's root user; the secret is sealed under the global domain key. */
  access_key: { id: string; account: string; secret: string; created_at: number }
  domain_key: { version: number; root_ref: string; wrapped: Uint8Array; kcv: Uint8Array; created_at: number }
}

export const GLOBAL_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-accounts': { up: createAccounts },
}

async function createAccounts({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('meta')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute()
  await schema
    .createTable('account')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .execute()
  await schema
    .createTable('access_key')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account', 'text', (column) => column.notNull().references('account.id'))
    .addColumn('secret', 'text', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .execute()
  await schema
    .createTable('domain_key')
    .addColumn('version', 'integer', (column) => column.primaryKey())
    .addColumn('root_ref', 'text', (column) => column.notNull())
    .addColumn('wrapped', 'blob', (column) => column.notNull())
    .addColumn('kcv', 'blob', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .execute()
}
