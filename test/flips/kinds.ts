import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dataDirectory } from '../../src/server/data/data-directory.ts'
import { openRootKeyFile } from '../../src/server/data/root-key-file.ts'
import { openAuditReader } from '../../src/storage/audit/reader.ts'
import { openGlobalStore } from '../../src/storage/open-global-store.ts'
import { openRegionStore } from '../../src/storage/open-region-store.ts'
import type { RegionStore } from '../../src/storage/store.ts'
import { openVault } from '../../src/storage/vault.ts'
import { AWAY, HOME } from '../server.ts'

/** A kind of file, and how it is read. */
export interface Kind {
  readonly name: string
  /** Below the data directory. */
  readonly file: string
  /** Whether something vouches for what is read. */
  readonly isAuthentic: boolean
  /** Opens what is in the file, as a start does; what it gives reads all of it: one text for each thing that is there. */
  open(data: string): Promise<{ read(): Promise<readonly string[]>; close(): Promise<void> }>
}

/** What there is to read in the data that a flip is tried on. */
export interface Contents {
  readonly account: string
  readonly deployment: string
  readonly keys: readonly string[]
  readonly accessKeys: readonly string[]
  readonly logs: readonly string[]
}

const all = { after: null, limit: 1000 }

/** The kinds of files in a data directory. */
export function kindsOf(contents: Contents): readonly Kind[] {
  return [
    {
      name: 'a Region’s database',
      file: join('regions', `${HOME}.sqlite`),
      isAuthentic: true,
      open: (data) => openRegion(data, contents),
    },
    {
      name: 'the global database',
      file: 'global.sqlite',
      isAuthentic: true,
      open: (data) => openGlobal(data, contents),
    },
    { name: 'the root key', file: 'root.key', isAuthentic: true, open: (data) => openRegion(data, contents) },
    ...contents.logs.map((file): Kind => ({
      name: 'an audit log',
      file,
      isAuthentic: false,
      open: (data) => openLog(data),
    })),
    ...['credentials', 'config'].map((name): Kind => ({
      name: `the profiles' ${name}`,
      file: join('aws', name),
      isAuthentic: false,
      open: (data) => openText(data, name),
    })),
  ]
}

async function openRegion(data: string, contents: Contents) {
  const root = await openRootKeyFile({ path: join(data, 'root.key'), mayCreate: false })
  const { deployment } = contents
  const path = join(data, 'regions', `${HOME}.sqlite`)
  const store = await openRegionStore(path, HOME, { root, deployment, now: 1 })
  const vault = await openVault(store, deployment).catch(async (error: unknown) => {
    await store.close()
    throw error
  })
  return { read: () => readRegion(store, vault, contents), close: () => store.close() }
}

async function readRegion(
  { reads }: RegionStore,
  vault: Awaited<ReturnType<typeof openVault>>,
  { account, keys }: Contents,
): Promise<readonly string[]> {
  const things: unknown[] = [
    ['count', await reads.countKeys(account)],
    ['incarnation', await reads.meta('stream-incarnation')],
    ...(await reads.keys(account, all)).map((key) => ['key', key]),
    ...(await reads.aliases(account, null, all)).map((alias) => ['alias', alias]),
    ...(await reads.outbox(AWAY, 0, 1000)).map((entry) => ['said', entry]),
    ['heard', await reads.cursor(AWAY)],
    ['peer', await reads.peer(AWAY)],
    ['identity', (await reads.identity())?.publicKey],
  ]
  for (const id of keys) {
    const key = await reads.key(account, id)
    things.push(['key by id', key], ['tombstone', await reads.tombstone(account, id)])
    things.push(['last use', await reads.lastUse(account, id)])
    things.push(...(await reads.grants(account, id, { id: null, grantee: null }, all)).map((grant) => ['grant', grant]))
    if (key === null) continue
    for (const stored of await reads.materialsOf(account, id)) {
      const bytes = vault.open(key, stored).export()
      things.push(['material', stored.id, createHash('sha256').update(bytes).digest('hex')])
    }
  }
  return things.map((thing) => JSON.stringify(thing))
}

async function openGlobal(data: string, { account, accessKeys }: Contents) {
  const root = await openRootKeyFile({ path: join(data, 'root.key'), mayCreate: false })
  const store = await openGlobalStore(join(data, 'global.sqlite'), { root, now: 1, mayBegin: () => false })
  const { reads } = store
  return {
    async read() {
      const things: unknown[] = [['served', await reads.meta('opt-in-regions')]]
      for (const kind of ['account', 'user', 'role', 'policy', 'group'] as never[]) {
        things.push(...(await reads.documents(kind, null, all)).map((document) => [kind, document]))
      }
      for (const id of accessKeys) things.push(['access key', await reads.accessKey(id)])
      things.push(...(await reads.accessKeysOf(account, null)).map((key) => ['root’s', key]))
      return things.map((thing) => JSON.stringify(thing))
    },
    close: () => store.close(),
  }
}

async function openLog(data: string) {
  const reader = await openAuditReader(dataDirectory(data).audits, HOME)
  return {
    async read() {
      const things: string[] = []
      for await (const line of reader.last(1000)) things.push(JSON.stringify(JSON.parse(line)))
      return things
    },
    async close() {},
  }
}

async function openText(data: string, name: string) {
  const text = readFileSync(join(data, 'aws', name), 'utf8')
  return { read: async () => text.split('\n'), close: async () => {} }
}
