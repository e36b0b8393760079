import type { Region } from '../../../domain/region.ts'
import type { TypeFacts } from '../template/type-facts.ts'
import type { Members } from '../template/value.ts'

/** By which a resource type does its work: operations of other services, asked as the stack's caller. */
export interface Hands {
  readonly account: string
  /** The stack's Region, in which `call` asks unless it is told another. */
  readonly region: Region
  /**
   * Asks for an operation. Inputs and answers have the members and types that AWS's SDKs have (numbers, booleans and
   * lists also for IAM, whose wire has only text; dates in answers may be as the operation gives them).
   *
   * @throws WireError as the operation does
   */
  call(service: 'kms' | 'iam', operation: string, input: Answer, region?: Region): Promise<Answer>
  /**
   * As `call`, for the one operation that makes the resource: its physical id is written down with the change where
   * that is in the same store, and otherwise as soon as it is made.
   */
  make(
    service: 'kms' | 'iam',
    operation: string,
    input: Answer,
    idOf: (answer: Answer) => string,
    region?: Region,
  ): Promise<Answer>
  /**
   * Looks again and again until what it waits for is there.
   *
   * @throws WireError that says what did not come in time
   */
  wait(what: string, isThere: () => Promise<boolean>): Promise<void>
}

export type Answer = Readonly<Record<string, unknown>>

/** One resource of one stack. */
export interface ResourceRequest {
  readonly stackId: string
  readonly stackName: string
  readonly logicalId: string
  /** Resolved and accepted by `acceptProperties`; without unknown values. */
  readonly properties: Members
  /** Of the stack: they are put on what can have tags, behind its own. */
  readonly stackTags: readonly { readonly Key: string; readonly Value: string }[]
  /** What `nameFor` gave, written down before `create`; null where it gave null. */
  readonly name: string | null
}

/** What was made: its physical id, which is also what Ref gives, and its attributes for Fn::GetAtt. */
export interface Made {
  readonly physicalId: string
  readonly attributes: Readonly<Record<string, string>>
}

/**
 * A type of resources, made of calls of operations only.
 *
 * Each call that changes something happens once: after a kill, `create`, `update` or `delete` begins again with the same
 * request, and calls that were done give their old answer. So they ask for the same changes in the same order each time,
 * and never leave one out because something that they have read shows it done.
 */
export interface ResourceType extends TypeFacts {
  /** The name or id that it will have, where that is known before; null where it is not. */
  nameFor(request: Omit<ResourceRequest, 'name'>, random: (bytes: number) => Uint8Array): string | null
  create(hands: Hands, request: ResourceRequest): Promise<Made>
  /**
   * Takes it from `before` to the request's properties; for a rollback, the other way. Attributes that it does not answer
   * stay what they were.
   *
   * Only where `needsReplacement` says no.
   */
  update(hands: Hands, request: ResourceRequest, physicalId: string, before: ResourceRequest): Promise<Made>
  /** Deletes it; what is gone already is fine. */
  delete(hands: Hands, request: ResourceRequest, physicalId: string): Promise<void>
  /** Its properties as they are now, those that can be read; null where it is gone. For drift. */
  read(hands: Hands, request: ResourceRequest, physicalId: string): Promise<Members | null>
}
