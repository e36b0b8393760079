import type { X509Certificate } from 'node:crypto'
import type { z } from 'zod'
import type { Grant } from '../domain/grant.ts'
import type { Region } from '../domain/region.ts'
import type { PageMarkers } from '../storage/page-markers.ts'
import type { Vault } from '../storage/vault.ts'
import type { GlobalReads, GlobalWrites } from '../storage/global-store.ts'
import type { RegionReads, RegionWrites } from '../storage/store.ts'
import type { Authority } from './access/decide.ts'
import type { Need } from './access/need.ts'
import type { Call } from './call.ts'
import type { ErrorKind, PrivateReason, WireError } from './errors.ts'
import type { GlobalHost, SecretBox } from './global-host.ts'
import type { Note } from './journal.ts'
import type { KeySnapshot } from './keys/snapshot.ts'
import type { LastUses } from './keys/last-uses.ts'
import type { PrincipalFate } from './identities/principal-fate.ts'

/** What an operation may look at before it is allowed to do anything. */
export interface Reads {
  /** A key in this Region, as it is now; null where there is none. */
  key(account: string, keyId: string): Promise<KeySnapshot | null> | KeySnapshot | null
  keyByAlias(account: string, aliasName: string): Promise<KeySnapshot | null> | KeySnapshot | null
  keyByMaterial(materialId: string): Promise<KeySnapshot | null> | KeySnapshot | null
  /** The grant of this Region that a token was given for; null where there is none, or none any more. */
  grantByToken(token: string): Promise<Grant | null>
  /** Since when the use of keys is known here, and the last one of each. */
  readonly uses: Pick<LastUses, 'since' | 'lastUse'>
  /** Listings of this Region. */
  readonly listing: RegionReads
  /** The related key in another Region; null where there is none, undefined where the Region is not reachable. */
  keyIn(region: Region, account: string, keyId: string): Promise<KeySnapshot | null | undefined>
  /** How many keys of its own an account has in another Region; undefined where the Region is not reachable. */
  countKeysIn(region: Region, account: string): Promise<number | undefined>
  /** The Regions where keys can be. */
  readonly regions: readonly Region[]
  /** Regions of other places that are named here, and not trusted. */
  readonly strangers: readonly Region[]
  readonly authority: Authority
  /** The unique id behind the ARN of a user, role or session; null where there is no such principal. */
  principalId(arn: string): Promise<string | null>
  /** What became of the user or role that has a unique id. */
  principalFate(id: string): Promise<PrincipalFate>
  /** Why a policy cannot name a principal of which there is no unique id. */
  whyNoPrincipal(principal: string, call: Call): Promise<PrivateReason>
  /** The account of the user or role, or of a session's role, that has a unique id; null where there is none. */
  accountOfPrincipal(id: string): Promise<string | null>
  /** The unique id of a role that lets a service take it on; null where there is none, or it does not. */
  roleTrusting(arn: string, service: string): Promise<string | null>
  /** The certificates of those whom the operator trusts to attest what a recipient runs; it may trust nobody. */
  readonly attestationRoots: readonly X509Certificate[]
}

/** What an operation that is allowed may use besides its facts. */
export interface Powers {
  /** Secret random bytes, off the JavaScript heap. */
  readonly random: (bytes: number) => Buffer
  readonly reads: Reads
  /** By which listings go on. */
  readonly pageMarkers: PageMarkers
}

/** What an operation that changes something may use. All of it happens in one transaction, or not at all. */
export interface WritePowers extends Powers {
  readonly writes: RegionWrites
  readonly vault: Vault
  /** Records what the service does besides what it was asked for. */
  readonly note: Note
}

/** What slow work may use that is done before the transaction begins. */
export interface AheadPowers {
  readonly random: (bytes: number) => Buffer
  /** For what belongs to no Region: a transaction of its own, which stays done if the other fails. */
  readonly global: Pick<GlobalHost, 'journal' | 'home'>
}

/** What one record says besides who, when and where. */
export interface RecordDetails {
  /** Overrides what follows from the input. Null for operations whose parameters AWS does not record. */
  readonly requestParameters?: Readonly<Record<string, unknown>> | null
  readonly responseElements?: Readonly<Record<string, unknown>> | null
  readonly additionalEventData?: Readonly<Record<string, unknown>>
  /** Overrides what the operation is. */
  readonly readOnly?: boolean
  /** The ARNs of the keys and roles that were used. */
  readonly resources: readonly string[]
}

/** What things that belong to no Region can depend on in each. */
export interface RegionalReads {
  /**
   * The first multi-Region keys of an account, up to `limit` in each Region, by Region; without those that have none.
   * Null where a Region cannot be reached.
   */
  multiRegionKeys(account: string, limit: number): Promise<ReadonlyMap<Region, readonly string[]> | null>
}

/** What an operation on things that belong to no Region may use, in one transaction. */
export interface GlobalPowers {
  /** What an account has in the Regions of this process; a key may have come or gone since. */
  readonly regional: RegionalReads
  readonly random: (bytes: number) => Buffer
  readonly reads: GlobalReads
  readonly writes: GlobalWrites
  readonly secrets: SecretBox
}

type GlobalReadPowers = Pick<GlobalPowers, 'random' | 'reads' | 'regional'>

interface Shape<Input, Found, Output, World> {
  readonly name: string
  /** Whether it is about things of the Region that is asked, or of none. */
  readonly scope: 'region' | 'global'
  readonly errors: readonly ErrorKind[]
  readonly input: z.ZodType<Input>
  /** Finds what the request names. It can look, and nothing else. */
  load(input: Input, call: Call, reads: World): Found | Promise<Found>
  /** The permissions that the operation needs, from nothing but what was asked and what was found. */
  requires(input: Input, found: Found, call: Call): readonly Need[]
  /** What `load` has found to refuse and leaves to `run`, lest it tells more than permissions let. */
  deferred?(found: Found): WireError | null
  /** What the record of the call says; found and output are null where it did not get that far. */
  record(input: Input, found: Found | null, output: Output | null, call: Call): RecordDetails
}

/** How something comes into being when it is first looked at. */
interface FirstUse<Found, Able> {
  isDue(found: Found): boolean
  /** Runs in a transaction, and only where it is still due there: of two who look at once, one makes it. */
  make(found: Found, call: Call, powers: Able): Promise<Found>
}

/** An operation that changes nothing. */
export interface ReadOperation<Input, Found, Output, World = Reads, Able = Powers, Making = WritePowers> extends Shape<
  Input,
  Found,
  Output,
  World
> {
  readonly readOnly: true
  /** Whether it uses the keys that its record names: that is remembered as their last use. */
  readonly cryptographic?: boolean
  /** Makes what comes into being when it is first looked at, where `load` says that it is not there yet. */
  readonly firstUse?: FirstUse<Found, Making>
  run(input: Input, found: Found, call: Call, powers: Able): Output | Promise<Output>
}

/** An operation that changes something. */
export interface WriteOperation<
  Input,
  Found,
  Output,
  World = Reads,
  Able = WritePowers,
  Ready = undefined,
> extends Shape<Input, Found, Output, World> {
  readonly readOnly: false
  /** Whether `load` looks into other Regions: they are asked before the transaction, and judged as they were then. */
  readonly looksElsewhere?: boolean
  /** Slow work that needs no transaction. It is done before one begins, and only for a caller who is allowed. */
  ahead?(input: Input, found: Found, call: Call, powers: AheadPowers): Promise<Ready>
  /** @param ready what `ahead` has made */
  run(input: Input, found: Found, call: Call, powers: Able, ready: Ready): Promise<Output>
}

/** Defines an operation in a Region that changes nothing. */
export function readOperation<Input, Found, Output>(
  definition: Omit<ReadOperation<Input, Found, Output>, 'readOnly' | 'scope'>,
): ReadOperation<Input, Found, Output> {
  return { ...definition, scope: 'region', readOnly: true }
}

/** Defines an operation in a Region that changes something. */
export function writeOperation<Input, Found, Output, Ready = undefined>(
  definition: Omit<WriteOperation<Input, Found, Output, Reads, WritePowers, Ready>, 'readOnly' | 'scope'>,
): WriteOperation<Input, Found, Output, Reads, WritePowers, Ready> {
  return { ...definition, scope: 'region', readOnly: false }
}

/** Defines an operation on things that belong to no Region, which changes nothing. */
export function globalReadOperation<Input, Found, Output>(
  definition: Omit<ReadOperation<Input, Found, Output, GlobalReads, GlobalReadPowers>, 'readOnly' | 'scope'>,
): ReadOperation<Input, Found, Output, GlobalReads, GlobalReadPowers> {
  return { ...definition, scope: 'global', readOnly: true }
}

/** Defines an operation on things that belong to no Region, which changes something. */
export function globalWriteOperation<Input, Found, Output>(
  definition: Omit<WriteOperation<Input, Found, Output, GlobalReads, GlobalPowers>, 'readOnly' | 'scope'>,
): WriteOperation<Input, Found, Output, GlobalReads, GlobalPowers> {
  return { ...definition, scope: 'global', readOnly: false }
}

/** An operation of a service, whatever its types are. */
export type Operation =
  // oxlint-disable-next-line typescript/no-explicit-any -- the types belong to each operation and meet only inside it
  ReadOperation<any, any, any, any, any, any> | WriteOperation<any, any, any, any, any, any>
