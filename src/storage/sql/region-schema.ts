import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { createGrants, type GrantSchema } from './grants.ts'
import { createLastUses, type LastUseSchema } from './last-uses.ts'
import {
  addFormat,
  addRecordPlaces,
  createCommonTables,
  createReceipts,
  type CommonSchema,
  type Sealed,
} from './common.ts'
import { addMacs } from './seal-rows.ts'
import { createStacks, STACK_TABLES, type StackSchema } from './stacks.ts'

/** The tables of one Region's database. Times are epoch milliseconds of the server's clock. */
export interface RegionSchema extends CommonSchema, GrantSchema, LastUseSchema, StackSchema {
  key: Sealed & {
    account: string
    id: string
    /** The KeyRecord as JSON; the columns beside it are what is searched for. */
    record: string
    deletion_at: number | null
    rotation_at: number | null
    expiry_at: number | null
    /** 1 while related keys in other Regions have not confirmed everything. */
    unsettled: number
  }
  tombstone: Sealed & { account: string; key_id: string; state: string }
  /** Each row is bound to all that it says by its own encryption. */
  material: {
    id: string
    account: string
    key_id: string
    generation: number
    domain_key_version: number
    record_version: number
    salt: Uint8Array
    iv: Uint8Array
    /** Empty where the material is known and not here. */
    ciphertext: Uint8Array
    tag: Uint8Array
  }
  alias: Sealed & { account: string; name: string; target_key_id: string; created_at: number; updated_at: number }
  outbox: Sealed & {
    destination: string
    seq: number
    account: string
    key_id: string
    body: string
    hash: Uint8Array
    created_at: number
  }
  cursor: Sealed & { source: string; incarnation: string; seq: number; hash: Uint8Array }
  kept_message: Sealed & {
    position: number
    source: string
    account: string
    key_id: string
    body: string
    reason: string
  }
  peer: Sealed & { region: string; public_key: Uint8Array; incarnation: string }
  identity: Sealed & { id: string; public_key: Uint8Array; wrapped: string }
  import_job: Sealed & { id: string; account: string; key_id: string; wrapped: string; expires_at: number }
}

/** The tables that there were when rows got a MAC. */
const TABLES_BEFORE_MACS = [
  'meta',
  'key',
  'tombstone',
  'alias',
  'outbox',
  'cursor',
  'peer',
  'identity',
  'import_job',
  'grant',
  'last_use',
]

export const REGION_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-keys-and-streams': { up: createKeysAndStreams },
  '0002-grants': { up: createGrants },
  '0003-last-uses': { up: createLastUses },
  '0004-imports': { up: createImports },
  '0005-record-places': { up: addRecordPlaces },
  '0006-sealed-rows': {
    async up(database) {
      await addMacs(database, TABLES_BEFORE_MACS)
      await addFormat(database)
    },
  },
  '0007-kept-messages': { up: createKeptMessages },
  '0008-stacks': {
    async up(database) {
      await createStacks(database)
      await createReceipts(database)
    },
  },
  '0009-what-was-said-of-a-key': {
    async up({ schema }) {
      const columns = ['account', 'key_id', 'destination', 'seq']
      await schema.createIndex('outbox_key').on('outbox').columns(columns).execute()
    },
  },
  '0010-listings-in-order': {
    // With the order in the index, a listing of a few costs the same among however many.
    async up({ schema }) {
      await schema.dropIndex('alias_target').execute()
      await schema.createIndex('alias_target').on('alias').columns(['account', 'target_key_id', 'name']).execute()
      const ofGrantee = ['account', 'key_id', 'grantee', 'id']
      await schema.createIndex('grant_grantee_id').on('grant').columns(ofGrantee).execute()
      for (const [table, column] of [
        ['key', 'unsettled'],
        ['stack', 'busy'],
      ] as const) {
        await schema.dropIndex(`${table}_${column}`).execute()
        const isSo = sql<boolean>`${sql.ref(column)} = 1`
        await schema.createIndex(`${table}_${column}`).on(table).column('id').where(isSo).execute()
      }
    },
  },
}

/** The tables whose rows carry a MAC: all but what is bound by its own encryption, and the records on their way to the audit log. */
export const REGION_TABLES: readonly string[] = [...TABLES_BEFORE_MACS, 'kept_message', ...STACK_TABLES, 'receipt']

async function createKeysAndStreams(database: Kysely<unknown>): Promise<void> {
  const schema = database.schema
  await schema
    .createTable('key')
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('record', 'text', (column) => column.notNull())
    .addColumn('deletion_at', 'integer')
    .addColumn('rotation_at', 'integer')
    .addColumn('unsettled', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('key_pk', ['account', 'id'])
    .execute()
  for (const column of ['deletion_at', 'rotation_at'] as const) {
    await schema.createIndex(`key_${column}`).on('key').column(column).where(column, 'is not', null).execute()
  }
  await schema.createIndex('key_unsettled').on('key').column('unsettled').where('unsettled', '=', 1).execute()
  await schema
    .createTable('tombstone')
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('tombstone_pk', ['account', 'key_id'])
    .execute()
  await schema
    .createTable('material')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('generation', 'integer', (column) => column.notNull())
    .addColumn('domain_key_version', 'integer', (column) => column.notNull())
    .addColumn('record_version', 'integer', (column) => column.notNull())
    .addColumn('salt', 'blob', (column) => column.notNull())
    .addColumn('iv', 'blob', (column) => column.notNull())
    .addColumn('ciphertext', 'blob', (column) => column.notNull())
    .addColumn('tag', 'blob', (column) => column.notNull())
    .execute()
  await schema.createIndex('material_key').on('material').columns(['account', 'key_id']).execute()
  await createAliases(database)
  await createStreams(database)
}

async function createAliases(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('alias')
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('target_key_id', 'text', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addColumn('updated_at', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('alias_pk', ['account', 'name'])
    .execute()
  await database.schema.createIndex('alias_target').on('alias').columns(['account', 'target_key_id']).execute()
}

async function createStreams(database: Kysely<unknown>): Promise<void> {
  const schema = database.schema
  await schema
    .createTable('outbox')
    .addColumn('destination', 'text', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('hash', 'blob', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('outbox_pk', ['destination', 'seq'])
    .execute()
  await schema
    .createTable('cursor')
    .addColumn('source', 'text', (column) => column.primaryKey())
    .addColumn('incarnation', 'text', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('hash', 'blob', (column) => column.notNull())
    .execute()
  await schema
    .createTable('peer')
    .addColumn('region', 'text', (column) => column.primaryKey())
    .addColumn('public_key', 'blob', (column) => column.notNull())
    .addColumn('incarnation', 'text', (column) => column.notNull())
    .execute()
  await schema
    .createTable('identity')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('public_key', 'blob', (column) => column.notNull())
    .addColumn('wrapped', 'text', (column) => column.notNull())
    .execute()
  await createCommonTables(database)
}

async function createImports({ schema }: Kysely<unknown>): Promise<void> {
  await schema.alterTable('key').addColumn('expiry_at', 'integer').execute()
  await schema.createIndex('key_expiry_at').on('key').column('expiry_at').where('expiry_at', 'is not', null).execute()
  await schema
    .createTable('import_job')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('wrapped', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'integer', (column) => column.notNull())
    .execute()
  await schema.createIndex('import_job_expiry').on('import_job').column('expires_at').execute()
}

async function createKeptMessages(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('kept_message')
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('mac', 'blob')
    .addPrimaryKeyConstraint('kept_message_pk', ['account', 'key_id', 'position'])
    .execute()
  await (database as Kysely<RegionSchema>)
    .updateTable('key')
    .set({ unsettled: 1 })
    // A rotation that waits in a primary: whatever it waited for may have happened without anybody's noticing.
    .where('record', 'like', '%"rotation":null,"requested":{%')
    .where('record', 'like', '%"authority":{%')
    // A MAC comes after all migrations, and with it what is written otherwise.
    .where('mac', 'is', null)
    .execute()
}
