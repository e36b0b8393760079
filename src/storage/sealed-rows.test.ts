import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ENGINES, type TestStore } from '../../test/engines.ts'
import { keyRecord } from '../../test/key-record.ts'
import { opening } from '../../test/root-key.ts'
import { stackRecord } from '../../test/stack.ts'
import { KeyringError, type RootKeyProvider } from '../crypto/sealing/keyring.ts'
import { openRootKeyFile } from '../server/data/root-key-file.ts'
import { openGlobalStore } from './open-global-store.ts'
import { openRegionStore } from './open-region-store.ts'
import type { StoreOpener } from './house/store-house.ts'
import { RowError } from './row-seal.ts'
import type { DialectName } from './sql/dialect.ts'

const ACCOUNT = '111122223333'
const KEY = 'k'

let place: TestStore
const named = (id: string) => ({ arn: `arn:${id}`, kind: 'user', id }) as const
const everything = { after: null, limit: 100 }

interface Opening {
  readonly root: RootKeyProvider
  readonly deployment: string
  readonly now: number
  readonly mayBegin: () => boolean
}

/** A store that is open, and a look at all of its rows that decide. */
interface Opened {
  readonly readAll: () => Promise<void>
  readonly close: () => Promise<void>
}

/** A database, how it is filled, and how it is opened. */
interface Kind {
  readonly place: string
  readonly fill: (where: string | StoreOpener, with_: Opening) => Promise<void>
  readonly open: (where: string | StoreOpener, with_: Opening) => Promise<Opened>
}

const KINDS: Readonly<Record<'region' | 'global', Kind>> = {
  region: {
    place: 'us-east-1',
    fill: async (where, with_) => {
      const store = await openRegionStore(where, 'us-east-1', with_)
      await store.transaction(async (writes) => {
        await writes.putMeta('a', 'b')
        await writes.putKey(keyRecord({ id: KEY, deletion: { at: 5, days: 7 } as never }), true)
        await writes.putTombstone(ACCOUNT, 't', { last: { epoch: 1, counter: 1 }, outcome: null })
        await writes.putAlias({ account: ACCOUNT, name: 'alias/a', targetKeyId: KEY, createdAt: 1, updatedAt: 2 })
        const hash = Buffer.alloc(32)
        await writes.appendOutbox('eu-west-1', { seq: 1, account: ACCOUNT, keyId: KEY, body: '{}', hash }, 1)
        await writes.putCursor({ source: 'eu-west-1', incarnation: 'i', seq: 1, hash })
        await writes.keepMessage({ source: 'eu-west-1', account: ACCOUNT, keyId: KEY, body: '{}', reason: 'r' })
        await writes.putPeer({ region: 'eu-west-1', publicKey: hash, incarnation: 'i' })
        await writes.putIdentity({ id: 'i', publicKey: hash, wrapped: 'w' })
        await writes.putImportJob({ id: 'j', account: ACCOUNT, keyId: KEY, wrapped: 'w', expiresAt: 9 })
        await writes.putGrant({
          id: 'g',
          account: ACCOUNT,
          keyId: KEY,
          grantee: named('g'),
          retiring: named('r'),
          operations: ['Encrypt'],
          constraints: null,
          name: 'n',
          createdAt: 1,
          issuingAccount: ACCOUNT,
        })
        const use = { operation: 'Encrypt', at: 1, eventId: 'e', requestId: 'r' }
        await writes.putLastUse({ account: ACCOUNT, keyId: KEY, ...use })
        await writes.putStack(stackRecord({ id: 's' }))
        await writes.putStackPart('s', 'detection', 'd', {} as never)
        const link = {
          account: ACCOUNT,
          kind: 'import',
          name: 'n',
          stackId: 's',
          stackName: 'stack',
          value: '',
        } as const
        await writes.putStackLinks(ACCOUNT, 's', 'import', [link])
        await writes.putReceipt('r', 'answer')
      })
      await store.close()
    },
    open: async (where, with_) => {
      const store = await openRegionStore(where, 'us-east-1', with_)
      const { reads } = store
      async function readAll() {
        for (const name of ['a', 'deployment', 'x']) await reads.meta(name)
        for (const account of [ACCOUNT, 'x']) {
          await reads.keys(account, everything)
          await reads.aliases(account, null, everything)
          for (const keyId of [KEY, 'x', 't']) {
            await reads.tombstone(account, keyId)
            await reads.keptMessages(account, keyId)
            await reads.grants(account, keyId, { id: null, grantee: null }, everything)
            await reads.lastUse(account, keyId)
          }
        }
        for (const region of ['eu-west-1', 'x']) {
          await reads.outbox(region, 0, 10)
          for (const keyId of [KEY, 'x'])
            await reads.said(region, { account: ACCOUNT, keyId }, { afterSeq: 0, limit: 10 })
          await reads.cursor(region)
          await reads.peer(region)
        }
        for (const id of ['j', 'x']) await reads.importJob(id)
        await reads.identity()
        for (const account of [ACCOUNT, 'x']) {
          await reads.stacks(account, true, everything)
          for (const name of ['n', 'x']) await reads.importsOf(account, name)
          for (const id of ['s', 'x']) await reads.linksOf(account, id, 'import')
          await reads.linksOf(account, 's', 'x' as 'import')
        }
        for (const kind of ['detection', 'x']) {
          for (const id of ['s', 'x']) await reads.stackParts(id, kind as 'detection', null)
        }
        for (const name of ['r', 'x']) await reads.receipt(name)
      }
      return { readAll, close: () => store.close() }
    },
  },
  global: {
    place: 'global',
    fill: async (where, with_) => {
      const store = await openGlobalStore(where, with_)
      await store.transaction(async (writes) => {
        await writes.putMeta('a', 'b')
        await writes.putDocument({ kind: 'account', account: ACCOUNT, name: ACCOUNT }, { createdAt: 1 }, 'id')
        const times = { createdAt: 1, expiresAt: 2 }
        await writes.putReceipt('r', 'answer')
        await writes.putAccessKey({ id: 'A', account: ACCOUNT, owner: 'u', secret: 's', content: {}, ...times })
        await writes.deleteDocument({ kind: 'user', account: ACCOUNT, name: 'gone' })
      })
      await store.close()
    },
    open: async (where, with_) => {
      const store = await openGlobalStore(where, with_)
      const { reads } = store
      async function readAll() {
        for (const name of ['a', 'deployment', 'x']) await reads.meta(name)
        for (const kind of ['account', 'x']) await reads.documents(kind as 'account', null, everything)
        for (const id of ['A', 'x']) await reads.accessKey(id)
        for (const name of ['r', 'x']) await reads.receipt(name)
        for (const owner of ['u', 'x', null]) await reads.accessKeysOf(ACCOUNT, owner)
        await reads.changesAfter(0, null, 1000)
      }
      return { readAll, close: () => store.close() }
    },
  },
}

const OPEN_TABLES = ['domain_key', 'pending_record', 'material', 'kysely_migration', 'kysely_migration_lock']

/** What would change what is written, beside the statement that writes it. */
const CHANGES_BESIDE: Readonly<Record<DialectName, readonly string[]>> = {
  sqlite: ["create trigger later after update on meta begin delete from meta where name = 'a'; end"],
  postgresql: [
    `create function public.later() returns trigger language plpgsql as 'begin return null; end';
     create trigger later after update on meta for each row execute function public.later()`,
    'create rule later as on insert to meta do instead nothing',
    'alter table meta enable row level security',
    'alter table meta disable trigger keyspan_watch_meta',
    'alter table meta disable trigger all',
    `create or replace trigger keyspan_watch_meta after update on meta for each row when (false)
     execute function keyspan_watch_meta()`,
    `create or replace function keyspan_watch_meta() returns trigger language plpgsql as 'begin return null; end'`,
  ],
}

/** Tables whose rows carry a MAC. */
async function sealedTables(): Promise<readonly string[]> {
  return (await place.tables()).filter((name) => !OPEN_TABLES.includes(name))
}

const KIND_ON_ENGINE = ENGINES.flatMap((engine) =>
  (['region', 'global'] as const).map((kind) => ({ kind, engine, on: engine.name })),
)

describe.each(KIND_ON_ENGINE)('The rows of a $kind database on $on', ({ kind, engine }) => {
  const { fill, open } = KINDS[kind]

  beforeEach(async () => {
    place = await engine.newStore(KINDS[kind].place)
    await fill(place.where, opening)
  })
  afterEach(() => place[Symbol.asyncDispose]())

  async function read(of = place, with_: Opening = opening): Promise<void> {
    const { readAll, close } = await open(of.where, with_)
    try {
      await readAll()
    } finally {
      await close()
    }
  }

  it('are read as they were written', async () => {
    await read()
  })

  it('do not count once one cell of one has changed, whichever it is', { timeout: 120_000 }, async () => {
    const tables = await sealedTables()
    expect(tables.length).toBeGreaterThan(2)
    const { readAll, close } = await open(place.where, opening)
    for (const table of tables) {
      for (const column of await place.columns(table)) {
        const [row] = await place.query(
          `select * from "${table}"${table === 'meta' ? " where name = 'a'" : ''} limit 1`,
        )
        expect(row, `${table} has a row`).toBeDefined()
        const [cell, mac] = [row?.[column.name] ?? null, row?.['mac'] as Uint8Array]
        const wrong = engine.otherThan(cell, column)
        const change = `update "${table}" set "${column.name}" = ? where mac = ?`
        await place.query(change, wrong, mac)
        await expect(readAll(), `${table}.${column.name}`).rejects.toThrow(RowError)
        await place.query(change, cell, column.name === 'mac' ? wrong : mac)
      }
    }
    await readAll()
    await close()
  })

  it.each([
    'alter table meta rename column name to other',
    ...CHANGES_BESIDE[engine.dialect],
    'create view seen as select * from meta',
    'alter table meta add column more text',
    'create index another on meta (value)',
  ])('do not count where the tables were changed: %s', async (statement) => {
    await place.run(statement)
    await expect(read()).rejects.toThrow(RowError)
  })

  it('do not count in another database', async () => {
    await using other = await engine.newStore(KINDS[kind].place)
    await fill(other.where, opening)
    const [stranger] = await other.query("select mac from meta where name = 'a'")
    await place.query("update meta set mac = ? where name = 'a'", stranger?.['mac'] as Uint8Array)
    await expect(read()).rejects.toThrow(/row "name=a" of the table meta in .* was changed/)
  })

  it('that have no MAC yet are given one, once, by whoever has the root key', async () => {
    const unsealed = (await sealedTables()).map((table) => `update "${table}" set mac = null`).join(';')
    await place.run(`update domain_key set format = 1; ${unsealed}`)
    await read()
    await place.run(unsealed)
    await expect(read()).rejects.toThrow(RowError)
  })

  it('are not sealed again for somebody who says that they are old', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
    const root = await openRootKeyFile({ path: join(directory, 'root.key'), mayCreate: true })
    await using other = await engine.newStore(KINDS[kind].place)
    await fill(other.where, { ...opening, root })
    await other.run("update domain_key set format = 1; update meta set value = 'evil', mac = null where name = 'a'")
    await expect(read(other, { ...opening, root })).rejects.toThrow(KeyringError)
    await other.run('delete from domain_key')
    await expect(read(other, { ...opening, root })).rejects.toThrow(/domain keys of .* are missing/)
    rmSync(directory, { recursive: true })
  })
})
