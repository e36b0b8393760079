import type { Kysely, Selectable } from 'kysely'
import type { DocumentKind, GlobalDocuments } from '../../domain/global-document.ts'
import { ACCESS_KEY, type GlobalReads, type GlobalWrites, type NamedDocument } from '../global-store.ts'
import type { GlobalSchema } from './global-schema.ts'
import type { RowSeal } from '../row-seal.ts'
import { changeReads, toAccessKey } from './global-changes.ts'
import { commonReads, commonWrites } from './common.ts'
import { putRow } from './put-row.ts'

/** The questions that the global store answers, as SQL that every driver shares. */
export function globalReads(database: Kysely<GlobalSchema>, seal: RowSeal): GlobalReads {
  const parseAccessKey = (row: Selectable<GlobalSchema['access_key']>) => toAccessKey(seal.open('access_key', row))
  return {
    ...documentReads(database, seal),
    ...commonReads(database, seal),
    ...changeReads(database, seal),
    async accessKey(id) {
      const row = await database.selectFrom('access_key').selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : parseAccessKey(row)
    },
    async accessKeysOf(account, owner) {
      const keys = database.selectFrom('access_key').selectAll().where('account', '=', account)
      const owned = owner === null ? keys.where('owner', 'is', null) : keys.where('owner', '=', owner)
      return (await owned.orderBy('created_at').orderBy('id').execute()).map(parseAccessKey)
    },
  }
}

function documentReads(
  database: Kysely<GlobalSchema>,
  seal: RowSeal,
): Pick<GlobalReads, 'document' | 'documentById' | 'documents'> {
  return {
    async document({ kind, account, name }) {
      const row = await database
        .selectFrom('document')
        .selectAll()
        .where('kind', '=', kind)
        .where('account', '=', account)
        .where('name', '=', name)
        .executeTakeFirst()
      return row === undefined ? null : JSON.parse(seal.open('document', row).content)
    },
    async documentById(kind, id) {
      const row = await database
        .selectFrom('document')
        .selectAll()
        .where('kind', '=', kind)
        .where('id', '=', id)
        .executeTakeFirst()
      return row === undefined ? null : parseDocument(seal.open('document', row))
    },
    async documents(kind, account, { after, limit }) {
      const all = database.selectFrom('document').selectAll().where('kind', '=', kind)
      const owned = account === null ? all : all.where('account', '=', account)
      const rows = await owned
        .where('name', '>', after ?? '')
        .orderBy('name')
        .limit(limit)
        .execute()
      return rows.map((row) => parseDocument(seal.open('document', row)))
    },
  }
}

/**
 * The changes that the global store knows, as SQL that every driver shares.
 *
 * @param seq the number of the change of the store that this is
 */
export function globalWrites(database: Kysely<GlobalSchema>, seal: RowSeal, seq: number): GlobalWrites {
  const forget = async (kind: string, account: string, name: string): Promise<void> => {
    await database
      .deleteFrom('deletion')
      .where('kind', '=', kind)
      .where('account', '=', account)
      .where('name', '=', name)
      .execute()
  }
  const remember = async (kind: string, account: string, name: string): Promise<void> => {
    const row = seal.seal('deletion', { kind, account, name, seq })
    await putRow(database, 'deletion', row, ['kind', 'account', 'name'])
  }
  return {
    ...globalReads(database, seal),
    ...commonWrites(database, seal),
    async putDocument(key, content, id) {
      const { kind, account, name } = key
      const row = seal.seal('document', { kind, account, name, id: id ?? null, content: JSON.stringify(content), seq })
      await forget(kind, account, name)
      await putRow(database, 'document', row, ['kind', 'account', 'name'])
    },
    async deleteDocument({ kind, account, name }) {
      await database
        .deleteFrom('document')
        .where('kind', '=', kind)
        .where('account', '=', account)
        .where('name', '=', name)
        .execute()
      await remember(kind, account, name)
    },
    async putAccessKey({ id, account, owner, secret, content, createdAt, expiresAt }) {
      const columns = { id, account, owner, secret, content: JSON.stringify(content) }
      const row = seal.seal('access_key', { ...columns, created_at: createdAt, expires_at: expiresAt, seq })
      await forget(ACCESS_KEY, account, id)
      await putRow(database, 'access_key', row, ['id'])
    },
    async deleteAccessKey(id) {
      const row = await database.deleteFrom('access_key').where('id', '=', id).returning('account').executeTakeFirst()
      if (row !== undefined) await remember(ACCESS_KEY, row.account, id)
    },
    async deleteExpiredAccessKeys(now) {
      await database.deleteFrom('access_key').where('expires_at', '<=', now).execute()
    },
  }
}

function parseDocument<Kind extends DocumentKind>(row: Selectable<GlobalSchema['document']>): NamedDocument<Kind> {
  return { account: row.account, name: row.name, content: JSON.parse(row.content) as GlobalDocuments[Kind] }
}
