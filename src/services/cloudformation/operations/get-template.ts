import { z } from 'zod'
import { readOperation } from '../../../kernel/operation.ts'
import { errors } from '../errors.ts'
import {
  existing,
  existingChangeSet,
  findChangeSet,
  findStack,
  needOn,
  type FoundChangeSet,
  type FoundStack,
} from '../find-stack.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Gives the template of a stack, or of a change set, as it was sent. */
export const GetTemplate = readOperation({
  name: 'GetTemplate',
  errors: [errors.ChangeSetNotFound, errors.ValidationError],
  input: z.object({
    StackName: shape.stackName.optional(),
    ChangeSetName: shape.changeSetName.optional(),
    TemplateStage: z.enum(['Original', 'Processed']).default('Original'),
  }),
  async load({ StackName, ChangeSetName }, call, { listing }): Promise<FoundStack | FoundChangeSet> {
    if (ChangeSetName !== undefined) return findChangeSet({ ChangeSetName, StackName }, call, listing)
    if (StackName !== undefined) return findStack(StackName, call, listing)
    throw errors.ValidationError('StackName is required if ChangeSetName is not specified.')
  },
  requires: (_given, found, call) => [needOn('GetTemplate', found, call)],
  run(_given, found) {
    const { blueprint } = 'changeSet' in found ? existingChangeSet(found).changeSet : existing(found)
    return { TemplateBody: blueprint.template, StagesAvailable: ['Original', 'Processed'] }
  },
  record: (input) => recordOf(input),
})
