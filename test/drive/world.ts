import type { KMSClient } from '@aws-sdk/client-kms'
import type { Credentials } from './client.ts'
import type { House } from './house.ts'
import type { Visitor } from './visitors.ts'

/** What a Region was told to do with its key; undefined where an answer did not come, so that either may be true. */
export interface Told {
  enabled: boolean | undefined
  scheduled: boolean | undefined
}

/** What the driver knows of a key: what it was answered, and no more. */
export interface DrivenKey {
  readonly id: string
  readonly external: boolean
  /** Where the primary was last. */
  primary: number
  /** By Region; a Region that has none was never asked to have the key. */
  readonly told: Map<number, Told>
  /** Rotations on demand that were answered, and those of which nobody knows. */
  rotations: number
  maybeRotations: number
  /** One may be under way: another that is asked for meanwhile is the same. */
  isRotating: boolean
  /** How often it was asked to change. */
  changes: number
}

/** A ciphertext that was answered. */
export interface Sealed {
  readonly key: number
  readonly plaintext: string
  readonly blob: Uint8Array
}

/** Something that must never be. */
export class Violation extends Error {}

/** Servers and all that is known of them from outside. */
export interface World {
  readonly house: House
  readonly regions: readonly string[]
  credentials: Credentials
  clients: readonly KMSClient[]
  /** By the order in which they were asked for; null where that was not answered. */
  readonly keys: (DrivenKey | null)[]
  readonly sealed: Sealed[]
  /** The request ids of all changes that were answered. */
  readonly answered: Set<string>
  /** The server's clock against the real one, in milliseconds. */
  offset: number
  /** Regions that were put back, and may not know yet what others have of their keys. */
  readonly putBack: Set<number>
  /** Regions that were destroyed, and are away. */
  readonly lost: Set<number>
  /** Whoever has been given an access key, and how many were to be given one. */
  readonly visitors: Visitor[]
  admitted: number
  /** Whether the home of accounts was put back, and others may know what it does not. */
  isHomeOld: boolean
  /** What was asked of processes that were held, and is not answered yet. */
  readonly late: Set<Promise<void>>
  /** What they have answered, and must never have. */
  broken: Violation | null
  /** Until when, by the monotonic clock, one Region may not reach another because of what was killed. */
  restlessUntil: number
  readonly figures: Figures
}

/** Counts of what has happened, by kind and outcome. */
export interface Figures {
  readonly outcomes: Map<string, Map<string, number>>
  kills: number
  restores: number
  losses: number
  pauses: number
  settled: number
  checks: number
}

export function count({ outcomes }: Figures, kind: string, outcome: string): void {
  const of = outcomes.get(kind) ?? new Map<string, number>()
  outcomes.set(kind, of.set(outcome, (of.get(outcome) ?? 0) + 1))
}

export function clientAt({ clients }: World, region: number): KMSClient {
  const client = clients[region]
  if (client === undefined) throw new Error(`There is no Region ${region}.`)
  return client
}

export function toldIn(key: DrivenKey, region: number): Told {
  const known = key.told.get(region)
  if (known !== undefined) return known
  const told: Told = { enabled: true, scheduled: false }
  key.told.set(region, told)
  return told
}
