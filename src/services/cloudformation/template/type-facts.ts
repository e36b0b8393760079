import type { Members } from './value.ts'

/** What a property may be, after AWS's published schemas of resource types. Limits are inclusive. */
export type PropertySchema =
  | { readonly type: 'string'; readonly min?: number; readonly max?: number; readonly pattern?: string }
  | { readonly type: 'string'; readonly enum: readonly string[] }
  | { readonly type: 'integer'; readonly min?: number; readonly max?: number }
  | { readonly type: 'boolean' }
  | { readonly type: 'list'; readonly items: PropertySchema; readonly max?: number; readonly unordered?: boolean }
  | ObjectSchema
  /** A policy document: an object, or its JSON as text. */
  | { readonly type: 'document' }
  /** A property that AWS has and this server has not. */
  | { readonly type: 'refused'; readonly reason: string }

export interface ObjectSchema {
  readonly type: 'object'
  readonly properties: Readonly<Record<string, PropertySchema>>
  readonly required: readonly string[]
}

/** What the template language must know of a resource type. */
export interface TypeFacts {
  /** Such as `AWS::KMS::Key`. */
  readonly name: string
  readonly schema: ObjectSchema
  /** What Fn::GetAtt can ask for. Ref is always the physical id. */
  readonly attributes: readonly string[]
  /** Attributes that are secrets: kept encrypted, and never shown but where an output says so. */
  readonly secrets: readonly string[]
  /** Properties whose change makes the resource anew. */
  readonly createOnly: readonly string[]
  /** Properties that cannot be read back, so that they never drift. */
  readonly writeOnly: readonly string[]
  /** The property that names the resource, where one can. */
  readonly nameProperty: string | null
  /** The property that has its tags, where it has one: stack tags are put there. */
  readonly tagsProperty: string | null
  /** What has to be acknowledged before a resource with these properties is made; null where nothing has. */
  capability(properties: Members): Capability | null
}

export type Capability = 'CAPABILITY_IAM' | 'CAPABILITY_NAMED_IAM' | 'CAPABILITY_AUTO_EXPAND'

/** Finds a resource type by its name; undefined where there is none here. */
export type FindType = (name: string) => TypeFacts | undefined
