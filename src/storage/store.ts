import type { DomainKey } from '../crypto/sealing/keyring.ts'
import type { StoreKeyring } from './store-keyring.ts'
import type { StateCommitment } from '../crypto/transparency/checkpoint.ts'
import type { Alias } from '../domain/alias.ts'
import type { Grant } from '../domain/grant.ts'
import type { KeyRecord } from '../domain/key.ts'
import type { MaterialId } from '../domain/material-id.ts'
import type { KeyUse, LastUse } from '../domain/last-use.ts'
import type { Tombstone } from '../domain/multi-region.ts'
import type { Region } from '../domain/region.ts'
import type { ChangeSet, DriftDetection, Stack, StackEvent, StackLink, StackResource } from '../domain/stack.ts'
import type { LogPlace } from './audit/files.ts'

/** A material as it rests: sealed under the Region's domain key. */
export interface StoredMaterial {
  readonly id: MaterialId
  readonly account: string
  readonly keyId: string
  readonly generation: number
  readonly domainKeyVersion: number
  readonly recordVersion: number
  readonly salt: Buffer
  readonly iv: Buffer
  readonly ciphertext: Buffer
  readonly tag: Buffer
}

/** The key pair by which a Region signs what it says to others; the private half is wrapped. */
export interface StoredIdentity {
  readonly id: string
  readonly publicKey: Buffer
  readonly wrapped: string
}

/** A key pair under which material is brought into a key; the private half is wrapped, and deleted when it expires. */
export interface StoredImportJob {
  readonly id: string
  readonly account: string
  readonly keyId: string
  readonly wrapped: string
  readonly expiresAt: number
}

/** One thing that was said to another Region, in its place in the stream to it. */
export interface OutboxEntry {
  readonly seq: number
  readonly account: string
  readonly keyId: string
  readonly body: string
  readonly hash: Buffer
}

/** The same, with when it was said. */
export interface SaidEntry extends OutboxEntry {
  readonly at: number
}

/** What was heard of a key and cannot be taken in yet: the key waits, and the stream goes on. */
export interface KeptMessage {
  /** Grows with each one that is kept of a key. */
  readonly position: number
  readonly source: Region
  readonly account: string
  readonly keyId: string
  readonly body: string
  /** Why it was not taken in. */
  readonly reason: string
}

/** How far a stream from another Region has been followed. */
export interface Cursor {
  readonly source: Region
  readonly incarnation: string
  readonly seq: number
  readonly hash: Buffer
}

/** When the first key is to be deleted or rotated, and the first imported material expires; null for none. */
export interface Deadlines {
  readonly deletion: number | null
  readonly rotation: number | null
  readonly expiry: number | null
}

/** What a Region has yet to hear. */
export interface Backlog {
  readonly messages: number
  /** When the first of them was said; null where there are none. */
  readonly since: number | null
}

/** A Region that this one trusts. */
export interface StoredPeer {
  readonly region: Region
  readonly publicKey: Buffer
  readonly incarnation: string
}

/** Where a listing goes on, and how long it may be. */
export interface Page {
  readonly after: string | null
  readonly limit: number
}

/** Which of a key's grants a listing is about; null asks for all. */
export interface GrantFilter {
  readonly id: string | null
  /** The unique id of a grantee. */
  readonly grantee: string | null
}

/** What a Region's store knows of grants. */
export interface GrantReads {
  grant(account: string, keyId: string, id: string): Promise<Grant | null>
  /** By ascending id. */
  grants(account: string, keyId: string, filter: GrantFilter, page: Page): Promise<readonly Grant[]>
  /** Every grant on a key to any of these grantees, by their unique ids. */
  grantsTo(account: string, keyId: string, grantees: readonly string[]): Promise<readonly Grant[]>
  /** The grants of that name on a key to one grantee: a name need not be unique. */
  grantsNamed(account: string, keyId: string, grantee: string, name: string): Promise<readonly Grant[]>
  /** On keys of any account, by ascending id. `retiring` is a unique id. */
  retirableGrants(retiring: string, page: Page): Promise<readonly Grant[]>
  countGrants(account: string, keyId: string): Promise<number>
}

/** How grants change. */
export interface GrantWrites {
  putGrant(grant: Grant): Promise<void>
  deleteGrant(grant: Grant): Promise<void>
}

/** What a Region's store knows of the use of keys. */
export interface LastUseReads {
  /** Null where the key was never used, as far as is known. */
  lastUse(account: string, keyId: string): Promise<LastUse | null>
}

/** How that changes. */
export interface LastUseWrites {
  /** Does nothing where the key is no more, or a later use is known. */
  putLastUse(use: KeyUse): Promise<void>
}

/** The parts of a stack by their kinds. */
export interface StackParts {
  readonly resource: StackResource
  readonly event: StackEvent
  readonly 'change-set': ChangeSet
  readonly detection: DriftDetection
}

/** What a Region's store knows of stacks. */
export interface StackReads {
  stack(account: string, id: string): Promise<Stack | null>
  /** The stack of that name that is not deleted; null where there is none. */
  stackNamed(account: string, name: string): Promise<Stack | null>
  /** By ascending id; deleted ones too where `deleted`. */
  stacks(account: string, deleted: boolean, page: Page): Promise<readonly Stack[]>
  /** Says whether there are some that were deleted before a time. */
  hasStacksDeleted(before: number): Promise<boolean>
  /** Those that are not deleted. */
  countStacks(account: string): Promise<number>
  /** The stack of an account that has a part with a unique id. */
  stackOfPart(account: string, kind: keyof StackParts, id: string): Promise<Stack | null>
  /** Those to which something is being done, in any account. */
  busyStacks(): Promise<readonly Pick<Stack, 'account' | 'id'>[]>
  stackPart<Kind extends keyof StackParts>(stackId: string, kind: Kind, id: string): Promise<StackParts[Kind] | null>
  /** By ascending id, or the other way round; all of them where `page` is null. */
  stackParts<Kind extends keyof StackParts>(
    stackId: string,
    kind: Kind,
    page: (Page & { readonly descending?: boolean }) | null,
  ): Promise<readonly StackParts[Kind][]>
  /** By ascending name. */
  exports(account: string, page: Page): Promise<readonly StackLink[]>
  exportNamed(account: string, name: string): Promise<StackLink | null>
  /** By ascending name. */
  linksOf(account: string, stackId: string, kind: StackLink['kind']): Promise<readonly StackLink[]>
  /** Those who import what is exported under a name, by ascending id. */
  importsOf(account: string, name: string): Promise<readonly StackLink[]>
}

/** How stacks change. */
export interface StackWrites {
  putStack(stack: Stack): Promise<void>
  putStackPart<Kind extends keyof StackParts>(
    stackId: string,
    kind: Kind,
    id: string,
    part: StackParts[Kind],
  ): Promise<void>
  deleteStackPart(stackId: string, kind: keyof StackParts, id: string): Promise<void>
  /** Puts these in place of all links of their kind that a stack has. */
  putStackLinks(account: string, stackId: string, kind: StackLink['kind'], links: readonly StackLink[]): Promise<void>
  /** Forgets the stacks that were deleted before a time, with all their parts. */
  forgetStacks(deletedBefore: number): Promise<void>
}

/** What can be asked of one Region's store. */
export interface RegionReads extends CommonReads, GrantReads, LastUseReads, StackReads {
  key(account: string, id: string): Promise<KeyRecord | null>
  /** By ascending id. */
  keys(account: string, page: Page): Promise<readonly KeyRecord[]>
  /** The same, but only the ids: a fraction of what whole keys take. */
  keyIds(account: string, page: Page): Promise<readonly string[]>
  /** Those that AWS manages do not count. */
  countKeys(account: string): Promise<number>
  alias(account: string, name: string): Promise<Alias | null>
  /** By ascending name. */
  aliases(account: string, keyId: string | null, page: Page): Promise<readonly Alias[]>
  /** All of a key, by ascending name. */
  aliasesOf(account: string, keyId: string): Promise<readonly Alias[]>
  countAliases(account: string, keyId: string): Promise<number>
  /** The key that a material belongs to, whether or not its bytes are here. */
  keyOfMaterial(id: MaterialId): Promise<Touched | null>
  /** Those whose bytes are here, by ascending generation. */
  materialsOf(account: string, keyId: string): Promise<readonly StoredMaterial[]>
  tombstone(account: string, keyId: string): Promise<Tombstone | null>
  /** Keys whose deletion or rotation is due at `now`, or that hold an imported material that has expired, by ascending id. */
  dueKeys(now: number, page: Page): Promise<readonly Touched[]>
  /** Says whether any key is to be deleted at some time, or holds imported material that expires. */
  hasDeadlines(): Promise<boolean>
  /** Those of every account, by ascending account and id. */
  keysOfAll(after: Touched | null, limit: number): Promise<readonly KeyRecord[]>
  /** What time brings next. It costs three steps in indexes, however many keys there are. */
  nextDeadlines(): Promise<Deadlines>
  /** Keys with related keys that have not confirmed everything, by ascending id. */
  unsettledKeys(page: Page): Promise<readonly Touched[]>
  /** Keys of which messages are kept, by ascending id. */
  haltedKeys(page: Page): Promise<readonly Touched[]>
  /** Says whether messages are kept of a key. */
  isHalted(account: string, keyId: string): Promise<boolean>
  /** In the order in which they were heard. */
  keptMessages(account: string, keyId: string): Promise<readonly KeptMessage[]>
  outbox(destination: Region, afterSeq: number, limit: number): Promise<readonly OutboxEntry[]>
  /** What was said of one key to `destination` behind `afterSeq`, in that order: the first so many, or the last. */
  said(
    destination: Region,
    key: Touched,
    which: { readonly afterSeq: number; readonly limit: number; readonly last?: boolean },
  ): Promise<readonly SaidEntry[]>
  /** Whom anything was ever said to. */
  addressees(): Promise<readonly Region[]>
  /** The last entry of the stream to `destination`, or null where nothing was ever said. */
  outboxHead(destination: Region): Promise<OutboxEntry | null>
  /** What of the stream to `destination` is behind `afterSeq`; null where nothing was ever said to it. */
  backlog(destination: Region, afterSeq: number): Promise<Backlog | null>
  cursor(source: Region): Promise<Cursor | null>
  peer(region: Region): Promise<StoredPeer | null>
  identity(): Promise<StoredIdentity | null>
  importJob(id: string): Promise<StoredImportJob | null>
  /** Says whether there is a wrapping key that is no longer valid at `now`. */
  hasExpiredImportJob(now: number): Promise<boolean>
}

/** A CloudTrail-shaped record, committed but not known to be in the audit log. */
export interface PendingRecord {
  readonly eventId: string
  readonly text: string
}

/** A pending record by its name. */
export interface PendingEntry {
  readonly eventId: string
  /** Of its text, in bytes. */
  readonly size: number
  /** Its line is not in the audit log before this place. */
  readonly since: LogPlace
}

/** What can be asked of every store. */
export interface CommonReads {
  meta(name: string): Promise<string | null>
  /** What was answered to a call that may be made once only; null where it was not made. */
  receipt(name: string): Promise<string | null>
  /** Records that may not be in the audit log yet, in the order in which they were committed. */
  pendingRecords(limit: number): Promise<readonly PendingEntry[]>
  /** The texts of those that are still pending, in that order. */
  pendingTexts(eventIds: readonly string[]): Promise<readonly string[]>
}

/** That changes are refused: another process holds what they would change. */
export class NotHeldError extends Error {}

/** A transaction that could not be committed, or not be recorded once it was: it may have happened, or may yet. */
export class UncertainChangeError extends Error {}

/** What can be changed in every store. */
export interface CommonWrites {
  readonly putMeta: (name: string, value: string) => Promise<void>
  /** Keeps, with what it has done, what a call that may be made once only has answered. */
  putReceipt(name: string, answer: string): Promise<void>
  /** Forgets the receipts whose names begin so. */
  deleteReceipts(prefix: string): Promise<void>
  /** @param since the end of the audit log now */
  putRecord(record: PendingRecord, since: LogPlace): Promise<void>
  deleteRecords(eventIds: readonly string[]): Promise<void>
}

/** What a transaction can change. */
export interface RegionWrites extends RegionReads, CommonWrites, GrantWrites, LastUseWrites, StackWrites {
  /** What the change is traced as, in W3C's form: it goes with what it says to other Regions, and decides nothing. */
  readonly trace?: string
  putKey(key: KeyRecord, unsettled: boolean): Promise<void>
  deleteKey(account: string, id: string): Promise<void>
  putTombstone(account: string, keyId: string, tombstone: Tombstone): Promise<void>
  putMaterial(material: StoredMaterial): Promise<void>
  /** Remembers whose a material is without its bytes, which are overwritten if they are here. */
  putAbsentMaterial(material: Pick<StoredMaterial, 'id' | 'account' | 'keyId' | 'generation'>): Promise<void>
  deleteMaterial(id: MaterialId): Promise<void>
  putImportJob(job: StoredImportJob): Promise<void>
  /** Deletes the wrapping keys that are no longer valid at `now`. */
  deleteImportJobs(now: number): Promise<void>
  putAlias(alias: Alias): Promise<void>
  deleteAlias(account: string, name: string): Promise<void>
  appendOutbox(destination: Region, entry: OutboxEntry, now: number): Promise<void>
  /** Has `destination` ask after the transaction, as if something had been said to it. */
  wake(destination: Region): void
  /** Forgets what `destination` has followed, up to and including `seq`, if it is older than `before`. */
  pruneOutbox(destination: Region, seq: number, before: number): Promise<void>
  putCursor(cursor: Cursor): Promise<void>
  /** Does nothing where the same is kept already. */
  keepMessage(message: Omit<KeptMessage, 'position'>): Promise<void>
  forgetMessage(message: Pick<KeptMessage, 'account' | 'keyId' | 'position'>): Promise<void>
  putPeer(peer: StoredPeer): Promise<void>
  /** In place of the one that there is. */
  putIdentity(identity: StoredIdentity): Promise<void>
}

/** A key whose cached form is no longer true. */
export interface Touched {
  readonly account: string
  readonly keyId: string
}

/** What a transaction has done that others must hear of. */
export interface RegionCommit {
  readonly touched: readonly Touched[]
  /** To whom something was said, and who is to ask. */
  readonly said: readonly Region[]
  /** The ids of stacks to which something is being done. */
  readonly busy: readonly string[]
}

/** What looks after whole stores asks of each. */
export interface Keepable {
  /** How many changes are on disk. */
  readonly changes: () => number
  /** What is on disk, by a digest of every row that decides. */
  readonly state: () => StateCommitment
  /** Keeps what is known of other stores, by name. It counts as no change. */
  putMarks(marks: ReadonlyMap<string, string>): Promise<void>
}

/** One Region's durable state. There is one store per Region, and no transaction across two. */
export interface RegionStore extends Keepable {
  readonly region: Region
  /** By ascending version; the last one is in use. */
  readonly domainKeys: readonly DomainKey[]
  readonly keyring: StoreKeyring
  readonly reads: RegionReads
  /**
   * Runs `work` in a transaction of its own; it is committed and synced when the promise resolves.
   *
   * @param isSynced false where a fall of the machine may take it, for nobody was told of it: the next transaction that is
   * synced syncs it as well
   */
  transaction<Result>(work: (writes: RegionWrites) => Promise<Result>, isSynced?: boolean): Promise<Result>
  /** Calls `listener` after each commit, before the transaction's promise resolves: a promise that it gives is awaited. */
  onCommit(listener: (commit: RegionCommit) => unknown): void
  close(): Promise<void>
}
