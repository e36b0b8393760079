import { keyArn } from './arn.ts'
import type { KeyOrigin, KeySpec, KeyUsage } from './key-spec.ts'
import type { Material, MaterialId, RotationSchedule } from './material-id.ts'
import type { Family } from './multi-region.ts'
import type { Region } from './region.ts'
import type { Tag } from './tags.ts'

/** What one Region holds of the imported materials of a key. Each Region imports for itself. */
export interface Imports {
  /** Counts the changes of `held`, so that what is heard late is recognized. */
  readonly revision: number
  /** When each material that is here is deleted; null for one that stays. */
  readonly held: Readonly<Record<MaterialId, { readonly expiresAt: number | null }>>
}

/** A deletion that has been asked for. */
export interface Deletion {
  readonly windowDays: number
  /** Null while a multi-Region primary waits for its last replica to be deleted. */
  readonly at: number | null
  /** When it was asked for; absent where an older release was asked. */
  readonly since?: number
}

/** Everything that is known of a KMS key in one Region, but for its material's bytes, aliases and grants. */
export interface KeyRecord {
  readonly account: string
  readonly region: Region
  readonly id: string
  readonly createdAt: number
  readonly description: string
  /** The key policy's text as it was given. */
  readonly policy: string
  /** The unique ids of the principals that the policy names, by their ARNs. */
  readonly principals: Readonly<Record<string, string>>
  readonly tags: readonly Tag[]
  readonly spec: KeySpec
  readonly usage: KeyUsage
  readonly origin: KeyOrigin
  readonly enabled: boolean
  readonly deletion: Deletion | null
  /** By ascending generation. */
  readonly materials: readonly Material[]
  /** The material that encrypts; null until the first one has arrived. */
  readonly current: MaterialId | null
  /** Absent where the origin is AWS_KMS: such a key holds all of its materials at all times. */
  readonly imports?: Imports
  /** Null where automatic rotation is off. */
  readonly rotation: RotationSchedule | null
  /** How many on-demand rotations were ever asked for: AWS allows 25 in a key's life. */
  readonly onDemandRotations: number
  /** Null for a single-Region key. */
  readonly family: Family | null
  /** The service for which AWS manages the key; absent of a customer's own. */
  readonly service?: string
}

/** The ARN of a key in its own Region. */
export function arnOf(key: KeyRecord): string {
  return keyArn(key.region, key.account, key.id)
}

/** The generation in use: 0 where no material has arrived. */
export function currentGeneration(key: Pick<KeyRecord, 'current' | 'materials'>): number {
  return key.materials.find((material) => material.id === key.current)?.generation ?? 0
}

/** The material that waits for every related key to hold it before any of them uses it; null where none waits. */
export function stagedMaterial(key: Pick<KeyRecord, 'current' | 'materials'>): Material | null {
  const last = key.materials.at(-1)
  return last !== undefined && last.generation > currentGeneration(key) ? last : null
}
