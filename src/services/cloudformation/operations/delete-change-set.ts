import { z } from 'zod'
import { writeOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import { findChangeSet, needOn, noSuchStack } from '../find-stack.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Forgets a change set. One that is not there is no error. */
export const DeleteChangeSet = writeOperation({
  name: 'DeleteChangeSet',
  errors: [errors.InvalidChangeSetStatus, errors.ValidationError],
  input: z.object({ ChangeSetName: shape.changeSetName, StackName: shape.stackName.optional() }),
  load: (given, call, { listing }) => findChangeSet(given, call, listing),
  requires: (_given, found, call) => [
    needOn('DeleteChangeSet', found, call, { 'cloudformation:ChangeSetName': found.changeSetNamed }),
  ],
  async run({ StackName }, { stack, changeSet }, _call, { writes }) {
    if (stack === null && StackName !== undefined) throw noSuchStack(StackName)
    if (stack === null || changeSet === null) return {}
    if (changeSet.execution === 'EXECUTED' && stack.operation !== null) {
      throw errors.InvalidChangeSetStatus(`The change set ${changeSet.name} is being executed. Wait for its end.`)
    }
    await writes.deleteStackPart(stack.id, 'change-set', changeSet.id)
    return {}
  },
  record: (input) => recordOf(input),
})
