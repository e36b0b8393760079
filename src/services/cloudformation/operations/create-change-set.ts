import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { changeSetArn, stackArn, type ChangeSet, type Stack } from '../../../domain/stack.ts'
import { writeOperation } from '../../../kernel/operation.ts'
import type { RegionWrites } from '../../../storage/store.ts'
import { needPassRole, workerOf } from '../begin.ts'
import { conditionsOf, draftOf } from '../draft.ts'
import { errors } from '../errors.ts'
import { ofStack, tell } from '../events.ts'
import { findStack, needOn } from '../find-stack.ts'
import { newStack, requireRoom } from '../new-stack.ts'
import { planOf, requireUpdatable } from '../plan.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

const NO_CHANGES =
  "The submitted information didn't contain changes. Submit different information to create a change set."

const input = z.object({
  StackName: shape.stackName,
  ChangeSetName: shape.newChangeSetName,
  ChangeSetType: z.enum(['CREATE', 'UPDATE', 'IMPORT']).default('UPDATE'),
  ...shape.making,
  UsePreviousTemplate: shape.flag.optional(),
  Tags: shape.tags.optional(),
  Description: z.string().min(1).max(1024).optional(),
  ClientToken: shape.token.optional(),
  ResourcesToImport: shape.list(z.unknown(), 200).optional(),
  ImportExistingResources: shape.flag.default(false),
  IncludeNestedStacks: shape.flag.default(false),
  OnStackFailure: shape.onFailure.optional(),
  DeploymentMode: z.string().optional(),
})
type Input = z.infer<typeof input>

/** Plans the creation of a stack, or changes of one. */
export const CreateChangeSet = writeOperation({
  name: 'CreateChangeSet',
  errors: [
    errors.AlreadyExistsException,
    errors.InsufficientCapabilitiesException,
    errors.LimitExceededException,
    errors.ValidationError,
  ],
  input,
  load: ({ StackName }, call, { listing }) => findStack(StackName, call, listing),
  requires: (given, found, call) => [
    needOn(
      'CreateChangeSet',
      found,
      call,
      conditionsOf(given, { 'cloudformation:ChangeSetName': given.ChangeSetName }),
    ),
    ...needPassRole(given.RoleARN),
  ],
  async run(given, found, call, { writes, reads }) {
    refuseImports(given)
    const known = await subjectOf(given, found.stack, writes)
    if (known === null) await requireRoom(call, writes)
    const stack = known ?? newStack(call, given.StackName, randomUUID())
    const draft = draftOf(given, stack.blueprint.template === '' ? null : stack.blueprint, stack)
    await workerOf(draft.blueprint.roleArn, call, reads)
    const plan = await planOf(stack, draft, writes, true)
    const changeSet: ChangeSet = {
      id: randomUUID(),
      name: given.ChangeSetName,
      description: given.Description ?? null,
      type: given.ChangeSetType === 'CREATE' ? 'CREATE' : 'UPDATE',
      createdAt: call.now,
      ...(plan.hasChanges
        ? { status: 'CREATE_COMPLETE', statusReason: null, execution: 'AVAILABLE' }
        : { status: 'FAILED', statusReason: NO_CHANGES, execution: 'UNAVAILABLE' }),
      blueprint: draft.blueprint,
      changes: plan.changes,
      onStackFailure: given.OnStackFailure ?? null,
    }
    if (known === null) await tell(writes, stack, [ofStack({ ...stack, statusReason: 'User Initiated' })], call.now)
    await writes.putStackPart(stack.id, 'change-set', changeSet.id, changeSet)
    return { Id: changeSetArn(stack, changeSet.name, changeSet.id), StackId: stackArn(stack) }
  },
  record: (given, _found, output) => recordOf(given, output),
})

function refuseImports(given: Input): void {
  if (given.ChangeSetType === 'IMPORT' || given.ResourcesToImport !== undefined || given.ImportExistingResources) {
    throw errors.ValidationError(
      'Importing resources into a stack is not supported by this server. Make them by the template, or leave them outside.',
    )
  }
  if (given.DeploymentMode !== undefined) {
    throw errors.ValidationError(
      `DeploymentMode ${given.DeploymentMode} is not supported by this server. Leave it out: then the template decides.`,
    )
  }
}

/**
 * The stack that a change set is for; null where it has still to be made.
 *
 * @throws ValidationError or AlreadyExistsException where there cannot be one for it
 */
async function subjectOf(
  { ChangeSetType, StackName, ChangeSetName }: Input,
  found: Stack | null,
  writes: RegionWrites,
): Promise<Stack | null> {
  const stack = found?.deletedAt === null ? found : null
  if (stack === null) {
    if (ChangeSetType === 'CREATE' && !StackName.startsWith('arn:')) return null
    throw errors.ValidationError(`Stack [${StackName}] does not exist`)
  }
  if (stack.status === 'REVIEW_IN_PROGRESS') {
    if (ChangeSetType === 'UPDATE') throw errors.ValidationError(`Stack [${StackName}] does not exist`)
  } else if (ChangeSetType === 'CREATE') {
    throw errors.ValidationError(
      `Stack [${StackName}] already exists and cannot be created again with the changeSet [${ChangeSetName}].`,
    )
  } else requireUpdatable(stack)
  const others = await writes.stackParts(stack.id, 'change-set', null)
  if (others.some(({ name, execution }) => name === ChangeSetName && execution !== 'EXECUTED')) {
    throw errors.AlreadyExistsException(`ChangeSet ${ChangeSetName} cannot be created: it exists already.`)
  }
  return stack
}
