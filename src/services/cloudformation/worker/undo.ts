import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { stackArn, type Leftover, type ResourceStep, type Stack, type StackResource } from '../../../domain/stack.ts'
import { WireError } from '../../../kernel/errors.ts'
import { draftOfBlueprint } from '../draft.ts'
import { ofResource, ofStack } from '../events.ts'
import { isEqual } from '../template/equal.ts'
import { requestOf, typeNamed, type Site } from './bring.ts'
import { createHands } from './hands.ts'
import { importLinks } from './links.ts'
import { reasonOf } from './reasons.ts'
import { settleStack } from './turns.ts'
import { change, resourcesOf, StoppedError } from './workshop.ts'

/** Puts a stack back to what it was when all was well the last time. What was made since is left to the cleanup. */
export async function undo(site: Site): Promise<void> {
  const { shop, stack, operation } = site
  const { stable } = stack
  if (stable === null) throw new Error('INVARIANT: only a stack that was well once is put back')
  const { bound } = draftOfBlueprint(stable, stack)
  const order = [...bound.resources.keys()]
  const rows = await resourcesOf(shop, stack)
  const rest = [...rows.keys()].filter((logicalId) => !order.includes(logicalId))
  const failed: string[] = []
  for (const logicalId of [...order, ...rest]) {
    const row = rows.get(logicalId)
    if (row === undefined || row.stable === null) continue
    if (!(await putBack(site, row, operation.skip.includes(logicalId)))) failed.push(logicalId)
  }
  if (failed.length > 0) {
    const reason = `The following resource(s) failed to update: [${failed.join(', ')}]. `
    await settleStack(shop, stack, 'UPDATE_ROLLBACK_FAILED', reason)
    return
  }
  await change(shop, stack, async (current, writes) => {
    await writes.putStackLinks(current.account, current.id, 'import', importLinks(current, bound.imports))
    const undone: Stack = {
      ...current,
      blueprint: stable,
      status: 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      statusReason: null,
    }
    return { stack: undone, events: [ofStack(undone)] }
  })
}

/** @returns whether the resource is what it was */
async function putBack(site: Site, row: StackResource, isSkipped: boolean): Promise<boolean> {
  const { shop, stack } = site
  const before = row.stable?.made ?? null
  if (row.step === null && !isChanged(row)) {
    const hasFailed = row.status === 'UPDATE_FAILED'
    const told: Partial<StackResource> = hasFailed ? { status: 'UPDATE_COMPLETE', statusReason: null } : {}
    const back = { ...row, ...told, made: before, stable: null, attempted: null }
    await change(shop, stack, () => ({ resource: back, events: hasFailed ? [ofResource(back)] : [] }))
    return true
  }
  const isInPlace = before !== null && row.made?.physicalId === before.physicalId
  if (isInPlace && !isSkipped) return updateBack(site, row)
  const back: StackResource = {
    ...row,
    status: before === null ? row.status : 'UPDATE_COMPLETE',
    statusReason: null,
    updatedAt: shop.now(),
    made: before,
    stable: null,
    attempted: null,
    step: null,
    leftovers: leftoversOf(row),
  }
  await change(shop, stack, () => ({ resource: back, events: before === null ? [] : [ofResource(back)] }))
  return true
}

/** Says whether there is anything to do for a resource, or to tell of it. */
function isChanged({ made, stable, attempted, leftovers }: StackResource): boolean {
  const before = stable?.made ?? null
  if (attempted !== null || leftovers.length > 0) return true
  if (made === null || before === null) return made !== before
  return !(
    made.physicalId === before.physicalId &&
    isEqual(made.properties, before.properties) &&
    isDeepStrictEqual(made.tags, before.tags)
  )
}

/** What was made in place of the old one goes, and the old one stays. */
function leftoversOf({ made, stable, leftovers }: StackResource): readonly Leftover[] {
  const before = stable?.made ?? null
  const others = leftovers.filter(({ physicalId }) => physicalId !== before?.physicalId)
  const isNew = made !== null && made.physicalId !== before?.physicalId
  const old = others.map((each): Leftover => (each.why === 'failed' ? each : { ...each, why: 'undone' }))
  return isNew ? [...old, { ...made, why: 'undone' }] : old
}

async function updateBack(site: Site, row: StackResource): Promise<boolean> {
  const { shop, stack, operation } = site
  const before = row.stable?.made
  const { made } = row
  if (before === null || before === undefined || made === null) throw new Error('INVARIANT: it is there, and was')
  const step: ResourceStep = row.step ?? {
    kind: 'UNDO',
    id: randomUUID(),
    startedAt: shop.now(),
    target: before,
    physicalId: before.physicalId,
  }
  const begun: StackResource = { ...row, status: 'UPDATE_IN_PROGRESS', statusReason: null, updatedAt: shop.now(), step }
  if (row.step === null) await change(shop, stack, () => ({ resource: begun, events: [ofResource(begun)] }))
  const hands = createHands(shop, stack, operation, { ...step, logicalId: row.logicalId }, async () => {})
  try {
    const type = typeNamed(before.type)
    const [from, to] = [row.attempted ?? made, before].map((each) => requestOf(stack, row.logicalId, each))
    if (from !== undefined && to !== undefined) await type.update(hands, to, before.physicalId, from)
  } catch (error) {
    if (error instanceof StoppedError) throw error
    if (!(error instanceof WireError)) shop.onFault(error, `${row.logicalId} of ${stackArn(stack)}`)
    const reason = reasonOf(error, hands.lastCall(), step.id)
    const failed: StackResource = { ...begun, status: 'UPDATE_FAILED', statusReason: reason, step: null }
    await change(shop, stack, () => ({ resource: failed, events: [ofResource(failed)] }))
    return false
  }
  const back: StackResource = {
    ...begun,
    status: 'UPDATE_COMPLETE',
    updatedAt: shop.now(),
    made: before,
    stable: null,
    attempted: null,
    step: null,
    leftovers: leftoversOf(row),
  }
  await change(shop, stack, async (_current, writes) => {
    await writes.deleteReceipts(`${operation.id}/${step.id}/`)
    return { resource: back, events: [ofResource(back)] }
  })
  return true
}
