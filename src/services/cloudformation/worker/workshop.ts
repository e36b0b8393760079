import type { Region } from '../../../domain/region.ts'
import type { CallerOrigin } from '../../../domain/session.ts'
import type { Stack, StackResource } from '../../../domain/stack.ts'
import type { Caller } from '../../../kernel/identities/caller.ts'
import type { Call } from '../../../kernel/call.ts'
import type { RegionReads, RegionWrites } from '../../../storage/store.ts'
import { tell, type Happening } from '../events.ts'

/** The services whose operations make resources. */
export type MakingService = 'kms' | 'iam'

/** What the work on the stacks of one Region needs. */
export interface Workshop {
  readonly region: Region
  readonly reads: RegionReads
  transaction<Result>(work: (writes: RegionWrites) => Promise<Result>): Promise<Result>
  now(): number
  random(bytes: number): Uint8Array
  /** Null where the user or role is no more. */
  callerFrom(origin: CallerOrigin): Promise<Caller | null>
  /** Says whether there is a Region of that name here. */
  isServed(region: string): boolean
  /** Whether a Region can be asked from that of the stacks now. */
  isInReach(region: string): boolean
  isReadOnly(service: MakingService, operation: string): Promise<boolean>
  /** Does what any client could ask for. @param receipt of a call that may be made once only */
  invoke(
    service: MakingService,
    operation: string,
    input: Readonly<Record<string, unknown>>,
    call: Call,
    receipt?: string,
  ): Promise<unknown>
  /** The receipts in a store: that of a Region, or `global`. */
  receiptsIn(place: string): Promise<Receipts>
  /** Tells the operator of what should not happen. */
  onFault(error: unknown, what: string): void
  isStopped(): boolean
  /** Waits so many milliseconds, or until the server stops. */
  sleep(milliseconds: number): Promise<void>
}

/** The receipts that one store has. */
export interface Receipts {
  find(name: string): Promise<string | null>
  forget(prefix: string): Promise<void>
}

/** The server stops: what is under way is done again when it has started. */
export class StoppedError extends Error {}

/** What is kept of a step: the stack, a resource of it, and what happened. */
export interface Change {
  readonly stack?: Partial<Stack>
  readonly resource?: StackResource
  readonly events: readonly Happening[]
}

/**
 * Changes a stack in one transaction.
 *
 * @param work is given the stack as it is in that transaction: others may have asked for something meanwhile
 * @returns the stack as it is kept
 */
export async function change(
  shop: Workshop,
  { account, id }: Pick<Stack, 'account' | 'id'>,
  work: (stack: Stack, writes: RegionWrites) => Change | Promise<Change>,
): Promise<Stack> {
  return shop.transaction(async (writes) => {
    const stack = await writes.stack(account, id)
    if (stack === null) throw new Error(`INVARIANT: the stack ${id} is there while it is worked on`)
    const changed = await work(stack, writes)
    if (changed.resource !== undefined) {
      await writes.putStackPart(id, 'resource', changed.resource.logicalId, changed.resource)
    }
    return tell(writes, { ...stack, ...changed.stack }, changed.events, shop.now())
  })
}

/** The resources of a stack by their logical ids. */
export async function resourcesOf(shop: Workshop, { id }: Pick<Stack, 'id'>): Promise<Map<string, StackResource>> {
  const rows = await shop.reads.stackParts(id, 'resource', null)
  return new Map(rows.map((row) => [row.logicalId, row]))
}
