import { randomUUID } from 'node:crypto'
import { stackArn, type Stack, type StackEvent, type StackResource } from '../../domain/stack.ts'
import type { RegionWrites } from '../../storage/store.ts'

/** What happened, beside when and to which stack. */
export type Happening = Omit<StackEvent, 'id' | 'at' | 'token'>

/**
 * Keeps events of a stack, and the stack with their count.
 *
 * @returns the stack as it is kept
 */
export async function tell(
  writes: RegionWrites,
  stack: Stack,
  happenings: readonly Happening[],
  now: number,
): Promise<Stack> {
  let { events } = stack
  for (const happening of happenings) {
    events += 1
    const isOfStack = happening.type === STACK_TYPE
    const id = isOfStack ? randomUUID() : `${happening.logicalId}-${happening.status}-${new Date(now).toISOString()}`
    const event: StackEvent = { ...happening, id, at: now, token: stack.lastRequest.token }
    await writes.putStackPart(stack.id, 'event', String(events).padStart(EVENT_DIGITS, '0'), event)
  }
  const told = { ...stack, events }
  await writes.putStack(told)
  return told
}

export const STACK_TYPE = 'AWS::CloudFormation::Stack'
/** The names of events sort as they came. */
export const EVENT_DIGITS = 12

/** That a stack has another status. */
export function ofStack(stack: Stack): Happening {
  return {
    logicalId: stack.name,
    physicalId: stackArn(stack),
    type: STACK_TYPE,
    status: stack.status,
    reason: stack.statusReason,
    properties: null,
  }
}

/** That a resource has another status. */
export function ofResource({ logicalId, type, status, statusReason, made, step }: StackResource): Happening {
  return {
    logicalId,
    physicalId: step?.physicalId ?? made?.physicalId ?? '',
    type,
    status,
    reason: statusReason,
    properties: step?.target.shown ?? made?.shown ?? null,
  }
}
