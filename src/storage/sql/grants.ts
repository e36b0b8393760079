import type { Kysely, Selectable } from 'kysely'
import type { Grant } from '../../domain/grant.ts'
import type { RowSeal } from '../row-seal.ts'
import type { GrantReads, GrantWrites, Touched } from '../store.ts'
import type { CommonSchema, Sealed } from './common.ts'
import { keptCount, type KeptCount } from './kept-count.ts'
import { addRow } from './put-row.ts'

/** The table of grants. `grantee` and `retiring` are unique ids; the columns beside `record` are what is searched for. */
export interface GrantSchema {
  grant: Sealed & {
    id: string
    account: string
    key_id: string
    grantee: string
    retiring: string | null
    name: string | null
    /** The Grant as JSON. */
    record: string
  }
}

/** What is looked at beside it. */
type Schema = GrantSchema & CommonSchema

/** Makes the table of grants. */
export async function createGrants({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('grant')
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('grantee', 'text', (column) => column.notNull())
    .addColumn('retiring', 'text')
    .addColumn('name', 'text')
    .addColumn('record', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('grant_pk', ['account', 'key_id', 'id'])
    .execute()
  await schema.createIndex('grant_grantee').on('grant').columns(['account', 'key_id', 'grantee', 'name']).execute()
  await schema
    .createIndex('grant_retiring')
    .on('grant')
    .columns(['retiring', 'id'])
    .where('retiring', 'is not', null)
    .execute()
}

/** The questions about grants. */
export function grantReads(database: Kysely<Schema>, seal: RowSeal): GrantReads {
  const parseGrant = (row: Selectable<GrantSchema['grant']>) => JSON.parse(seal.open('grant', row).record) as Grant
  const of = (account: string, keyId: string) =>
    database.selectFrom('grant').where('account', '=', account).where('key_id', '=', keyId)
  return {
    async grant(account, keyId, id) {
      const row = await of(account, keyId).selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : parseGrant(row)
    },
    async grants(account, keyId, filter, { after, limit }) {
      let query = of(account, keyId)
        .selectAll()
        .where('id', '>', after ?? '')
      if (filter.id !== null) query = query.where('id', '=', filter.id)
      if (filter.grantee !== null) query = query.where('grantee', '=', filter.grantee)
      return (await query.orderBy('id').limit(limit).execute()).map(parseGrant)
    },
    async grantsTo(account, keyId, grantees) {
      if (grantees.length === 0) return []
      const rows = await of(account, keyId).selectAll().where('grantee', 'in', grantees).execute()
      return rows.map(parseGrant).toSorted(byId)
    },
    async grantsNamed(account, keyId, grantee, name) {
      const query = of(account, keyId).selectAll().where('grantee', '=', grantee).where('name', '=', name)
      return (await query.execute()).map(parseGrant).toSorted(byId)
    },
    async retirableGrants(retiring, { after, limit }) {
      const query = database
        .selectFrom('grant')
        .selectAll()
        .where('retiring', '=', retiring)
        .where('id', '>', after ?? '')
      return (await query.orderBy('id').limit(limit).execute()).map(parseGrant)
    },
    countGrants: (account, keyId) => grantCount(database, seal, account, keyId).get(),
  }
}

/** How many grants a key has. */
function grantCount(database: Kysely<Schema>, seal: RowSeal, account: string, keyId: string): KeptCount {
  return keptCount(database, seal, `grants of ${account}/${keyId}`, async () => {
    const all = database.selectFrom('grant').select((expression) => expression.fn.countAll<number>().as('count'))
    return (await all.where('account', '=', account).where('key_id', '=', keyId).executeTakeFirstOrThrow()).count
  })
}

/** Put in order here: asked for it, a database may look through all grants of a key in that order instead. */
const byId = ({ id: one }: Grant, { id: other }: Grant): number => (one < other ? -1 : one > other ? 1 : 0)

/** The changes of grants. */
export function grantWrites(
  database: Kysely<Schema>,
  seal: RowSeal,
  { touched }: { readonly touched: Touched[] },
): GrantWrites {
  return {
    async putGrant(grant) {
      const { id, account, keyId, name } = grant
      touched.push({ account, keyId })
      const columns = { grantee: grant.grantee.id, retiring: grant.retiring?.id ?? null, name }
      const row = { id, account, key_id: keyId, ...columns, record: JSON.stringify(grant) }
      const kept = grantCount(database, seal, account, keyId)
      const count = await kept.get()
      await addRow(database, 'grant', seal.seal('grant', row))
      await kept.put(count + 1)
    },
    async deleteGrant({ account, keyId, id }) {
      touched.push({ account, keyId })
      const kept = grantCount(database, seal, account, keyId)
      const count = await kept.get()
      const mine = database.deleteFrom('grant').where('account', '=', account).where('key_id', '=', keyId)
      const gone = await mine.where('id', '=', id).executeTakeFirst()
      await kept.put(count - Number(gone.numDeletedRows))
    },
  }
}

/** Deletes the grants of a key that is deleted. */
export async function deleteGrantsOf(
  database: Kysely<Schema>,
  seal: RowSeal,
  account: string,
  keyId: string,
): Promise<void> {
  await grantCount(database, seal, account, keyId).forget()
  await database.deleteFrom('grant').where('account', '=', account).where('key_id', '=', keyId).execute()
}
