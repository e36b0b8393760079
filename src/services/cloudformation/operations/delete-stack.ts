import { z } from 'zod'
import { stackArn, type Stack, type StackStatus } from '../../../domain/stack.ts'
import { writeOperation } from '../../../kernel/operation.ts'
import type { RegionReads } from '../../../storage/store.ts'
import { begin, isRepeated, needPassRole, newOperation, workerOf } from '../begin.ts'
import { conditionsOf } from '../draft.ts'
import { errors } from '../errors.ts'
import { findStack, needOn } from '../find-stack.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'
import { requireUnused } from '../worker/links.ts'

/** In these a stack has to come to rest before it can be deleted. */
const UNDER_WAY: readonly StackStatus[] = [
  'UPDATE_IN_PROGRESS',
  'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  'ROLLBACK_IN_PROGRESS',
]

/** Begins to delete a stack. One that does not exist, or no more, is no error. */
export const DeleteStack = writeOperation({
  name: 'DeleteStack',
  errors: [errors.TokenAlreadyExistsException, errors.ValidationError],
  input: z.object({
    StackName: shape.stackName,
    RetainResources: shape.list(shape.logicalId, 500).default([]),
    RoleARN: shape.roleArn.optional(),
    ClientRequestToken: shape.token.optional(),
    DeletionMode: z.enum(['STANDARD', 'FORCE_DELETE_STACK']).default('STANDARD'),
  }),
  load: ({ StackName }, call, { listing }) => findStack(StackName, call, listing),
  requires: (given, found, call) => [
    needOn('DeleteStack', found, call, conditionsOf({ RoleARN: given.RoleARN })),
    ...needPassRole(given.RoleARN),
  ],
  async run(given, { stack }, call, { writes, reads }): Promise<void> {
    if (stack === null || stack.deletedAt !== null || stack.status === 'DELETE_IN_PROGRESS') return
    if (isRepeated(stack, 'DeleteStack', given.ClientRequestToken)) return
    await requireDeletable(stack, given, writes)
    const roleArn = given.RoleARN ?? stack.blueprint.roleArn
    const operation = newOperation(
      'DELETE',
      await workerOf(roleArn, call, reads),
      {
        token: given.ClientRequestToken,
        retain: given.RetainResources,
        isForced: given.DeletionMode === 'FORCE_DELETE_STACK',
      },
      call.now,
    )
    const asked: Stack = {
      ...stack,
      lastRequest: { action: 'DeleteStack', token: given.ClientRequestToken ?? null },
    }
    // What is being made is finished first, so that it is known what there is.
    if (stack.status === 'CREATE_IN_PROGRESS' && stack.operation !== null) {
      await writes.putStack({ ...asked, operation: { ...stack.operation, next: operation } })
      return
    }
    await begin(writes, asked, 'DELETE_IN_PROGRESS', operation, call.now)
  },
  record: (input) => recordOf(input),
})

async function requireDeletable(
  stack: Stack,
  { RetainResources, DeletionMode }: { readonly RetainResources: readonly string[]; readonly DeletionMode: string },
  reads: RegionReads,
): Promise<void> {
  if (DeletionMode === 'FORCE_DELETE_STACK' && stack.status !== 'DELETE_FAILED') {
    throw errors.ValidationError('Deletion mode FORCE_DELETE_STACK can only be used on stacks in DELETE_FAILED state.')
  }
  if (stack.terminationProtection) {
    throw errors.ValidationError(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`)
  }
  if (UNDER_WAY.includes(stack.status)) {
    throw errors.ValidationError(`Stack [${stack.name}] cannot be deleted while in status ${stack.status}`)
  }
  if (RetainResources.length > 0) {
    if (stack.status !== 'DELETE_FAILED') {
      throw errors.ValidationError(
        `Invalid operation on stack [${stackArn(stack)}]. When you delete a stack, specify which resources to retain ` +
          'only when the stack is in the DELETE_FAILED state.',
      )
    }
    const rows = await reads.stackParts(stack.id, 'resource', null)
    const unknown = RetainResources.filter((name) => !rows.some(({ logicalId }) => logicalId === name))
    if (unknown.length > 0) {
      throw errors.ValidationError(
        `The specified resources to retain do not exist in stack ${stack.name}: [${unknown.join(', ')}]`,
      )
    }
  }
  for (const { name } of await reads.linksOf(stack.account, stack.id, 'export')) {
    await requireUnused(stack.account, name, 'deleted', reads)
  }
}
