import { z } from 'zod'
import { writeOperation, type Operation } from '../../../kernel/operation.ts'
import type { Call } from '../../../kernel/call.ts'
import { keepDrift, requireComparable, resourceDriftView, type ReadDrift } from '../drift.ts'
import { errors } from '../errors.ts'
import { existing, findStack, living, needOn } from '../find-stack.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

/** Compares one resource with what its stack says of it. */
export const detectStackResourceDrift = (readDrift: ReadDrift): Operation =>
  writeOperation({
    name: 'DetectStackResourceDrift',
    errors: [errors.ValidationError],
    input: z.object({ StackName: shape.stackName, LogicalResourceId: shape.logicalId }),
    load: async ({ StackName }, call: Call, { listing }) => ({ call, ...(await findStack(StackName, call, listing)) }),
    requires: (_given, found, call) => [needOn('DetectStackResourceDrift', found, call)],
    async ahead({ LogicalResourceId }, found) {
      const stack = living(found)
      requireComparable(stack)
      return readDrift(found.call, stack, [LogicalResourceId])
    },
    async run({ LogicalResourceId }, found, _call, { writes }, { drifts, failure }) {
      const stack = existing(found)
      if (failure !== null) throw errors.ValidationError(failure)
      await keepDrift(stack, drifts, writes)
      const row = await writes.stackPart(stack.id, 'resource', LogicalResourceId)
      if (row?.drift === null || row === null) {
        throw errors.ValidationError(`Resource ${LogicalResourceId} does not exist for stack ${stack.name}`)
      }
      return { StackResourceDrift: resourceDriftView(stack, row, row.drift) }
    },
    record: (given, _found, output) => recordOf(given, output),
  })
