import { sql, type Kysely, type RawBuilder, type Selectable } from 'kysely'
import type { DocumentKind } from '../../domain/global-document.ts'
import type { ChangePlace, GlobalChange, GlobalReads, StoredAccessKey } from '../global-store.ts'
import type { RowSeal } from '../row-seal.ts'
import { changedBy, type GlobalSchema } from './global-schema.ts'

/** What each server keeps for itself. */
const OWN_KINDS: readonly DocumentKind[] = ['trail-delivery']

/** The primary keys of the tables. */
const NAMED = ['kind', 'account', 'name']
const IDENTIFIED = ['id']

/** How the changes of one table are read. */
interface ChangedTable {
  /** What orders its rows that have come by the same change: its primary key. */
  readonly names: readonly string[]
  /** @param from the condition that a row is behind a place */
  readonly read: (from: RawBuilder<boolean>, limit: number) => Promise<readonly ChangedRow[]>
}

interface ChangedRow {
  readonly seq: number
  readonly row: readonly string[]
  readonly change: GlobalChange
}

/** What has changed in the global store since somebody last asked. */
export function changeReads(database: Kysely<GlobalSchema>, seal: RowSeal): Pick<GlobalReads, 'changesAfter'> {
  const tables: readonly ChangedTable[] = [
    documentChanges(database, seal),
    accessKeyChanges(database, seal),
    deletions(database, seal),
  ]
  return {
    async changesAfter(seq, place, limit) {
      const changes: GlobalChange[] = []
      for (const [index, { names, read }] of tables.entries()) {
        if (place !== null && index < place.table) continue
        const rows = await read(isBehind(names, seq, place?.table === index ? place : null), limit - changes.length)
        changes.push(...rows.map(({ change }) => change))
        const last = rows.at(-1)
        if (changes.length >= limit && last !== undefined) {
          return { changes, next: { table: index, seq: last.seq, row: last.row } }
        }
      }
      return { changes, next: null }
    },
  }
}

/** By what rows are in order, and a page goes on. */
function placeOf(names: readonly string[]): RawBuilder<unknown> {
  return sql.join([changedBy, ...names.map((name) => sql.ref(name))])
}

function isBehind(names: readonly string[], seq: number, place: ChangePlace | null): RawBuilder<boolean> {
  if (place === null) return seq === 0 ? sql<boolean>`true` : sql<boolean>`${changedBy} > ${seq}`
  return sql<boolean>`(${placeOf(names)}) > (${sql.join([place.seq, ...place.row])})`
}

function documentChanges(database: Kysely<GlobalSchema>, seal: RowSeal): ChangedTable {
  return {
    names: NAMED,
    async read(from, limit) {
      const rows = await database
        .selectFrom('document')
        .selectAll()
        .where(from)
        .where('kind', 'not in', OWN_KINDS)
        .orderBy(placeOf(NAMED))
        .limit(limit)
        .execute()
      return rows.map((sealed) => {
        const { seq, kind, account, name, id, content } = seal.open('document', sealed)
        const key = { kind: kind as DocumentKind, account, name }
        const change = { type: 'document', key, id, content: JSON.parse(content) as unknown } as const
        return { seq: seq ?? 0, row: [kind, account, name], change }
      })
    },
  }
}

function accessKeyChanges(database: Kysely<GlobalSchema>, seal: RowSeal): ChangedTable {
  return {
    names: IDENTIFIED,
    async read(from, limit) {
      const all = database.selectFrom('access_key').selectAll().where(from)
      const rows = await all.orderBy(placeOf(IDENTIFIED)).limit(limit).execute()
      return rows.map((sealed) => {
        const row = seal.open('access_key', sealed)
        return { seq: row.seq ?? 0, row: [row.id], change: { type: 'access-key', key: toAccessKey(row) } }
      })
    },
  }
}

function deletions(database: Kysely<GlobalSchema>, seal: RowSeal): ChangedTable {
  return {
    names: NAMED,
    async read(from, limit) {
      const rows = await database
        .selectFrom('deletion')
        .selectAll()
        .where(from)
        .where('kind', 'not in', OWN_KINDS)
        .orderBy(placeOf(NAMED))
        .limit(limit)
        .execute()
      return rows.map((sealed) => {
        const { seq, kind, account, name } = seal.open('deletion', sealed)
        return { seq, row: [kind, account, name], change: { type: 'deletion', kind, account, name } }
      })
    },
  }
}

export function toAccessKey(row: Selectable<GlobalSchema['access_key']>): StoredAccessKey {
  const { id, account, owner, secret, content, created_at: createdAt, expires_at: expiresAt } = row
  return { id, account, owner, secret, content: JSON.parse(content), createdAt, expiresAt }
}
