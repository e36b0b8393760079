import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keyRecord } from '../../test/key-record.ts'
import { opening } from '../../test/root-key.ts'
import { stackRecord } from '../../test/stack.ts'
import { KeyringError, type RootKeyProvider } from '../crypto/sealing/keyring.ts'
import { openRootKeyFile } from '../server/data/root-key-file.ts'
import { openGlobalStore } from './open-global-store.ts'
import { openRegionStore } from './open-region-store.ts'
import { RowError } from './row-seal.ts'

const ACCOUNT = '111122223333'
const KEY = 'k'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyspan-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const named = (id: string) => ({ arn: `arn:${id}`, kind: 'user', id }) as const
const everything = { after: null, limit: 100 }

interface Opening {
  readonly root: RootKeyProvider
  readonly deployment: string
  readonly now: number
  readonly mayBegin: () => boolean
}

/** A database, how it is filled, and how all of its rows that decide are read. */
const KINDS = {
  region: {
    fill: async (path: string, with_: Opening) => {
      const store = await openRegionStore(path, 'us-east-1', with_)
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
    read: async (path: string, with_: Opening, change: () => void) => {
      const store = await openRegionStore(path, 'us-east-1', with_)
      try {
        change()
        const { reads } = store
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
      } finally {
        await store.close()
      }
    },
  },
  global: {
    fill: async (path: string, with_: Opening) => {
      const store = await openGlobalStore(path, with_)
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
    read: async (path: string, with_: Opening, change: () => void) => {
      const store = await openGlobalStore(path, with_)
      try {
        change()
        const { reads } = store
        for (const name of ['a', 'deployment', 'x']) await reads.meta(name)
        for (const kind of ['account', 'x']) await reads.documents(kind as 'account', null, everything)
        for (const id of ['A', 'x']) await reads.accessKey(id)
        for (const name of ['r', 'x']) await reads.receipt(name)
        for (const owner of ['u', 'x', null]) await reads.accessKeysOf(ACCOUNT, owner)
        await reads.changesAfter(0, null, 1000)
      } finally {
        await store.close()
      }
    },
  },
} as const

const OPEN_TABLES = ['domain_key', 'pending_record', 'material', 'kysely_migration', 'kysely_migration_lock']

function tablesOf(path: string): readonly string[] {
  using database = openRaw(path)
  const rows = database.raw.prepare("select name from sqlite_master where type = 'table' order by name").all()
  return rows.map((row) => String(row['name'])).filter((name) => !OPEN_TABLES.includes(name))
}

function openRaw(path: string) {
  const raw = new DatabaseSync(path)
  return { raw, [Symbol.dispose]: () => raw.close() }
}

/** Changes a database behind its store's back. */
function run(path: string, statement: string): void {
  using database = openRaw(path)
  database.raw.exec(statement)
}

describe.each(['region', 'global'] as const)('The rows of a %s database', (kind) => {
  const { fill, read } = KINDS[kind]

  it('are read as they were written', async () => {
    const path = join(directory, 'a.sqlite')
    await fill(path, opening)
    await read(path, opening, () => {})
  })

  it('do not count once one cell of one has changed, whichever it is', async () => {
    const path = join(directory, 'a.sqlite')
    await fill(path, opening)
    const tables = tablesOf(path)
    expect(tables.length).toBeGreaterThan(2)
    for (const table of tables) {
      for (const { name } of columnsOf(path, table)) {
        using database = openRaw(path)
        const row = database.raw.prepare(`select rowid as place, "${name}" as cell from "${table}" limit 1`).get()
        expect(row, `${table} has a row`).toBeDefined()
        const { place = 0, cell = null } = row ?? {}
        const put = (value: unknown) =>
          database.raw
            .prepare(`update "${table}" set "${name}" = ? where rowid = ?`)
            .run(value as never, place as never)
        const reading = read(path, opening, () => void put(typeof cell === 'number' ? cell + 1 : 'x'))
        await expect(reading, `${table}.${name}`).rejects.toThrow(RowError)
        put(cell)
      }
    }
    await read(path, opening, () => {})
  })

  it.each([
    'alter table meta rename column name to other',
    "create trigger later after update on meta begin delete from meta where name = 'a'; end",
    'create view seen as select * from meta',
    'alter table meta add column more text',
    'create index another on meta (value)',
  ])('do not count where the tables were changed: %s', async (statement) => {
    const path = join(directory, 'a.sqlite')
    await fill(path, opening)
    run(path, statement)
    await expect(read(path, opening, () => {})).rejects.toThrow(RowError)
  })

  it('do not count in another database', async () => {
    const [path, other] = [join(directory, 'a.sqlite'), join(directory, 'b.sqlite')]
    await fill(path, opening)
    await fill(other, opening)
    const row = `select mac from other.meta where name = 'a'`
    run(path, `attach '${other}' as other; update meta set mac = (${row}) where name = 'a'`)
    await expect(read(path, opening, () => {})).rejects.toThrow(/row "name=a" of the table meta in .* was changed/)
  })

  it('that have no MAC yet are given one, once, by whoever has the root key', async () => {
    const path = join(directory, 'a.sqlite')
    await fill(path, opening)
    const age = [
      'update domain_key set format = 1',
      ...tablesOf(path).map((table) => `update "${table}" set mac = null`),
    ]
    run(path, age.join(';'))
    await read(path, opening, () => {})
    run(
      path,
      tablesOf(path)
        .map((table) => `update "${table}" set mac = null`)
        .join(';'),
    )
    await expect(read(path, opening, () => {})).rejects.toThrow(RowError)
  })

  it('are not sealed again for somebody who says that they are old', async () => {
    const path = join(directory, 'a.sqlite')
    const root = await openRootKeyFile({ path: join(directory, 'root.key'), mayCreate: true })
    await fill(path, { ...opening, root })
    run(path, "update domain_key set format = 1; update meta set value = 'evil', mac = null where name = 'a'")
    await expect(read(path, { ...opening, root }, () => {})).rejects.toThrow(KeyringError)
    run(path, 'delete from domain_key')
    await expect(read(path, { ...opening, root }, () => {})).rejects.toThrow(/domain keys of .* are missing/)
  })
})

function columnsOf(path: string, table: string): readonly { name: string }[] {
  using database = openRaw(path)
  return database.raw.prepare(`select name from pragma_table_info('${table}')`).all() as unknown as { name: string }[]
}
