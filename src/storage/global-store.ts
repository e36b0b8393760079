import { randomUUID } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { KeyringError, type DomainKey, type RootKeyProvider } from '../crypto/sealing/keyring.ts'
import type { DocumentKey, DocumentKind, GlobalDocuments } from '../domain/global-document.ts'
import { PARTITION } from '../domain/region.ts'
import { openChangeCount } from './change-count.ts'
import { hasDomainKeys, openDomainKeys } from './domain-keys.ts'
import { claimedDeployment } from './sql/common.ts'
import { globalReads, globalWrites } from './sql/global-queries.ts'
import { GLOBAL_MIGRATIONS, GLOBAL_TABLES, type GlobalSchema } from './sql/global-schema.ts'
import { openDatabase } from './sql/open-database.ts'
import type { Keeping } from './sqlite.ts'
import type { Page, CommonReads, CommonWrites, Keepable } from './store.ts'

/** An access key as it rests: `secret` is sealed under the global domain key. */
export interface StoredAccessKey {
  readonly id: string
  readonly account: string
  /** The unique id of the user or role whose key it is; null for the root user. */
  readonly owner: string | null
  readonly secret: string
  /** What else is known of it: its status, the session that it is for. */
  readonly content: Readonly<Record<string, unknown>>
  readonly createdAt: number
  /** Null for a long-term key. */
  readonly expiresAt: number | null
}

/** A document with its name. */
export interface NamedDocument<Kind extends DocumentKind> {
  readonly account: string
  readonly name: string
  readonly content: GlobalDocuments[Kind]
}

/** What can be asked of the global store. */
export interface GlobalReads extends CommonReads {
  document<Kind extends DocumentKind>(key: DocumentKey<Kind>): Promise<GlobalDocuments[Kind] | null>
  documentById<Kind extends DocumentKind>(kind: Kind, id: string): Promise<NamedDocument<Kind> | null>
  /** By ascending name; those of all accounts where `account` is null. */
  documents<Kind extends DocumentKind>(
    kind: Kind,
    account: string | null,
    page: Page,
  ): Promise<readonly NamedDocument<Kind>[]>
  accessKey(id: string): Promise<StoredAccessKey | null>
  /** By ascending time of creation. */
  accessKeysOf(account: string, owner: string | null): Promise<readonly StoredAccessKey[]>
}

/** What a transaction of the global store can change. */
export interface GlobalWrites extends GlobalReads, CommonWrites {
  /** @param id the document's unique id, where it has one */
  putDocument<Kind extends DocumentKind>(
    key: DocumentKey<Kind>,
    content: GlobalDocuments[Kind],
    id?: string,
  ): Promise<void>
  deleteDocument(key: DocumentKey): Promise<void>
  putAccessKey(key: StoredAccessKey): Promise<void>
  deleteAccessKey(id: string): Promise<void>
  /** Forgets temporary keys that have expired. */
  deleteExpiredAccessKeys(now: number): Promise<void>
}

/** What belongs to no Region: accounts, identities, credentials, the organization. */
export interface GlobalStore extends Keepable {
  /** The id of the deployment: made once, and bound into everything that is sealed. */
  readonly deployment: string
  /** By ascending version; the last one is in use. */
  readonly domainKeys: readonly DomainKey[]
  readonly reads: GlobalReads
  transaction<Result>(work: (writes: GlobalWrites) => Promise<Result>): Promise<Result>
  /** Calls `listener` after each commit, before the transaction's promise resolves. */
  onCommit(listener: () => void): void
  close(): Promise<void>
}

/** What the global store is opened with. */
export interface GlobalOpening {
  readonly root: RootKeyProvider
  readonly now: number
  /** Whether a new deployment may begin: not where there are keys of one already. */
  readonly mayBegin: () => boolean
  /** Durable unless told otherwise. */
  readonly keeping?: Keeping
}

function missing(path: string): KeyringError {
  return new KeyringError(
    `${path} is missing or empty, and the Regions beside it have keys. Put back all of one backup: keyspan restore.`,
  )
}

/**
 * Opens the global store in a SQLite file, and makes it where it is missing: then it begins a new deployment.
 *
 * @throws KeyringError where its domain keys do not open
 */
export async function openGlobalStore(
  path: string,
  { root, now, mayBegin, keeping = 'durable' }: GlobalOpening,
): Promise<GlobalStore> {
  if (!(existsSync(path) && statSync(path).size > 0) && !mayBegin()) throw missing(path)
  await using opened = new AsyncDisposableStack()
  const file = opened.adopt(await openDatabase<GlobalSchema>(path, GLOBAL_MIGRATIONS, keeping), (each) => each.close())
  const deployment = (await claimedDeployment(file.reader)) ?? randomUUID()
  const place = { deployment, partition: PARTITION, region: 'global' }
  if (!(await hasDomainKeys(file)) && !mayBegin()) throw missing(path)
  const { domainKeys, seal } = await openDomainKeys(file, GLOBAL_TABLES, root, place, now)
  const reads = globalReads(file.reader, seal)
  const changes = await openChangeCount(reads)
  const listeners: (() => void)[] = []
  const files = opened.move()
  return {
    deployment,
    domainKeys,
    reads,
    changes: changes.current,
    async transaction(work) {
      const result = await changes.count(
        (run) => file.writer.transaction().execute((database) => run(globalWrites(database, seal))),
        work,
      )
      for (const listener of listeners) listener()
      return result
    },
    onCommit(listener) {
      listeners.push(listener)
    },
    putMarks: (marks) =>
      file.writer.transaction().execute(async (database) => {
        const writes = globalWrites(database, seal)
        for (const [name, value] of marks) await writes.putMeta(name, value)
      }),
    close: () => files.disposeAsync(),
  }
}
