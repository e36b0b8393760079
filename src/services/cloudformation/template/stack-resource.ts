import type { Members } from './value.ts'

/** A resource that a stack has. */
export interface StackResource {
  readonly type: string
  readonly physicalId: string
  readonly attributes: Readonly<Record<string, string>>
  /** As they were accepted when it was made or last updated. */
  readonly properties: Members
}
