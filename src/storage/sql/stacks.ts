import { sql, type Kysely, type Selectable } from 'kysely'
import { isBusy, type Stack, type StackLink } from '../../domain/stack.ts'
import type { RowSeal } from '../row-seal.ts'
import type { StackReads, StackWrites } from '../store.ts'
import type { Sealed } from './common.ts'
import { addRow, putRow } from './put-row.ts'

/**
 * The tables of stacks. Templates and what they make can hold secrets: every `record` is encrypted, and the columns
 * beside it are what is searched for.
 */
export interface StackSchema {
  stack: Sealed & {
    account: string
    id: string
    name: string
    /** 1 while it is not deleted. */
    live: number
    /** 1 while something is being done to it. */
    busy: number
    deleted_at: number | null
    record: string
  }
  stack_part: Sealed & { stack_id: string; kind: string; id: string; record: string }
  stack_link: Sealed & { account: string; kind: string; name: string; stack_id: string; record: string }
}

/** The tables of stacks by their names. */
export const STACK_TABLES = ['stack', 'stack_part', 'stack_link'] as const

/** Makes the tables of stacks. */
export async function createStacks({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('stack')
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('live', 'integer', (column) => column.notNull())
    .addColumn('busy', 'integer', (column) => column.notNull())
    .addColumn('deleted_at', 'integer')
    .addColumn('record', 'text', (column) => column.notNull())
    .addColumn('mac', 'blob')
    .addPrimaryKeyConstraint('stack_pk', ['account', 'id'])
    .execute()
  await schema
    .createIndex('stack_name')
    .on('stack')
    .columns(['account', 'name'])
    .where(sql`live`, '=', 1)
    .unique()
    .execute()
  await schema.createIndex('stack_busy').on('stack').column('busy').where('busy', '=', 1).execute()
  await schema
    .createIndex('stack_deleted')
    .on('stack')
    .column('deleted_at')
    .where(sql`live`, '=', 0)
    .execute()
  await schema
    .createTable('stack_part')
    .addColumn('stack_id', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('record', 'text', (column) => column.notNull())
    .addColumn('mac', 'blob')
    .addPrimaryKeyConstraint('stack_part_pk', ['stack_id', 'kind', 'id'])
    .execute()
  await schema.createIndex('stack_part_id').on('stack_part').columns(['kind', 'id']).execute()
  await schema
    .createTable('stack_link')
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('stack_id', 'text', (column) => column.notNull())
    .addColumn('record', 'text', (column) => column.notNull())
    .addColumn('mac', 'blob')
    .addPrimaryKeyConstraint('stack_link_pk', ['account', 'kind', 'name', 'stack_id'])
    .execute()
  await schema.createIndex('stack_link_stack').on('stack_link').columns(['account', 'stack_id', 'kind']).execute()
}

/** The questions about stacks. */
export function stackReads(database: Kysely<StackSchema>, seal: RowSeal): StackReads {
  const stacks = database.selectFrom('stack').selectAll()
  const openStack = (row: Selectable<StackSchema['stack']>) =>
    JSON.parse(seal.show('stack', row.id, seal.open('stack', row).record)) as Stack
  return {
    ...partReads(database, seal),
    ...linkReads(database, seal),
    async stack(account, id) {
      const row = await stacks.where('account', '=', account).where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : openStack(row)
    },
    async stackNamed(account, name) {
      const live = stacks.where('account', '=', account).where('live', '=', sql.lit(1))
      const row = await live.where('name', '=', name).executeTakeFirst()
      return row === undefined ? null : openStack(row)
    },
    async stacks(account, deleted, { after, limit }) {
      let query = stacks.where('account', '=', account).where('id', '>', after ?? '')
      if (!deleted) query = query.where('live', '=', 1)
      return (await query.orderBy('id').limit(limit).execute()).map(openStack)
    },
    async hasStacksDeleted(before) {
      const old = database
        .selectFrom('stack')
        .select('id')
        .where('live', '=', sql.lit(0))
        .where('deleted_at', '<', before)
      return (await old.limit(1).executeTakeFirst()) !== undefined
    },
    async countStacks(account) {
      const count = database.selectFrom('stack').select((expression) => expression.fn.countAll<number>().as('count'))
      const mine = count.where('account', '=', account).where('live', '=', sql.lit(1))
      return (await mine.executeTakeFirstOrThrow()).count
    },
    async stackOfPart(account, kind, id) {
      const parts = database.selectFrom('stack_part').select('stack_id').where('kind', '=', kind)
      const row = await stacks
        .where('account', '=', account)
        .where('id', 'in', parts.where('id', '=', id))
        .executeTakeFirst()
      return row === undefined ? null : openStack(row)
    },
    async busyStacks() {
      const busy = database.selectFrom('stack').select(['account', 'id']).where('busy', '=', sql.lit(1))
      return busy.orderBy('id').execute()
    },
  }
}

function partReads(database: Kysely<StackSchema>, seal: RowSeal): Pick<StackReads, 'stackPart' | 'stackParts'> {
  const open = (row: Selectable<StackSchema['stack_part']>) =>
    JSON.parse(seal.show('stack_part', partName(row), seal.open('stack_part', row).record))
  const parts = database.selectFrom('stack_part').selectAll()
  return {
    async stackPart(stackId, kind, id) {
      const query = parts.where('stack_id', '=', stackId).where('kind', '=', kind).where('id', '=', id)
      const row = await query.executeTakeFirst()
      return row === undefined ? null : open(row)
    },
    async stackParts(stackId, kind, page) {
      let query = parts.where('stack_id', '=', stackId).where('kind', '=', kind)
      const isDescending = page?.descending === true
      if (page !== null) query = query.limit(page.limit)
      if (page !== null && page.after !== null) query = query.where('id', isDescending ? '<' : '>', page.after)
      const rows = await query.orderBy('id', isDescending ? 'desc' : 'asc').execute()
      return rows.map((row) => open(row))
    },
  }
}

function linkReads(
  database: Kysely<StackSchema>,
  seal: RowSeal,
): Pick<StackReads, 'exports' | 'exportNamed' | 'linksOf' | 'importsOf'> {
  const links = database.selectFrom('stack_link').selectAll()
  const open = (row: Selectable<StackSchema['stack_link']>) =>
    JSON.parse(seal.show('stack_link', linkName(row), seal.open('stack_link', row).record)) as StackLink
  const exported = (account: string) => links.where('account', '=', account).where('kind', '=', 'export')
  return {
    async exports(account, { after, limit }) {
      const query = exported(account).where('name', '>', after ?? '')
      return (await query.orderBy('name').limit(limit).execute()).map(open)
    },
    async exportNamed(account, name) {
      const row = await exported(account).where('name', '=', name).executeTakeFirst()
      return row === undefined ? null : open(row)
    },
    async linksOf(account, stackId, kind) {
      const query = links.where('account', '=', account).where('stack_id', '=', stackId).where('kind', '=', kind)
      return (await query.orderBy('name').execute()).map(open)
    },
    async importsOf(account, name) {
      const query = links.where('account', '=', account).where('kind', '=', 'import').where('name', '=', name)
      return (await query.orderBy('stack_id').execute()).map(open)
    },
  }
}

/** The changes of stacks. `busy` collects those to which something is being done. */
export function stackWrites(
  database: Kysely<StackSchema>,
  seal: RowSeal,
  { busy }: { readonly busy: string[] },
): StackWrites {
  return {
    async putStack(stack) {
      const { account, id, name, deletedAt } = stack
      if (isBusy(stack)) busy.push(id)
      const row = seal.seal('stack', {
        account,
        id,
        name,
        live: deletedAt === null ? 1 : 0,
        busy: isBusy(stack) ? 1 : 0,
        deleted_at: deletedAt,
        record: seal.hide('stack', id, JSON.stringify(stack)),
      })
      await putRow(database, 'stack', row, ['account', 'id'])
    },
    async putStackPart(stackId, kind, id, part) {
      const place = { stack_id: stackId, kind, id }
      const record = seal.hide('stack_part', partName(place), JSON.stringify(part))
      const row = seal.seal('stack_part', { ...place, record })
      await putRow(database, 'stack_part', row, ['stack_id', 'kind', 'id'])
    },
    async deleteStackPart(stackId, kind, id) {
      const parts = database.deleteFrom('stack_part').where('stack_id', '=', stackId).where('kind', '=', kind)
      await parts.where('id', '=', id).execute()
    },
    async putStackLinks(account, stackId, kind, links) {
      await database
        .deleteFrom('stack_link')
        .where('account', '=', account)
        .where('stack_id', '=', stackId)
        .where('kind', '=', kind)
        .execute()
      for (const link of links) {
        const place = { account, kind, name: link.name, stack_id: stackId }
        const record = seal.hide('stack_link', linkName(place), JSON.stringify(link))
        await addRow(database, 'stack_link', seal.seal('stack_link', { ...place, record }))
      }
    },
    async forgetStacks(deletedBefore) {
      const old = database
        .selectFrom('stack')
        .select('id')
        .where('live', '=', 0)
        .where('deleted_at', '<', deletedBefore)
      const ids = (await old.limit(FORGOTTEN_AT_ONCE).execute()).map(({ id }) => id)
      if (ids.length === 0) return
      await database.deleteFrom('stack_part').where('stack_id', 'in', ids).execute()
      await database.deleteFrom('stack').where('id', 'in', ids).execute()
    },
  }
}

/** How many stacks one transaction forgets. */
const FORGOTTEN_AT_ONCE = 100

/** By which columns a part is told from others: its text is bound to them. */
export const PART_NAME = ['stack_id', 'kind', 'id'] as const

/** By which columns a link is told from others: its text is bound to them. */
export const LINK_NAME = ['account', 'kind', 'stack_id', 'name'] as const

function partName(row: Readonly<Record<(typeof PART_NAME)[number], string>>): string {
  return PART_NAME.map((column) => row[column]).join('/')
}

function linkName(row: Readonly<Record<(typeof LINK_NAME)[number], string>>): string {
  return LINK_NAME.map((column) => row[column]).join('/')
}
