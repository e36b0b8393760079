import type { z } from 'zod'
import type { Region } from '../domain/region.ts'
import type { Vault } from '../storage/vault.ts'
import type { RegionReads, RegionWrites } from '../storage/store.ts'
import type { Caller } from './caller.ts'
import type { ErrorKind } from './errors.ts'
import type { KeySnapshot } from './key-snapshot.ts'

/** The facts of one request. */
export interface Call {
  readonly requestId: string
  /** The server's clock, in epoch milliseconds. */
  readonly now: number
  readonly region: Region
  readonly caller: Caller
  readonly sourceIp: string
  readonly userAgent: string
  /** Whether it came over TLS. */
  readonly secure: boolean
}

/** What an operation may look at before it is allowed to do anything. */
export interface Reads {
  /** A key in this Region, as it is now; null where there is none. */
  key(account: string, keyId: string): Promise<KeySnapshot | null> | KeySnapshot | null
  keyByAlias(account: string, aliasName: string): Promise<KeySnapshot | null> | KeySnapshot | null
  keyByMaterial(materialId: string): Promise<KeySnapshot | null> | KeySnapshot | null
  /** Listings of this Region. */
  readonly listing: RegionReads
  /** The related key in another Region; null where there is none, undefined where the Region is not reachable. */
  keyIn(region: Region, account: string, keyId: string): Promise<KeySnapshot | null | undefined>
  /** The Regions where keys can be. */
  readonly regions: readonly Region[]
}

/** What an operation that is allowed may use besides its facts. */
export interface Powers {
  /** Secret random bytes, off the JavaScript heap. */
  readonly random: (bytes: number) => Buffer
  readonly reads: Reads
}

/** What an operation that changes something may use. All of it happens in one transaction, or not at all. */
export interface WritePowers extends Powers {
  readonly writes: RegionWrites
  readonly vault: Vault
}

/** What a permission on a key depends on. */
export type KeyFacts = Pick<KeySnapshot, 'record' | 'arn' | 'aliases' | 'policy'>

/** One permission that an operation needs. */
export interface Need {
  readonly action: string
  /** A key, an alias ARN or `*`. */
  readonly on: KeyFacts | string
  readonly region: Region
  /** Condition keys of this question besides those that follow from the key, the caller and the request. */
  readonly context: Readonly<Record<string, string | readonly string[]>>
  /** Whether a refusal names the key, or only the ciphertext that led to it. */
  readonly foundBy: 'name' | 'ciphertext'
}

/** A permission that the operation needs, on a key, an alias or everything (`*`). */
export function need(
  action: string,
  on: KeyFacts | string,
  region: Region,
  context: Need['context'] = {},
  foundBy: Need['foundBy'] = 'name',
): Need {
  return { action, on, region, context, foundBy }
}

/** What one record says besides who, when and where. */
export interface RecordDetails {
  /** Overrides what follows from the input. Null for operations whose parameters AWS does not record. */
  readonly requestParameters?: Readonly<Record<string, unknown>> | null
  readonly responseElements?: Readonly<Record<string, unknown>> | null
  /** The ARNs of the keys that were used. */
  readonly resources: readonly string[]
}

interface Shape<Input, Found> {
  readonly name: string
  readonly errors: readonly ErrorKind[]
  readonly input: z.ZodType<Input>
  /** Finds what the request names. It can look, and nothing else. */
  load(input: Input, call: Call, reads: Reads): Found | Promise<Found>
  /** The permissions that the operation needs, from nothing but what was asked and what was found. */
  requires(input: Input, found: Found, call: Call): readonly Need[]
}

interface Recorded<Input, Found, Output> {
  record(input: Input, found: Found | null, output: Output | null): RecordDetails
}

/** An operation that changes nothing. */
export interface ReadOperation<Input, Found, Output> extends Shape<Input, Found>, Recorded<Input, Found, Output> {
  readonly readOnly: true
  run(input: Input, found: Found, call: Call, powers: Powers): Output | Promise<Output>
}

/** An operation that changes something. */
export interface WriteOperation<Input, Found, Output> extends Shape<Input, Found>, Recorded<Input, Found, Output> {
  readonly readOnly: false
  run(input: Input, found: Found, call: Call, powers: WritePowers): Promise<Output>
}

/** Defines an operation that changes nothing. */
export function readOperation<Input, Found, Output>(
  definition: Omit<ReadOperation<Input, Found, Output>, 'readOnly'>,
): ReadOperation<Input, Found, Output> {
  return { ...definition, readOnly: true }
}

/** Defines an operation that changes something. */
export function writeOperation<Input, Found, Output>(
  definition: Omit<WriteOperation<Input, Found, Output>, 'readOnly'>,
): WriteOperation<Input, Found, Output> {
  return { ...definition, readOnly: false }
}

/** An operation of a service, whatever its types are. */
// oxlint-disable-next-line typescript/no-explicit-any -- the types belong to each operation and meet only inside it
export type Operation = ReadOperation<any, any, any> | WriteOperation<any, any, any>
