import { z } from 'zod'
import { stackArn } from '../../../domain/stack.ts'
import { writeOperation } from '../../../kernel/operation.ts'
import { begin, isRepeated, needPassRole, newOperation, workerOf } from '../begin.ts'
import { retireChangeSets } from '../change-sets.ts'
import { conditionsOf, draftOf } from '../draft.ts'
import { errors } from '../errors.ts'
import { findStack, living, needOn } from '../find-stack.ts'
import { NO_UPDATES, planOf, requireUpdatable } from '../plan.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { acceptStackPolicy, requireAllowedByPolicy } from '../stack-policy.ts'

/** Begins to change a stack. */
export const UpdateStack = writeOperation({
  name: 'UpdateStack',
  errors: [errors.InsufficientCapabilitiesException, errors.TokenAlreadyExistsException, errors.ValidationError],
  input: z.object({
    StackName: shape.stackName,
    ...shape.making,
    UsePreviousTemplate: shape.flag.optional(),
    Tags: shape.tags.optional(),
    DisableRollback: shape.flag.default(false),
    RetainExceptOnCreate: shape.flag.default(false),
    StackPolicyBody: shape.stackPolicy.optional(),
    StackPolicyURL: shape.templateUrl.optional(),
    StackPolicyDuringUpdateBody: shape.stackPolicy.optional(),
    StackPolicyDuringUpdateURL: shape.templateUrl.optional(),
    ClientRequestToken: shape.token.optional(),
  }),
  load: ({ StackName }, call, { listing }) => findStack(StackName, call, listing),
  requires: (given, found, call) => [
    needOn('UpdateStack', found, call, conditionsOf(given)),
    ...needPassRole(given.RoleARN),
  ],
  async run(given, found, call, { writes, reads }) {
    const stack = living(found)
    if (isRepeated(stack, 'UpdateStack', given.ClientRequestToken)) return { StackId: stackArn(stack) }
    requireUpdatable(stack)
    const draft = draftOf(given, stack.blueprint, stack)
    const plan = await planOf(stack, draft, writes)
    const policy = acceptStackPolicy(given) ?? stack.policy
    if (!plan.hasChanges && policy === stack.policy) throw errors.ValidationError(NO_UPDATES)
    requireAllowedByPolicy(stack, plan.changes, acceptStackPolicy(duringUpdate(given)))
    const operation = newOperation(
      'UPDATE',
      await workerOf(draft.blueprint.roleArn, call, reads),
      {
        token: given.ClientRequestToken,
        onFailure: given.DisableRollback ? 'DO_NOTHING' : 'ROLLBACK',
        retainExceptOnCreate: given.RetainExceptOnCreate,
      },
      call.now,
    )
    await retireChangeSets(stack, null, writes)
    const begun = {
      ...stack,
      blueprint: draft.blueprint,
      policy,
      updatedAt: call.now,
      disableRollback: given.DisableRollback,
      lastRequest: { action: 'UpdateStack', token: given.ClientRequestToken ?? null },
    }
    await begin(writes, begun, 'UPDATE_IN_PROGRESS', operation, call.now)
    return { StackId: stackArn(stack) }
  },
  record: (input, _found, output) => recordOf(input, output),
})

function duringUpdate(given: {
  readonly StackPolicyDuringUpdateBody?: string | undefined
  readonly StackPolicyDuringUpdateURL?: string | undefined
}) {
  return { StackPolicyBody: given.StackPolicyDuringUpdateBody, StackPolicyURL: given.StackPolicyDuringUpdateURL }
}
