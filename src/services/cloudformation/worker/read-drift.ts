import { randomUUID } from 'node:crypto'
import type { JsonObject, ResourceDrift, Stack, StackResource } from '../../../domain/stack.ts'
import { WireError } from '../../../kernel/errors.ts'
import type { Call } from '../../../kernel/call.ts'
import { newOperation } from '../begin.ts'
import type { DriftFound } from '../drift.ts'
import { compareProperties } from '../template/drift.ts'
import { requestOf, typeNamed } from './bring.ts'
import { createHands } from './hands.ts'
import { resourcesOf, type Workshop } from './workshop.ts'

/** Reads the resources of a stack as they are now, and compares them with what the stack says of them. */
export async function readDrift(
  shop: Workshop,
  call: Call,
  stack: Stack,
  logicalIds: readonly string[] | null,
): Promise<DriftFound> {
  const drifts = new Map<string, ResourceDrift>()
  for (const row of (await resourcesOf(shop, stack)).values()) {
    if (row.made === null || (logicalIds !== null && !logicalIds.includes(row.logicalId))) continue
    try {
      drifts.set(row.logicalId, await compare(shop, call, stack, row))
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      return { drifts, failure: `Failed to detect drift on resource [${row.logicalId}]. ${error.message}` }
    }
  }
  return { drifts, failure: null }
}

async function compare(shop: Workshop, call: Call, stack: Stack, row: StackResource): Promise<ResourceDrift> {
  const { made, logicalId } = row
  if (made === null) throw new Error('INVARIANT: what is compared was made')
  const type = typeNamed(made.type)
  const operation = newOperation('UPDATE', call.caller.origin, {}, call.now)
  const { physicalId, ...target } = made
  const step = { kind: 'UPDATE', id: randomUUID(), startedAt: call.now, target, physicalId, logicalId } as const
  const hands = createHands(shop, stack, operation, step, async () => {})
  const actual = (await type.read(hands, requestOf(stack, logicalId, made), physicalId)) as JsonObject | null
  if (actual === null) return { status: 'DELETED', checkedAt: call.now, actual: null, differences: [] }
  const differences = compareProperties(type, made.properties, actual)
  return { status: differences.length > 0 ? 'MODIFIED' : 'IN_SYNC', checkedAt: call.now, actual, differences }
}
