import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { stackArn, type Stack } from '../../../domain/stack.ts'
import { writeOperation } from '../../../kernel/operation.ts'
import { begin, isRepeated, needPassRole, newOperation, workerOf } from '../begin.ts'
import { conditionsOf, draftOf } from '../draft.ts'
import { errors } from '../errors.ts'
import { findStack, needOn } from '../find-stack.ts'
import { newStack, requireRoom } from '../new-stack.ts'
import { recordOf } from '../record.ts'
import { acceptStackPolicy } from '../stack-policy.ts'
import * as shape from '../shapes.ts'

/** Begins to make a stack. */
export const CreateStack = writeOperation({
  name: 'CreateStack',
  errors: [
    errors.AlreadyExistsException,
    errors.InsufficientCapabilitiesException,
    errors.LimitExceededException,
    errors.TokenAlreadyExistsException,
    errors.ValidationError,
  ],
  input: z.object({
    StackName: shape.newStackName,
    ...shape.making,
    Tags: shape.tags.optional(),
    DisableRollback: shape.flag.optional(),
    OnFailure: shape.onFailure.optional(),
    TimeoutInMinutes: shape.minutes.optional(),
    EnableTerminationProtection: shape.flag.default(false),
    RetainExceptOnCreate: shape.flag.default(false),
    StackPolicyBody: shape.stackPolicy.optional(),
    StackPolicyURL: shape.templateUrl.optional(),
    ClientRequestToken: shape.token.optional(),
  }),
  load: ({ StackName }, call, { listing }) => findStack(StackName, call, listing),
  requires: (given, found, call) => [
    needOn('CreateStack', { ...found, stack: null }, call, conditionsOf(given)),
    ...needPassRole(given.RoleARN),
  ],
  async run(given, { stack: known }, call, { writes, reads }) {
    if (known !== null && isRepeated(known, 'CreateStack', given.ClientRequestToken)) {
      return { StackId: stackArn(known) }
    }
    if (known !== null) throw errors.AlreadyExistsException(`Stack [${given.StackName}] already exists`)
    await requireRoom(call, writes)
    const stack = newStack(call, given.StackName, randomUUID())
    const { blueprint, template } = draftOf(given, null, stack)
    const disableRollback = given.DisableRollback ?? false
    if (given.DisableRollback !== undefined && given.OnFailure !== undefined) {
      throw errors.ValidationError('You can specify either DisableRollback or OnFailure, but not both.')
    }
    const origin = await workerOf(blueprint.roleArn, call, reads)
    const operation = newOperation(
      'CREATE',
      origin,
      {
        token: given.ClientRequestToken,
        onFailure: disableRollback ? 'DO_NOTHING' : (given.OnFailure ?? 'ROLLBACK'),
        retainExceptOnCreate: given.RetainExceptOnCreate,
        timeoutMinutes: given.TimeoutInMinutes ?? null,
      },
      call.now,
    )
    const begun: Stack = {
      ...stack,
      blueprint,
      description: template.description,
      disableRollback: operation.onFailure === 'DO_NOTHING',
      timeoutMinutes: given.TimeoutInMinutes ?? null,
      terminationProtection: given.EnableTerminationProtection,
      policy: acceptStackPolicy(given),
      lastRequest: { action: 'CreateStack', token: given.ClientRequestToken ?? null },
    }
    await begin(writes, begun, 'CREATE_IN_PROGRESS', operation, call.now)
    return { StackId: stackArn(stack) }
  },
  record: (input, _found, output) => recordOf(input, output),
})
