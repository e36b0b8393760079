import type { DomainKey } from '../crypto/sealing/keyring.ts'
import type { StoreKeyring } from './store-keyring.ts'
import type { DocumentKey, DocumentKind, GlobalDocuments } from '../domain/global-document.ts'
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

/** The kind under which the deletion of an access key is kept. */
export const ACCESS_KEY = 'access-key'

/** What has become of one thing in the global store. */
export type GlobalChange =
  | { readonly type: 'document'; readonly key: DocumentKey; readonly id: string | null; readonly content: unknown }
  | { readonly type: 'access-key'; readonly key: StoredAccessKey }
  /** The kind is that of a document, or `ACCESS_KEY`. */
  | { readonly type: 'deletion'; readonly kind: string; readonly account: string; readonly name: string }

/** Where a listing of changes goes on: behind a row of one of its tables. */
export interface ChangePlace {
  readonly table: number
  readonly seq: number
  readonly row: readonly string[]
}

/** A page of changes. Null ends them. */
export interface Changes {
  readonly changes: readonly GlobalChange[]
  readonly next: ChangePlace | null
}

/** What can be asked of the global store. */
export interface GlobalReads extends CommonReads {
  /**
   * What has changed after a number of changes, in no order that tells more; all there is after 0. Without what each
   * server keeps for itself.
   */
  changesAfter(seq: number, place: ChangePlace | null, limit: number): Promise<Changes>
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
  readonly keyring: StoreKeyring
  readonly reads: GlobalReads
  transaction<Result>(work: (writes: GlobalWrites) => Promise<Result>): Promise<Result>
  /** Calls `listener` after each commit, before the transaction's promise resolves: a promise that it gives is awaited. */
  onCommit(listener: () => unknown): void
  close(): Promise<void>
}
