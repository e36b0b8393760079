import type { Stack, StackOperation, StackStatus } from '../../../domain/stack.ts'
import { ofStack } from '../events.ts'
import { change, type Workshop } from './workshop.ts'

/** Lets the operation of a stack go on in another way. */
export async function turnTo(shop: Workshop, stack: Stack, status: StackStatus, reason: string | null): Promise<void> {
  await change(shop, stack, (current) => {
    const turned = { ...current, status, statusReason: reason }
    return { stack: turned, events: [ofStack(turned)] }
  })
}

/** Ends the operation of a stack, which stays as it is. */
export async function settleStack(
  shop: Workshop,
  stack: Stack,
  status: StackStatus,
  reason: string | null,
): Promise<void> {
  await forgetReceipts(shop, stack)
  await change(shop, stack, (current) => {
    const settled = { ...current, status, statusReason: reason }
    const isDeleted = status === 'DELETE_COMPLETE'
    return {
      stack: { ...settled, operation: null, ...(isDeleted && { deletedAt: shop.now() }) },
      events: [ofStack(settled)],
    }
  })
}

/** Begins what somebody has asked for in place of what was under way. */
export async function nextOperation(shop: Workshop, stack: Stack, next: StackOperation): Promise<void> {
  await forgetReceipts(shop, stack)
  await change(shop, stack, (current) => {
    const begun: Stack = { ...current, status: 'DELETE_IN_PROGRESS', statusReason: 'User Initiated', operation: next }
    return { stack: begun, events: [ofStack(begun)] }
  })
}

/** Once all steps of an operation are done, what other stores keep for them is of no use any more. */
export async function forgetReceipts(shop: Workshop, { account, id }: Stack): Promise<void> {
  const operation = (await shop.reads.stack(account, id))?.operation ?? null
  if (operation === null) return
  for (const place of operation.stores) await (await shop.receiptsIn(place)).forget(`${operation.id}/`)
}
