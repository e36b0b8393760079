import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { DriftDetection, Stack } from '../../../domain/stack.ts'
import { writeOperation, type Operation } from '../../../kernel/operation.ts'
import type { Call } from '../../../kernel/call.ts'
import { keepDrift, requireComparable, type ReadDrift } from '../drift.ts'
import { errors } from '../errors.ts'
import { existing, findStack, living, needOn } from '../find-stack.ts'
import { recordOf } from '../record.ts'
import * as shape from '../shapes.ts'

const input = z.object({
  StackName: shape.stackName,
  LogicalResourceIds: shape.list(shape.logicalId, 200).optional(),
})

/** Compares the resources of a stack with what the stack says of them. */
export const detectStackDrift = (readDrift: ReadDrift): Operation =>
  writeOperation({
    name: 'DetectStackDrift',
    errors: [errors.ValidationError],
    input,
    load: async ({ StackName }, call: Call, { listing }) => ({ call, ...(await findStack(StackName, call, listing)) }),
    requires: (_given, found, call) => [needOn('DetectStackDrift', found, call)],
    async ahead({ LogicalResourceIds }, found) {
      const stack = living(found)
      requireComparable(stack)
      return readDrift(found.call, stack, LogicalResourceIds ?? null)
    },
    async run(_given, found, { now }, { writes }, { drifts, failure }) {
      const stack = existing(found)
      const id = randomUUID()
      const drifted = [...drifts.values()].filter(({ status }) => status === 'MODIFIED' || status === 'DELETED').length
      const drift: NonNullable<DriftDetection['drift']> = drifted > 0 ? 'DRIFTED' : 'IN_SYNC'
      const detection: DriftDetection = {
        id,
        status: failure === null ? 'DETECTION_COMPLETE' : 'DETECTION_FAILED',
        statusReason: failure,
        drift: failure === null ? drift : null,
        drifted,
        at: now,
      }
      await keepDrift(stack, drifts, writes)
      await writes.putStackPart(stack.id, 'detection', id, detection)
      const checked: Stack = { ...stack, drift: { status: drift, checkedAt: now } }
      if (failure === null) await writes.putStack(checked)
      return { StackDriftDetectionId: id }
    },
    record: (given, _found, output) => recordOf(given, output),
  })
