import type { Members, Value } from './value.ts'

/** A template that was read: short forms are long forms, and its shape is checked. Sections are in its own order. */
export interface Template {
  readonly formatVersion: string | null
  readonly description: string | null
  readonly metadata: Value | null
  readonly transforms: readonly string[]
  readonly parameters: ReadonlyMap<string, ParameterDeclaration>
  readonly rules: ReadonlyMap<string, Rule>
  readonly mappings: ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, Value>>>
  readonly conditions: ReadonlyMap<string, Value>
  readonly resources: ReadonlyMap<string, ResourceDeclaration>
  readonly outputs: ReadonlyMap<string, OutputDeclaration>
}

export interface ParameterDeclaration {
  readonly type: string
  readonly defaultValue: string | null
  readonly noEcho: boolean
  readonly description: string | null
  readonly allowedValues: readonly string[] | null
  readonly allowedPattern: string | null
  readonly minLength: number | null
  readonly maxLength: number | null
  readonly minValue: number | null
  readonly maxValue: number | null
  readonly constraintDescription: string | null
}

export interface Rule {
  readonly condition: Value | null
  readonly assertions: readonly { readonly assert: Value; readonly description: string | null }[]
}

export type DeletionPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate'

export interface ResourceDeclaration {
  readonly type: string
  readonly properties: Members
  readonly dependsOn: readonly string[]
  readonly condition: string | null
  readonly deletionPolicy: DeletionPolicy
  readonly updateReplacePolicy: 'Delete' | 'Retain'
  readonly metadata: Value | null
}

export interface OutputDeclaration {
  readonly value: Value
  readonly description: string | null
  readonly exportName: Value | null
  readonly condition: string | null
}
