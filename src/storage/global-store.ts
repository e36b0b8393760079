import type { Kysely } from 'kysely'
import { GLOBAL_MIGRATIONS, type GlobalSchema } from './sql/global-schema.ts'
import { migrate } from './sql/migrate.ts'
import { openSqlite } from './sqlite.ts'
import type { StoredDomainKey } from './store.ts'

/** An access key as it rests: `secret` is sealed under the global domain key. */
export interface StoredAccessKey {
  readonly id: string
  readonly account: string
  readonly secret: string
  readonly createdAt: number
}

/** What can be asked of the global store. */
export interface GlobalReads {
  meta(name: string): Promise<string | null>
  hasAccount(id: string): Promise<boolean>
  countAccounts(): Promise<number>
  accessKey(id: string): Promise<StoredAccessKey | null>
  domainKeys(): Promise<readonly StoredDomainKey[]>
}

/** What a transaction of the global store can change. */
export interface GlobalWrites extends GlobalReads {
  putMeta(name: string, value: string): Promise<void>
  putAccount(id: string, createdAt: number): Promise<void>
  putAccessKey(key: StoredAccessKey): Promise<void>
  putDomainKey(key: StoredDomainKey): Promise<void>
}

/** What belongs to no Region: accounts and their credentials. */
export interface GlobalStore {
  readonly reads: GlobalReads
  transaction<Result>(work: (writes: GlobalWrites) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

/** Opens the global store in a SQLite file, and makes it where it is missing. */
export async function openGlobalStore(path: string): Promise<GlobalStore> {
  const file = openSqlite<GlobalSchema>(path)
  await migrate(file.writer, GLOBAL_MIGRATIONS)
  return {
    reads: globalReads(file.reader),
    transaction: (work) => file.writer.transaction().execute((database) => work(globalWrites(database))),
    close: () => file.close(),
  }
}

function globalReads(database: Kysely<GlobalSchema>): GlobalReads {
  return {
    async meta(name) {
      const row = await database.selectFrom('meta').select('value').where('name', '=', name).executeTakeFirst()
      return row?.value ?? null
    },
    async hasAccount(id) {
      return (await database.selectFrom('account').select('id').where('id', '=', id).executeTakeFirst()) !== undefined
    },
    async countAccounts() {
      const count = database.selectFrom('account').select((expression) => expression.fn.countAll<number>().as('count'))
      return (await count.executeTakeFirstOrThrow()).count
    },
    async accessKey(id) {
      const row = await database.selectFrom('access_key').selectAll().where('id', '=', id).executeTakeFirst()
      if (row === undefined) return null
      return { id: row.id, account: row.account, secret: row.secret, createdAt: row.created_at }
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
  }
}

function globalWrites(database: Kysely<GlobalSchema>): GlobalWrites {
  return {
    ...globalReads(database),
    async putMeta(name, value) {
      await database
        .insertInto('meta')
        .values({ name, value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute()
    },
    async putAccount(id, createdAt) {
      await database.insertInto('account').values({ id, created_at: createdAt }).execute()
    },
    async putAccessKey({ id, account, secret, createdAt }) {
      await database.insertInto('access_key').values({ id, account, secret, created_at: createdAt }).execute()
    },
    async putDomainKey({ version, rootRef, wrapped, kcv, createdAt }) {
      await database
        .insertInto('domain_key')
        .values({ version, root_ref: rootRef, wrapped, kcv, created_at: createdAt })
        .execute()
    },
  }
}
