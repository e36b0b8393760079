import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import {
  stackArn,
  type JsonObject,
  type MadeResource,
  type ResourceStep,
  type Stack,
  type StackOperation,
  type StackResource,
} from '../../../domain/stack.ts'
import { ofResource } from '../events.ts'
import { acceptProperties } from '../template/accept-properties.ts'
import type { Bound, BoundResource } from '../template/bind.ts'
import { isEqual } from '../template/equal.ts'
import { needsReplacement, requireRenamed } from '../template/plan.ts'
import { resolveProperties } from '../template/resolve.ts'
import type { World } from '../template/resolve-value.ts'
import { findType } from '../types/index.ts'
import type { Made, ResourceRequest, ResourceType } from '../types/resource-type.ts'
import { WireError } from '../../../kernel/errors.ts'
import { createHands, type StepHands } from './hands.ts'
import { reasonOf } from './reasons.ts'
import { change, StoppedError, type Change, type Workshop } from './workshop.ts'

/** In place of a value that is not to be echoed. */
const NOT_ECHOED = '****'

/** A step that has failed. */
export interface Failure {
  readonly logicalId: string
  readonly verb: 'create' | 'update' | 'delete'
  readonly reason: string
}

/** What a step is about. */
export interface Site {
  readonly shop: Workshop
  readonly stack: Stack
  readonly operation: StackOperation
}

/**
 * Brings one resource to where the template wants it: makes it, changes it, makes another in its place, or finds that
 * nothing is to be done. A step that a kill has interrupted is done to its end.
 *
 * @returns null where it is there
 */
export async function bring(
  site: Site,
  bound: Bound,
  declared: BoundResource,
  row: StackResource | undefined,
  world: World,
): Promise<Failure | null> {
  const current = row ?? newRow(declared, site.shop.now())
  if (current.step !== null) return carryOut(site, current, current.step)
  let planned: ResourceStep | null
  try {
    planned = planStep(site, bound, declared, current, world)
  } catch (error) {
    return failPlan(site, current, error)
  }
  if (planned === null) {
    await change(site.shop, site.stack, () => ({ resource: settled(current, declared, site.operation), events: [] }))
    return null
  }
  const begun = beginStep(current, planned, site.shop.now())
  await change(site.shop, site.stack, () => ({ resource: begun, events: [ofResource(begun)] }))
  return carryOut(site, begun, planned)
}

function newRow(declared: BoundResource, now: number): StackResource {
  return {
    logicalId: declared.logicalId,
    type: declared.type,
    status: 'CREATE_IN_PROGRESS',
    statusReason: null,
    updatedAt: now,
    description: null,
    metadata: declared.metadata === null ? null : JSON.stringify(declared.metadata),
    made: null,
    stable: null,
    leftovers: [],
    attempted: null,
    step: null,
    settledBy: null,
    drift: null,
  }
}

/** What is to be done; null where nothing is. @throws WireError where that cannot be said or done */
function planStep(
  { stack, shop }: Site,
  bound: Bound,
  declared: BoundResource,
  row: StackResource,
  world: World,
): ResourceStep | null {
  const type = typeNamed(declared.type)
  const { logicalId } = declared
  const properties = acceptProperties(type, logicalId, resolveProperties(bound, logicalId, world)) as JsonObject
  const { tags } = stack.blueprint
  const kind = kindOf(type, properties, row, tags)
  if (kind === null) return null
  if (kind === 'REPLACE' && row.made !== null && row.made.type === type.name) {
    requireRenamed(type, row.made.properties, properties)
  }
  const request = { ...requestOf(stack, logicalId, { properties, tags }), name: null }
  const name = kind === 'UPDATE' ? (row.made?.name ?? null) : type.nameFor(request, (bytes) => shop.random(bytes))
  return {
    kind,
    id: randomUUID(),
    startedAt: shop.now(),
    target: {
      type: type.name,
      name,
      properties,
      shown: shownProperties(bound, logicalId, world),
      tags,
      deletionPolicy: declared.deletionPolicy,
      updateReplacePolicy: declared.updateReplacePolicy,
      needs: declared.needs,
    },
    physicalId: kind === 'UPDATE' ? (row.made?.physicalId ?? null) : null,
  }
}

/** The properties without what is not to be echoed. */
function shownProperties(bound: Bound, logicalId: string, world: World): string {
  const parameters = new Map(bound.parameters)
  for (const [name, { noEcho }] of bound.template.parameters) if (noEcho) parameters.set(name, NOT_ECHOED)
  try {
    return JSON.stringify(resolveProperties({ ...bound, parameters }, logicalId, world))
  } catch (error) {
    // Some functions cannot do with stars what they do with the value.
    if (error instanceof WireError) return '{}'
    throw error
  }
}

function kindOf(
  type: ResourceType,
  properties: JsonObject,
  { made, attempted }: StackResource,
  tags: Stack['blueprint']['tags'],
): 'CREATE' | 'UPDATE' | 'REPLACE' | null {
  if (made === null) return 'CREATE'
  if (made.type !== type.name) return 'REPLACE'
  const hasSameTags = type.tagsProperty === null || isDeepStrictEqual(made.tags, tags)
  if (attempted === null && hasSameTags && isEqual(made.properties, properties)) return null
  return needsReplacement(type, made.properties, properties) ? 'REPLACE' : 'UPDATE'
}

function beginStep(row: StackResource, step: ResourceStep, now: number): StackResource {
  return {
    ...row,
    type: step.target.type,
    status: step.kind === 'CREATE' ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS',
    statusReason:
      step.kind === 'REPLACE'
        ? 'Requested update requires the creation of a new physical resource; hence creating one.'
        : null,
    updatedAt: now,
    stable: row.stable ?? { made: row.made },
    step,
  }
}

/** Does a step that was written down, and keeps what came of it. */
async function carryOut(site: Site, row: StackResource, step: ResourceStep): Promise<Failure | null> {
  const { shop, stack, operation } = site
  const hands = handsFor(site, row, step)
  let made: Made
  try {
    made = await doStep(hands, stack, row, step)
  } catch (error) {
    if (error instanceof StoppedError) throw error
    if (!(error instanceof WireError)) shop.onFault(error, `${row.logicalId} of ${stackArn(stack)}`)
    return fail(site, row, step, error, hands)
  }
  await change(shop, stack, async (_current, writes) => {
    await writes.deleteReceipts(`${operation.id}/${step.id}/`)
    return done(row, step, made, operation, shop.now())
  })
  return null
}

function handsFor(site: Site, row: StackResource, step: ResourceStep): StepHands {
  const { shop, stack, operation } = site
  return createHands(shop, stack, operation, { ...step, logicalId: row.logicalId }, async (physicalId) => {
    if (step.physicalId === physicalId) return
    const initiated: StackResource = {
      ...row,
      statusReason: 'Resource creation Initiated',
      step: { ...step, physicalId },
    }
    await change(shop, stack, () => ({ resource: initiated, events: [ofResource(initiated)] }))
  })
}

/** INVARIANT: the calls that change something follow from the row and the step alone. */
async function doStep(hands: StepHands, stack: Stack, row: StackResource, step: ResourceStep): Promise<Made> {
  const type = typeNamed(step.target.type)
  const request = requestOf(stack, row.logicalId, step.target)
  const { made, attempted } = row
  if (step.kind !== 'UPDATE' || made === null) return type.create(hands, request)
  const before = requestOf(stack, row.logicalId, made)
  // What an update has left half done is put back first: nobody knows how far it came.
  if (attempted !== null) {
    await type.update(hands, before, made.physicalId, requestOf(stack, row.logicalId, attempted))
  }
  return type.update(hands, request, made.physicalId, before)
}

function done(row: StackResource, step: ResourceStep, result: Made, operation: StackOperation, now: number): Change {
  const made: MadeResource = { ...step.target, ...result }
  const isReplaced = row.made !== null && row.made.physicalId !== made.physicalId
  const finished: StackResource = {
    ...row,
    status: step.kind === 'CREATE' ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE',
    statusReason: null,
    updatedAt: now,
    made,
    leftovers: isReplaced && row.made !== null ? [...row.leftovers, { ...row.made, why: 'replaced' }] : row.leftovers,
    attempted: null,
    step: null,
    settledBy: operation.id,
    drift: null,
  }
  return { resource: finished, events: [ofResource(finished)] }
}

async function fail(
  { shop, stack, operation }: Site,
  row: StackResource,
  step: ResourceStep,
  error: unknown,
  hands: StepHands,
): Promise<Failure> {
  const reason = reasonOf(error, hands.lastCall(), step.id)
  const madeId = hands.madeId()
  // Where no call was made there is nothing to put back.
  const isBegun = step.kind === 'UPDATE' && hands.lastCall() !== null
  const failed: StackResource = {
    ...row,
    status: step.kind === 'CREATE' ? 'CREATE_FAILED' : 'UPDATE_FAILED',
    statusReason: reason,
    updatedAt: shop.now(),
    leftovers:
      madeId === null
        ? row.leftovers
        : [...row.leftovers, { ...step.target, physicalId: madeId, attributes: {}, why: 'failed' }],
    attempted: isBegun && row.made !== null ? { ...row.made, ...step.target } : row.attempted,
    step: null,
  }
  await change(shop, stack, async (_current, writes) => {
    await writes.deleteReceipts(`${operation.id}/${step.id}/`)
    return { resource: failed, events: [{ ...ofResource(failed), properties: step.target.shown }] }
  })
  return { logicalId: row.logicalId, verb: step.kind === 'CREATE' ? 'create' : 'update', reason }
}

/** A resource of which not even the properties can be told. */
async function failPlan({ shop, stack }: Site, row: StackResource, error: unknown): Promise<Failure> {
  const reason = reasonOf(error, null, randomUUID())
  const isNew = row.made === null
  const failed: StackResource = {
    ...row,
    status: isNew ? 'CREATE_FAILED' : 'UPDATE_FAILED',
    statusReason: reason,
    updatedAt: shop.now(),
    stable: row.stable ?? { made: row.made },
  }
  await change(shop, stack, () => ({ resource: failed, events: [ofResource(failed)] }))
  return { logicalId: row.logicalId, verb: isNew ? 'create' : 'update', reason }
}

/** What stays as it is may still be asked to be kept, or to be deleted after others. */
function settled(row: StackResource, declared: BoundResource, operation: StackOperation): StackResource {
  const { deletionPolicy, updateReplacePolicy, needs, metadata } = declared
  return {
    ...row,
    made: row.made && { ...row.made, deletionPolicy, updateReplacePolicy, needs },
    stable: row.stable ?? { made: row.made },
    metadata: metadata === null ? null : JSON.stringify(metadata),
    settledBy: operation.id,
  }
}

/** A request about a resource, with these properties. */
export function requestOf(
  stack: Stack,
  logicalId: string,
  { properties, tags, name = null }: Partial<MadeResource> & Pick<MadeResource, 'properties' | 'tags'>,
): ResourceRequest {
  return { stackId: stackArn(stack), stackName: stack.name, logicalId, properties, stackTags: tags, name }
}

/** A type that a template has named. */
export function typeNamed(name: string): ResourceType {
  const type = findType(name)
  if (type === undefined) throw new Error(`INVARIANT: a template that was accepted names types that there are: ${name}`)
  return type
}
