import { sql, type Kysely, type Selectable } from 'kysely'
import { ownMemory } from '../../crypto/own-memory.ts'
import type { KeyRecord } from '../../domain/key.ts'
import type { Region } from '../../domain/region.ts'
import type { Tombstone } from '../../domain/multi-region.ts'
import type { RowSeal } from '../row-seal.ts'
import type { OutboxEntry, RegionReads, StoredMaterial } from '../store.ts'
import { grantReads } from './grants.ts'
import { commonReads } from './common.ts'
import { lastUseReads } from './last-uses.ts'
import { keyCount } from './key-count.ts'
import { prepared } from './prepared.ts'
import type { RegionSchema } from './region-schema.ts'
import { stackReads } from './stacks.ts'

/** A key, by which what belongs to it is found. */
interface OfKey {
  readonly account: string
  readonly id: string
}

const keyById = prepared<RegionSchema, OfKey, Selectable<RegionSchema['key']>>((database, given) =>
  database.selectFrom('key').selectAll().where('account', '=', given('account')).where('id', '=', given('id')),
)
// Without a limit: with one SQLite plans the question anew each time.
const aliasesOfKey = prepared<RegionSchema, OfKey, Selectable<RegionSchema['alias']>>((database, given) =>
  database
    .selectFrom('alias')
    .selectAll()
    .where('account', '=', given('account'))
    .where('target_key_id', '=', given('id'))
    .orderBy('name'),
)
const materialsOfKey = prepared<RegionSchema, OfKey, Selectable<RegionSchema['material']>>((database, given) =>
  database
    .selectFrom('material')
    .selectAll()
    .where('account', '=', given('account'))
    .where('key_id', '=', given('id'))
    .where((is) => is.fn('length', ['ciphertext']), '>', 0)
    .orderBy('generation'),
)

/** The questions that a Region's store answers, as SQL that every driver shares. */
export function regionReads(database: Kysely<RegionSchema>, seal: RowSeal): RegionReads {
  return {
    ...keyReads(database, seal),
    ...deadlineReads(database),
    ...aliasReads(database, seal),
    ...streamReads(database, seal),
    ...keptReads(database, seal),
    ...secretReads(database, seal),
    ...commonReads(database, seal),
    ...grantReads(database, seal),
    ...lastUseReads(database, seal),
    ...stackReads(database, seal),
  }
}

function keyReads(database: Kysely<RegionSchema>, seal: RowSeal) {
  const keys = database.selectFrom('key')
  const names = keys.select(['account', 'id as keyId'])
  const parseKey = (row: Selectable<RegionSchema['key']>) => JSON.parse(seal.open('key', row).record) as KeyRecord
  return {
    async key(account, id) {
      const [row] = await keyById(database, { account, id })
      return row === undefined ? null : parseKey(row)
    },
    async keys(account, { after, limit }) {
      const query = keys
        .selectAll()
        .where('account', '=', account)
        .where('id', '>', after ?? '')
      return (await query.orderBy('id').limit(limit).execute()).map(parseKey)
    },
    async keyIds(account, { after, limit }) {
      const query = keys
        .select('id')
        .where('account', '=', account)
        .where('id', '>', after ?? '')
      return (await query.orderBy('id').limit(limit).execute()).map(({ id }) => id)
    },
    async countKeys(account) {
      // Each key that AWS manages has one alias that only AWS gives: '0' follows '/'.
      const managed = database
        .selectFrom('alias')
        .select((expression) => expression.fn.countAll<number>().as('count'))
        .where('name', '>', 'alias/aws/')
        .where('name', '<', 'alias/aws0')
      return (
        (await keyCount(database, seal, account).get()) -
        (await managed.where('account', '=', account).executeTakeFirstOrThrow()).count
      )
    },
    async keysOfAll(after, limit) {
      const query = keys.selectAll().orderBy('account').orderBy('id').limit(limit)
      const { account, keyId } = after ?? { account: '', keyId: '' }
      const behind = query.where((is) => is(is.refTuple('account', 'id'), '>', is.tuple(account, keyId)))
      return (await behind.execute()).map(parseKey)
    },
    async unsettledKeys({ after, limit }) {
      const unsettled = names.where('unsettled', '=', sql.lit(1)).where('id', '>', after ?? '')
      return unsettled.orderBy('id').limit(limit).execute()
    },
    async tombstone(account, keyId) {
      const row = await database
        .selectFrom('tombstone')
        .selectAll()
        .where('account', '=', account)
        .where('key_id', '=', keyId)
        .executeTakeFirst()
      return row === undefined ? null : (JSON.parse(seal.open('tombstone', row).state) as Tombstone)
    },
  } satisfies Partial<RegionReads>
}

function deadlineReads(database: Kysely<RegionSchema>) {
  return {
    async dueKeys(now, { after, limit }) {
      const due = database
        .selectFrom('key')
        .select(['account', 'id as keyId'])
        .where((is) => is.or([is('deletion_at', '<=', now), is('rotation_at', '<=', now), is('expiry_at', '<=', now)]))
        .where('id', '>', after ?? '')
      return due.orderBy('id').limit(limit).execute()
    },
    async hasDeadlines() {
      return ((await firstTime(database, 'deletion_at')) ?? (await firstTime(database, 'expiry_at'))) !== null
    },
    async nextDeadlines() {
      return {
        deletion: await firstTime(database, 'deletion_at'),
        rotation: await firstTime(database, 'rotation_at'),
        expiry: await firstTime(database, 'expiry_at'),
      }
    },
  } satisfies Partial<RegionReads>
}

/** The first of the times in a column, by its index. */
async function firstTime(
  database: Kysely<RegionSchema>,
  column: 'deletion_at' | 'rotation_at' | 'expiry_at',
): Promise<number | null> {
  const times = database.selectFrom('key').select(column).where(column, 'is not', null)
  return (await times.orderBy(column).limit(1).executeTakeFirst())?.[column] ?? null
}

function aliasReads(database: Kysely<RegionSchema>, seal: RowSeal) {
  const aliases = database.selectFrom('alias')
  return {
    async alias(account, name) {
      const row = await aliases.selectAll().where('account', '=', account).where('name', '=', name).executeTakeFirst()
      return row === undefined ? null : toAlias(seal.open('alias', row))
    },
    async aliases(account, keyId, { after, limit }) {
      let query = aliases
        .selectAll()
        .where('account', '=', account)
        .where('name', '>', after ?? '')
      if (keyId !== null) query = query.where('target_key_id', '=', keyId)
      return (await query.orderBy('name').limit(limit).execute()).map((row) => toAlias(seal.open('alias', row)))
    },
    async aliasesOf(account, keyId) {
      const rows = await aliasesOfKey(database, { account, id: keyId })
      return rows.map((row) => toAlias(seal.open('alias', row)))
    },
    async countAliases(account, keyId) {
      const count = aliases.select((expression) => expression.fn.countAll<number>().as('count'))
      const mine = count.where('account', '=', account).where('target_key_id', '=', keyId)
      return (await mine.executeTakeFirstOrThrow()).count
    },
  } satisfies Partial<RegionReads>
}

function streamReads(database: Kysely<RegionSchema>, seal: RowSeal) {
  const said = database.selectFrom('outbox').selectAll()
  return {
    async outbox(destination, afterSeq, limit) {
      const query = said.where('destination', '=', destination).where('seq', '>', afterSeq)
      return (await query.orderBy('seq').limit(limit).execute()).map((row) => toEntry(seal.open('outbox', row)))
    },
    async said(destination, { account, keyId }, { afterSeq, limit, last = false }) {
      const ofKey = said.where('account', '=', account).where('key_id', '=', keyId)
      const behind = ofKey.where('destination', '=', destination).where('seq', '>', afterSeq)
      const rows = await behind
        .orderBy('seq', last ? 'desc' : 'asc')
        .limit(limit)
        .execute()
      const entries = rows.map((row) => ({ ...toEntry(seal.open('outbox', row)), at: row.created_at }))
      return last ? entries.toReversed() : entries
    },
    async addressees() {
      const found: Region[] = []
      // One step in the index for each of them, however much was said.
      for (;;) {
        const behind = database
          .selectFrom('outbox')
          .select('destination')
          .where('destination', '>', found.at(-1) ?? '')
        const next = await behind.orderBy('destination').limit(1).executeTakeFirst()
        if (next === undefined) return found
        found.push(next.destination)
      }
    },
    async outboxHead(destination) {
      const last = said.where('destination', '=', destination).orderBy('seq', 'desc').limit(1)
      const row = await last.executeTakeFirst()
      return row === undefined ? null : toEntry(seal.open('outbox', row))
    },
    async backlog(destination, afterSeq) {
      const stream = database.selectFrom('outbox').where('destination', '=', destination)
      const last = await stream.select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirst()
      if (last === undefined) return null
      const next = stream.select('created_at').where('seq', '>', afterSeq).orderBy('seq').limit(1)
      const since = (await next.executeTakeFirst())?.created_at ?? null
      return { messages: Math.max(0, last.seq - afterSeq), since }
    },
    async cursor(source) {
      const query = database.selectFrom('cursor').selectAll().where('source', '=', source)
      const row = await query.executeTakeFirst()
      if (row === undefined) return null
      const { mac: _, ...cursor } = seal.open('cursor', row)
      return { ...cursor, hash: Buffer.from(cursor.hash) }
    },
    async peer(region) {
      const row = await database.selectFrom('peer').selectAll().where('region', '=', region).executeTakeFirst()
      if (row === undefined) return null
      seal.open('peer', row)
      return { region: row.region, publicKey: Buffer.from(row.public_key), incarnation: row.incarnation }
    },
  } satisfies Partial<RegionReads>
}

function keptReads(database: Kysely<RegionSchema>, seal: RowSeal) {
  const kept = database.selectFrom('kept_message')
  return {
    async haltedKeys({ after, limit }) {
      const halted = kept.select(['account', 'key_id as keyId']).where('key_id', '>', after ?? '')
      return halted.distinct().orderBy('key_id').limit(limit).execute()
    },
    async isHalted(account, keyId) {
      const mine = kept.select('position').where('account', '=', account).where('key_id', '=', keyId)
      return (await mine.limit(1).executeTakeFirst()) !== undefined
    },
    async keptMessages(account, keyId) {
      const mine = kept.selectAll().where('account', '=', account).where('key_id', '=', keyId)
      const rows = await mine.orderBy('position').execute()
      return rows.map((row) => {
        const { key_id, mac: _, ...message } = seal.open('kept_message', row)
        return { ...message, keyId: key_id }
      })
    },
  } satisfies Partial<RegionReads>
}

function secretReads(database: Kysely<RegionSchema>, seal: RowSeal) {
  return {
    async keyOfMaterial(id) {
      const query = database.selectFrom('material').select(['account', 'key_id']).where('id', '=', id)
      const row = await query.executeTakeFirst()
      return row === undefined ? null : { account: row.account, keyId: row.key_id }
    },
    async materialsOf(account, keyId) {
      return (await materialsOfKey(database, { account, id: keyId })).map(toMaterial)
    },
    async importJob(id) {
      const row = await database.selectFrom('import_job').selectAll().where('id', '=', id).executeTakeFirst()
      if (row === undefined) return null
      seal.open('import_job', row)
      return {
        id: row.id,
        account: row.account,
        keyId: row.key_id,
        wrapped: row.wrapped,
        expiresAt: row.expires_at,
      }
    },
    async hasExpiredImportJob(now) {
      const expired = database.selectFrom('import_job').select('id').where('expires_at', '<=', now)
      return (await expired.limit(1).executeTakeFirst()) !== undefined
    },
    async identity() {
      const row = await database.selectFrom('identity').selectAll().executeTakeFirst()
      if (row === undefined) return null
      seal.open('identity', row)
      return { id: row.id, publicKey: Buffer.from(row.public_key), wrapped: row.wrapped }
    },
  } satisfies Partial<RegionReads>
}

function toAlias(row: Selectable<RegionSchema['alias']>) {
  return {
    account: row.account,
    name: row.name,
    targetKeyId: row.target_key_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function toEntry(row: Selectable<RegionSchema['outbox']>): OutboxEntry {
  return { seq: row.seq, account: row.account, keyId: row.key_id, body: row.body, hash: Buffer.from(row.hash) }
}

function toMaterial(row: Selectable<RegionSchema['material']>): StoredMaterial {
  const [salt, iv, ciphertext, tag] = ownMemory(row.salt, row.iv, row.ciphertext, row.tag)
  return {
    id: row.id,
    account: row.account,
    keyId: row.key_id,
    generation: row.generation,
    domainKeyVersion: row.domain_key_version,
    recordVersion: row.record_version,
    salt,
    iv,
    ciphertext,
    tag,
  }
}
