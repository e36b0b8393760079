import { randomUUID } from 'node:crypto'
import {
  stackArn,
  type Leftover,
  type MadeResource,
  type ResourceStatus,
  type ResourceStep,
  type StackResource,
} from '../../../domain/stack.ts'
import { WireError } from '../../../kernel/errors.ts'
import { ofResource } from '../events.ts'
import { requestOf, typeNamed, type Site } from './bring.ts'
import { createHands } from './hands.ts'
import { reasonOf } from './reasons.ts'
import { settleStack } from './turns.ts'
import { change, resourcesOf, StoppedError } from './workshop.ts'

/** One thing to delete: what a resource is, or what it has left over. */
interface Item {
  readonly row: StackResource
  readonly made: MadeResource
  /** Undefined for what the resource is. */
  readonly leftover: Leftover | undefined
}

/** Deletes all that a stack has: because it is deleted, or because its creation is undone. */
export async function removeAll(site: Site): Promise<void> {
  const { shop, stack } = site
  const isDeletion = stack.status === 'DELETE_IN_PROGRESS'
  const failed = await removeItems(site)
  if (failed.length > 0 && !site.operation.isForced) {
    const reason = `The following resource(s) failed to delete: [${failed.toSorted().join(', ')}]. `
    await settleStack(shop, stack, isDeletion ? 'DELETE_FAILED' : 'ROLLBACK_FAILED', reason)
    return
  }
  await change(shop, stack, async ({ account, id }, writes) => {
    await writes.putStackLinks(account, id, 'import', [])
    await writes.putStackLinks(account, id, 'export', [])
    return { events: [] }
  })
  await settleStack(shop, stack, isDeletion ? 'DELETE_COMPLETE' : 'ROLLBACK_COMPLETE', null)
}

/** Deletes what an update has made superfluous, and ends it. What cannot be deleted is left behind, and told. */
export async function cleanUp(site: Site): Promise<void> {
  const { shop, stack } = site
  await removeItems(site)
  for (const row of (await resourcesOf(shop, stack)).values()) {
    if (row.made !== null && row.leftovers.length === 0) continue
    await change(shop, stack, async ({ id }, writes) => {
      if (row.made === null) await writes.deleteStackPart(id, 'resource', row.logicalId)
      else await writes.putStackPart(id, 'resource', row.logicalId, { ...row, leftovers: [] })
      return { events: [] }
    })
  }
  const isRollback = stack.status === 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS'
  await settleStack(shop, stack, isRollback ? 'UPDATE_ROLLBACK_COMPLETE' : 'UPDATE_COMPLETE', null)
}

/**
 * Deletes one after another, each before what it depends on.
 *
 * @returns the logical ids of what could not be deleted
 */
async function removeItems(site: Site): Promise<readonly string[]> {
  const { shop, stack } = site
  const isCleanup = stack.status.endsWith('CLEANUP_IN_PROGRESS')
  const failed = new Set<string>()
  for (;;) {
    const rows = [...(await resourcesOf(shop, stack)).values()]
    const items = rows.flatMap((row) => itemsOf(row, isCleanup))
    const open = items.filter(({ row }) => !failed.has(row.logicalId))
    const next = open.find((item) => !isNeeded(item, items)) ?? (isCleanup ? open[0] : undefined)
    if (next === undefined) break
    if (!(await removeOne(site, next, isCleanup))) failed.add(next.row.logicalId)
  }
  return [...failed]
}

function itemsOf(row: StackResource, isCleanup: boolean): readonly Item[] {
  const leftovers = row.leftovers.map((leftover): Item => ({ row, made: leftover, leftover }))
  return isCleanup || row.made === null ? leftovers : [{ row, made: row.made, leftover: undefined }, ...leftovers]
}

function isNeeded({ row }: Item, items: readonly Item[]): boolean {
  return items.some((other) => other.row.logicalId !== row.logicalId && other.made.needs.includes(row.logicalId))
}

/** @returns whether it is gone, or stays by the wish of whoever wrote the template */
async function removeOne(site: Site, item: Item, isCleanup: boolean): Promise<boolean> {
  const { shop, stack, operation } = site
  const { row, made } = item
  if (isRetained(site, item)) {
    await keep(site, item, 'DELETE_SKIPPED', null)
    return true
  }
  const step: ResourceStep = row.step ?? {
    kind: 'DELETE',
    id: randomUUID(),
    startedAt: shop.now(),
    target: made,
    physicalId: made.physicalId,
  }
  const begun: StackResource = { ...row, step }
  if (row.step === null) {
    await change(shop, stack, () => ({
      resource: isCleanup
        ? begun
        : { ...begun, status: 'DELETE_IN_PROGRESS', statusReason: null, updatedAt: shop.now() },
      events: [ofResource({ ...begun, status: 'DELETE_IN_PROGRESS', statusReason: null })],
    }))
  }
  const hands = createHands(shop, stack, operation, { ...step, logicalId: row.logicalId }, async () => {})
  try {
    await typeNamed(made.type).delete(hands, requestOf(stack, row.logicalId, made), made.physicalId)
  } catch (error) {
    if (error instanceof StoppedError) throw error
    if (!(error instanceof WireError)) shop.onFault(error, `${row.logicalId} of ${stackArn(stack)}`)
    await keep(site, { ...item, row: begun }, 'DELETE_FAILED', reasonOf(error, hands.lastCall(), step.id))
    return false
  }
  await keep(site, { ...item, row: begun }, 'DELETE_COMPLETE', null)
  return true
}

/** Keeps what has come of a deletion. */
async function keep(
  { shop, stack, operation }: Site,
  { row, made, leftover }: Item,
  status: ResourceStatus,
  reason: string | null,
): Promise<void> {
  const isCleanup = stack.status.endsWith('CLEANUP_IN_PROGRESS')
  const isGone = status !== 'DELETE_FAILED'
  const told = { ...row, status, statusReason: reason, updatedAt: shop.now() }
  // A cleanup tells of what it deletes, while the resource itself stands as it does.
  const base = isCleanup ? row : told
  const next: StackResource = {
    ...base,
    step: null,
    made: leftover === undefined && isGone ? null : row.made,
    leftovers: isGone || isCleanup ? row.leftovers.filter((each) => each !== leftover) : row.leftovers,
  }
  const event = { ...ofResource(told), physicalId: made.physicalId, properties: made.shown }
  await change(shop, stack, async (_current, writes) => {
    if (row.step !== null) await writes.deleteReceipts(`${operation.id}/${row.step.id}/`)
    return { resource: next, events: [event] }
  })
}

/** Says whether a thing is to stay, and no more be the stack's. */
function isRetained({ stack, operation }: Site, { row, made, leftover }: Item): boolean {
  const byPolicy = made.deletionPolicy !== 'Delete'
  // A rollback keeps what was to be kept, but what was to be kept only once it had come into being.
  const byRollback = made.deletionPolicy === 'Retain' && !operation.retainExceptOnCreate
  switch (leftover?.why) {
    case 'failed':
      return false
    case 'undone':
      return byRollback
    case 'replaced':
      return made.updateReplacePolicy === 'Retain'
    case 'removed':
      return byPolicy
    case undefined:
      if (operation.retain.includes(row.logicalId)) return true
      return stack.status === 'ROLLBACK_IN_PROGRESS' ? byRollback : byPolicy
  }
}
