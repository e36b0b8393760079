import type { Stack, StackOutput, StackResource } from '../../../domain/stack.ts'
import { WireError } from '../../../kernel/errors.ts'
import type { RegionWrites } from '../../../storage/store.ts'
import { draftOfBlueprint, type Draft } from '../draft.ts'
import { ofStack } from '../events.ts'
import { resolveOutputs } from '../template/resolve.ts'
import type { World } from '../template/resolve-value.ts'
import { bring, type Failure, type Site } from './bring.ts'
import { importLinks, keepExports, resolveImports } from './links.ts'
import { forgetReceipts, nextOperation, settleStack, turnTo } from './turns.ts'
import { change, resourcesOf } from './workshop.ts'

/** Makes and changes what the template asks for, one resource after what it depends on. */
export async function make(site: Site): Promise<void> {
  const { shop, stack } = site
  const draft = draftOfBlueprint(stack.blueprint, stack)
  const { bound } = draft
  let imports: ReadonlyMap<string, string>
  try {
    imports = await keepImports(site, draft)
  } catch (error) {
    return giveUp(site, null, error)
  }
  const rows = await resourcesOf(shop, stack)
  for (const declared of bound.resources.values()) {
    if (await isTurned(site)) return
    const row = rows.get(declared.logicalId)
    if (row?.settledBy === site.operation.id) continue
    const failure = await bring(site, bound, declared, row, worldOf(rows, imports))
    if (failure !== null) return (await isTurned(site)) ? undefined : giveUp(site, failure, null)
    const brought = await shop.reads.stackPart(stack.id, 'resource', declared.logicalId)
    if (brought !== null) rows.set(declared.logicalId, brought)
  }
  if (await isTurned(site)) return
  try {
    await complete(site, draft, rows, worldOf(rows, imports))
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    await giveUp(site, null, error)
  }
}

/** What there is to refer to. */
function worldOf(rows: ReadonlyMap<string, StackResource>, imports: ReadonlyMap<string, string>): World {
  const made = [...rows.values()].flatMap((row) => (row.made === null ? [] : [[row.logicalId, row.made] as const]))
  return { made: new Map(made), imports }
}

/** From now on nobody can take away what the stack imports. */
async function keepImports({ shop, stack }: Site, { bound }: Draft): Promise<ReadonlyMap<string, string>> {
  let imports: ReadonlyMap<string, string> = new Map()
  await change(shop, stack, async (current, writes) => {
    imports = await resolveImports(current, bound.imports, writes)
    await writes.putStackLinks(current.account, current.id, 'import', importLinks(current, bound.imports))
    return { events: [] }
  })
  return imports
}

/**
 * Does what somebody has asked for meanwhile, or what time has brought.
 *
 * @returns whether the operation goes another way
 */
async function isTurned(site: Site): Promise<boolean> {
  const { shop, stack } = site
  const current = (await shop.reads.stack(stack.account, stack.id)) ?? stack
  const { operation } = current
  if (operation?.next !== null && operation?.next !== undefined) {
    await nextOperation(shop, current, operation.next)
    return true
  }
  if (operation?.isCancelled === true) {
    await turnTo(shop, current, 'UPDATE_ROLLBACK_IN_PROGRESS', 'Update cancelled by user.')
    return true
  }
  if (operation === null || operation.timeoutAt === null || shop.now() < operation.timeoutAt) return false
  await fall(site, 'Stack creation time exceeded the specified timeout.')
  return true
}

/** Ends the making of a stack that cannot be made. */
async function giveUp(site: Site, failure: Failure | null, error: unknown): Promise<void> {
  if (failure === null && !(error instanceof WireError)) throw error
  const reason =
    failure === null
      ? (error as WireError).message
      : `The following resource(s) failed to ${failure.verb}: [${failure.logicalId}].`
  await fall(site, reason)
}

/** Undoes what was made, or leaves it as it is, as whoever has asked for the operation wants it. */
async function fall({ shop, stack, operation }: Site, reason: string): Promise<void> {
  const isCreation = operation.kind === 'CREATE'
  if (operation.onFailure === 'DO_NOTHING') {
    await settleStack(shop, stack, isCreation ? 'CREATE_FAILED' : 'UPDATE_FAILED', `${reason} `)
  } else if (!isCreation && stack.stable !== null) {
    await turnTo(shop, stack, 'UPDATE_ROLLBACK_IN_PROGRESS', `${reason} `)
  } else if (operation.onFailure === 'DELETE') {
    await turnTo(shop, stack, 'DELETE_IN_PROGRESS', `${reason} Delete requested by user.`)
  } else {
    await turnTo(shop, stack, 'ROLLBACK_IN_PROGRESS', `${reason} Rollback requested by user.`)
  }
}

/**
 * Keeps what the stack gives out, and sets aside what it has no more.
 *
 * @throws WireError where an output cannot be told, or an export collides with another or is in use
 */
async function complete(
  { shop, stack, operation }: Site,
  { bound, template, blueprint }: Draft,
  rows: ReadonlyMap<string, StackResource>,
  world: World,
): Promise<void> {
  const outputs: readonly StackOutput[] = resolveOutputs(bound, world)
  const declared = new Set(bound.resources.keys())
  const isCreation = operation.kind === 'CREATE'
  if (isCreation) await forgetReceipts(shop, stack)
  await change(shop, stack, async (current, writes) => {
    await keepExports(current, outputs, writes)
    await setAside(stack, rows, declared, writes)
    const completed: Stack = {
      ...current,
      status: isCreation ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      statusReason: null,
      description: template.description,
      stable: blueprint,
      outputs,
      drift: { status: 'NOT_CHECKED', checkedAt: null },
      operation: isCreation ? null : current.operation,
    }
    return { stack: completed, events: [ofStack(completed)] }
  })
}

/** From here on there is no way back: what is set aside is deleted by the cleanup. */
async function setAside(
  { id }: Stack,
  rows: ReadonlyMap<string, StackResource>,
  declared: ReadonlySet<string>,
  writes: RegionWrites,
): Promise<void> {
  for (const row of rows.values()) {
    const isKept = declared.has(row.logicalId)
    const removed = isKept || row.made === null ? [] : [{ ...row.made, why: 'removed' as const }]
    const next: StackResource = {
      ...row,
      made: isKept ? row.made : null,
      stable: null,
      leftovers: [...row.leftovers, ...removed],
    }
    await writes.putStackPart(id, 'resource', row.logicalId, next)
  }
}
