import { z } from 'zod'
import { changeSetArn, type Stack } from '../../../domain/stack.ts'
import { writeOperation } from '../../../kernel/operation.ts'
import { begin, isRepeated, newOperation, workerOf } from '../begin.ts'
import { retireChangeSets } from '../change-sets.ts'
import { draftOfBlueprint } from '../draft.ts'
import { errors } from '../errors.ts'
import { existingChangeSet, findChangeSet, needOn } from '../find-stack.ts'
import { requireUpdatable } from '../plan.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { requireAllowedByPolicy } from '../stack-policy.ts'

/** Begins to make what a change set plans. */
export const ExecuteChangeSet = writeOperation({
  name: 'ExecuteChangeSet',
  errors: [
    errors.ChangeSetNotFound,
    errors.InvalidChangeSetStatus,
    errors.TokenAlreadyExistsException,
    errors.ValidationError,
  ],
  input: z.object({
    ChangeSetName: shape.changeSetName,
    StackName: shape.stackName.optional(),
    ClientRequestToken: shape.token.optional(),
    DisableRollback: shape.flag.optional(),
    RetainExceptOnCreate: shape.flag.default(false),
  }),
  load: (given, call, { listing }) => findChangeSet(given, call, listing),
  requires: (_given, found, call) => [
    needOn('ExecuteChangeSet', found, call, { 'cloudformation:ChangeSetName': found.changeSetNamed }),
  ],
  async run(given, found, call, { writes, reads }) {
    const { stack, changeSet } = existingChangeSet(found)
    if (isRepeated(stack, 'ExecuteChangeSet', given.ClientRequestToken)) return {}
    const id = changeSetArn(stack, changeSet.name, changeSet.id)
    if (changeSet.execution !== 'AVAILABLE') {
      throw errors.InvalidChangeSetStatus(
        `ChangeSet [${id}] cannot be executed in its current status of [${changeSet.status}] and execution status of ` +
          `[${changeSet.execution}]`,
      )
    }
    const isCreation = stack.status === 'REVIEW_IN_PROGRESS'
    if (!isCreation) requireUpdatable(stack)
    requireAllowedByPolicy(stack, changeSet.changes, null)
    const { blueprint } = changeSet
    const onFailure = given.DisableRollback === true ? 'DO_NOTHING' : (changeSet.onStackFailure ?? 'ROLLBACK')
    const operation = newOperation(
      isCreation ? 'CREATE' : 'UPDATE',
      await workerOf(blueprint.roleArn, call, reads),
      { token: given.ClientRequestToken, onFailure, retainExceptOnCreate: given.RetainExceptOnCreate },
      call.now,
    )
    await writes.putStackPart(stack.id, 'change-set', changeSet.id, { ...changeSet, execution: 'EXECUTED' })
    await retireChangeSets(stack, changeSet.id, writes)
    const begun: Stack = {
      ...stack,
      blueprint,
      description: isCreation ? draftOfBlueprint(blueprint, stack).template.description : stack.description,
      updatedAt: call.now,
      disableRollback: onFailure === 'DO_NOTHING',
      changeSetId: id,
      lastRequest: { action: 'ExecuteChangeSet', token: given.ClientRequestToken ?? null },
    }
    await begin(writes, begun, isCreation ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS', operation, call.now)
    return {}
  },
  record: (input) => recordOf(input),
})
