import { rmSync } from 'node:fs'
import type { DomainKey } from '../crypto/sealing/keyring.ts'
import type { Region } from '../domain/region.ts'
import { sql, type Kysely } from 'kysely'
import { createRowSeal } from './row-seal.ts'
import { openSqlite, type Keeping } from './sqlite.ts'
import type { StoreDatabase } from './store-database.ts'

/** How long a refusal is remembered, in milliseconds of the server's clock: seven days. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000

/** What one account's refusals take at most; the oldest make room for new ones. */
const MOST_REFUSALS = 1000
const MOST_BYTES = 8 * 1024 * 1024

/** What is known of a refusal without its explanation. */
export interface RefusalHead {
  /** That of the request. */
  readonly id: string
  /** In epoch milliseconds. */
  readonly at: number
  /** The caller's, against whose room it counts. */
  readonly account: string
  /** The caller's ARN, and of a session its role's or user's as well. */
  readonly caller: string
  readonly principal: string
  /** With its service, as `kms:Encrypt`. */
  readonly operation: string
  readonly region: Region
  /** Null where it was on nothing that has a name. */
  readonly resource: string | null
  /** The account of the resource; null where there is none. */
  readonly owner: string | null
  /** The code of the error; null where the request was let pass all the same. */
  readonly code: string | null
}

/** A refusal with what each reader is told of it. */
export interface StoredRefusal extends RefusalHead {
  /** Any JSON. */
  readonly explanations: unknown
}

/** Which refusals are looked for; null is any. */
export interface RefusalFilter {
  /** The ARN of a caller, or of the role or user whose session it is. */
  readonly caller: string | null
  /** An ARN, or the id of a key. */
  readonly resource: string | null
  readonly region: string | null
  /** Only what this account may know of: what it has asked for, and what was asked of it. */
  readonly reader?: string
  /** Only those that are older than this one, by its id. */
  readonly before?: string
  readonly limit: number
}

/** The refusals of the last days, in a database of their own. What is damaged in it is passed over. */
export interface RefusalStore {
  put(refusals: readonly StoredRefusal[]): Promise<void>
  find(id: string): Promise<StoredRefusal | null>
  /** The newest first. */
  newest(filter: RefusalFilter): Promise<readonly RefusalHead[]>
  /** Forgets what is older than seven days. */
  forgetOld(): Promise<void>
  close(): Promise<void>
}

type Row = Omit<StoredRefusal, 'explanations'> & { seq: number; bytes: number; explanations: string; mac: Uint8Array }
interface Schema {
  refusal: Row
}

/** What an account has there. */
interface Room {
  count: number
  bytes: number
}

/**
 * Opens the store, and makes it where it is missing. One that cannot be read begins anew: it is a help for people, and
 * no reason not to start.
 *
 * @param onDamage told what was damaged and is not there any more
 */
export async function openRefusalStore(
  path: string,
  domainKeys: readonly DomainKey[],
  now: () => number,
  onDamage: (error: unknown) => void,
  keeping: Keeping = 'durable',
): Promise<RefusalStore> {
  try {
    return await openFile(path, domainKeys, now, onDamage, keeping)
  } catch (error) {
    onDamage(error)
    for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true })
    return openFile(path, domainKeys, now, onDamage, keeping)
  }
}

async function openFile(
  path: string,
  domainKeys: readonly DomainKey[],
  now: () => number,
  onDamage: (error: unknown) => void,
  keeping: Keeping,
): Promise<RefusalStore> {
  await using opened = new AsyncDisposableStack()
  const file = opened.adopt(openSqlite<Schema>(path, keeping), (each) => each.close())
  await file.writer.transaction().execute(createTable)
  // They are gone in a few days: no row of theirs is ever sealed anew.
  const seal = createRowSeal(domainKeys, 'refusals', () => true)
  const { rooms, last } = await roomsIn(file)
  let seq = last
  const authentic = (row: Row): readonly Row[] => {
    try {
      return [seal.open('refusal', row)]
    } catch (error) {
      onDamage(error)
      return []
    }
  }
  const files = opened.move()
  return {
    put: (refusals) =>
      file.writer.transaction().execute(async (database) => {
        for (const { explanations: told, ...head } of refusals) {
          seq += 1
          const explanations = JSON.stringify(told)
          const bytes = Buffer.byteLength(explanations)
          const row = seal.seal('refusal', { ...head, seq, bytes, explanations })
          await database.insertInto('refusal').values(row).execute()
          const room = rooms.get(head.account) ?? { count: 0, bytes: 0 }
          rooms.set(head.account, { count: room.count + 1, bytes: room.bytes + bytes })
        }
        for (const account of new Set(refusals.map((each) => each.account))) {
          await makeRoom(database, account, rooms)
        }
      }),
    async find(id) {
      const rows = await file.reader.selectFrom('refusal').selectAll().where('id', '=', id).execute()
      const [row] = rows.flatMap(authentic)
      return row === undefined ? null : { ...headOf(row), explanations: JSON.parse(row.explanations) as unknown }
    },
    newest: async (filter) => (await newestRows(file, filter)).flatMap(authentic).map(headOf),
    async forgetOld() {
      await file.writer
        .deleteFrom('refusal')
        .where('at', '<', now() - KEPT_MS)
        .execute()
      rooms.clear()
      for (const [account, room] of (await roomsIn(file)).rooms) rooms.set(account, room)
    },
    close: () => files.disposeAsync(),
  }
}

async function createTable({ schema }: Kysely<Schema>): Promise<void> {
  await schema
    .createTable('refusal')
    .ifNotExists()
    .addColumn('seq', 'integer', (column) => column.primaryKey())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('at', 'integer', (column) => column.notNull())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('caller', 'text', (column) => column.notNull())
    .addColumn('principal', 'text', (column) => column.notNull())
    .addColumn('operation', 'text', (column) => column.notNull())
    .addColumn('region', 'text', (column) => column.notNull())
    .addColumn('resource', 'text')
    .addColumn('owner', 'text')
    .addColumn('code', 'text')
    .addColumn('bytes', 'integer', (column) => column.notNull())
    .addColumn('explanations', 'text', (column) => column.notNull())
    .addColumn('mac', 'blob', (column) => column.notNull())
    .execute()
  const index = (name: string, columns: readonly (keyof Row)[]) =>
    schema
      .createIndex(name)
      .ifNotExists()
      .on('refusal')
      .columns([...columns])
      .execute()
  await index('refusal_id', ['id'])
  await index('refusal_account', ['account', 'seq'])
  await index('refusal_owner', ['owner', 'seq'])
  await index('refusal_at', ['at'])
}

async function roomsIn({ writer }: StoreDatabase<Schema>): Promise<{ rooms: Map<string, Room>; last: number }> {
  const rows = await writer
    .selectFrom('refusal')
    .select(({ fn }) => ['account', fn.countAll<number>().as('count'), fn.sum<number>('bytes').as('bytes')])
    .select(({ fn }) => fn.max('seq').as('last'))
    .groupBy('account')
    .execute()
  const rooms = new Map(rows.map(({ account, count, bytes }) => [account, { count, bytes }]))
  return { rooms, last: rows.reduce((most, { last }) => Math.max(most, last), 0) }
}

async function newestRows(
  file: StoreDatabase<Schema>,
  { caller, resource, region, reader, before, limit }: RefusalFilter,
) {
  let query = file.reader.selectFrom('refusal').selectAll().orderBy('seq', 'desc').limit(limit)
  if (before !== undefined) {
    query = query.where('seq', '<', (of) => of.selectFrom('refusal').select('seq').where('id', '=', before).limit(1))
  }
  if (reader !== undefined) {
    query = query.where((is) => is.or([is('account', '=', reader), is('owner', '=', reader)]))
    // SECURITY: what a request meant is not for everybody to know who has made it, so it is looked for among what is theirs.
    if (resource !== null) query = query.where((is) => is.or([is('owner', '=', reader), is('owner', 'is', null)]))
  }
  if (region !== null) query = query.where('region', '=', region)
  if (caller !== null) query = query.where((is) => is.or([is('caller', '=', caller), is('principal', '=', caller)]))
  if (resource !== null) {
    const ending = `/${resource}`
    const isOfId = sql<boolean>`substr(resource, -length(${ending})) = ${ending}`
    query = query.where((is) => is.or([is('resource', '=', resource), isOfId]))
  }
  return query.execute()
}

/** How many are deleted at once. */
const BATCH = 50

async function makeRoom(database: StoreDatabase<Schema>['writer'], account: string, rooms: Map<string, Room>) {
  const room = rooms.get(account) ?? { count: 0, bytes: 0 }
  while (room.count > MOST_REFUSALS || room.bytes > MOST_BYTES) {
    const oldest = await database
      .selectFrom('refusal')
      .select(['seq', 'bytes'])
      .where('account', '=', account)
      .orderBy('seq')
      .limit(BATCH)
      .execute()
    let through = 0
    for (const { seq, bytes } of oldest) {
      if (room.count <= MOST_REFUSALS && room.bytes <= MOST_BYTES) break
      through = seq
      room.count -= 1
      room.bytes -= bytes
    }
    await database.deleteFrom('refusal').where('account', '=', account).where('seq', '<=', through).execute()
    if (oldest.length === 0) return
  }
}

function headOf({ seq: _seq, bytes: _bytes, explanations: _explanations, mac: _mac, ...head }: Row): RefusalHead {
  return head
}
